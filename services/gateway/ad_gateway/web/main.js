// @ts-check
/** The page: the dashboard for who is signed in, the door for who is not. */

import { comeBack } from "./authorization.js";
import { html, render, useEffect, useState } from "./lib.js";
import * as session from "./session.js";
import { Dashboard } from "./views/dashboard.js";
import { SignIn } from "./views/sign-in.js";

/** @param {{why: string}} props */
function Page({ why }) {
  const [state, setState] = useState({ person: session.current(), why });
  useEffect(() => session.listen((person, why) => setState({ person, why })), []);
  if (!state.person) return html`<${SignIn} why=${state.why} />`;
  return html`<${Dashboard} key=${state.person.name} person=${state.person} />`;
}

const place = document.getElementById("page");
if (place) {
  const why = await comeBack();
  place.textContent = "";
  render(html`<${Page} why=${why} />`, place);
}
