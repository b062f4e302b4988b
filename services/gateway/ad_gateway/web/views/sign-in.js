// @ts-check
/** The door: the platform's sign-in page, or an API key. */

import { goToSignIn } from "../authorization.js";
import { html, useState } from "../lib.js";
import * as session from "../session.js";
import { Notice } from "./bits.js";

/** @param {{why: string}} props */
export function SignIn({ why }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {Error | null} */ (null));

  /** @param {() => Promise<void>} way */
  async function enter(way) {
    setBusy(true);
    setError(null);
    try {
      await way();
    } catch (problem) {
      setError(problem instanceof Error ? problem : new Error(String(problem)));
      setBusy(false);
    }
  }

  /** @param {SubmitEvent & {currentTarget: HTMLFormElement}} event */
  function submit(event) {
    event.preventDefault();
    const key = String(new FormData(event.currentTarget).get("key") ?? "");
    void enter(() => session.signInWithKey(key));
  }

  return html`
    <main class="door">
      <form class="card" onSubmit=${submit}>
        <img src="web/icon.svg" alt="" width="44" height="44" />
        <h1>Anomaly detection</h1>
        <p class="muted">Sign in to watch your streams.</p>
        ${why && !error && html`<${Notice} kind="info">${why}<//>`}
        ${error && html`<${Notice} kind="error">${error.message}<//>`}
        <button class="primary" type="button" disabled=${busy} onClick=${() => enter(goToSignIn)}>
          Sign in with user name
        </button>
        <${KeyField} />
        <button class="quiet" disabled=${busy}>Sign in with the key</button>
      </form>
    </main>
  `;
}

function KeyField() {
  return html`
    <label class="field" key="key">
      <span>API key</span>
      <input name="key" type="password" required autocomplete="off" spellcheck=${false}
        placeholder="ad_…" />
      <small class="muted">
        The first administrator’s key is in the file <code>admin.key</code> of the data folder.
      </small>
    </label>
  `;
}
