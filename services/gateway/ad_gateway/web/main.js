// @ts-check
/** The page: the dashboard for who is signed in, the door for who is not. */

import { html, render, useEffect, useState } from "./lib.js";
import * as session from "./session.js";
import { Dashboard } from "./views/dashboard.js";
import { SignIn } from "./views/sign-in.js";

function Page() {
  const [state, setState] = useState({ person: session.current(), why: "" });
  useEffect(() => session.listen((person, why) => setState({ person, why })), []);
  if (!state.person) return html`<${SignIn} why=${state.why} />`;
  return html`<${Dashboard} key=${state.person.name} person=${state.person} />`;
}

const place = document.getElementById("page");
if (place) {
  place.textContent = "";
  render(html`<${Page} />`, place);
}
