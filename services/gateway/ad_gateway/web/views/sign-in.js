// @ts-check
/** The door: an API key, or a user name and a password. */

import { html, useState } from "../lib.js";
import * as session from "../session.js";
import { Choice, Notice } from "./bits.js";

const WAYS = [
  { value: "key", label: "API key" },
  { value: "password", label: "User name" },
];

/** @param {{why: string}} props */
export function SignIn({ why }) {
  const [way, setWay] = useState("key");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {Error | null} */ (null));

  /** @param {SubmitEvent & {currentTarget: HTMLFormElement}} event */
  async function submit(event) {
    event.preventDefault();
    const entered = new FormData(event.currentTarget);
    const word = (/** @type {string} */ name) => String(entered.get(name) ?? "");
    setBusy(true);
    setError(null);
    try {
      if (way === "key") await session.signInWithKey(word("key"));
      else await session.signIn(word("username"), word("password"), word("otp"));
    } catch (problem) {
      setError(problem instanceof Error ? problem : new Error(String(problem)));
      setBusy(false);
    }
  }

  return html`
    <main class="door">
      <form class="card" onSubmit=${submit}>
        <img src="web/icon.svg" alt="" width="44" height="44" />
        <h1>Anomaly detection</h1>
        <p class="muted">Sign in to watch your streams.</p>
        ${why && !error && html`<${Notice} kind="info">${why}<//>`}
        <${Choice} label="Sign in with" name="way" options=${WAYS} value=${way} change=${setWay} />
        ${way === "key" ? html`<${KeyField} />` : html`<${PasswordFields} />`}
        ${error && html`<${Notice} kind="error">${error.message}<//>`}
        <button class="primary" disabled=${busy}>${busy ? "Signing in…" : "Sign in"}</button>
      </form>
    </main>
  `;
}

function KeyField() {
  return html`
    <label class="field" key="key">
      <span>API key</span>
      <input name="key" type="password" required autofocus autocomplete="off" spellcheck=${false}
        placeholder="ad_…" />
      <small class="muted">
        The first administrator’s key is in the file <code>admin.key</code> of the data folder.
      </small>
    </label>
  `;
}

function PasswordFields() {
  return html`
    <label class="field" key="username">
      <span>User name</span>
      <input name="username" required autofocus autocomplete="username" autocapitalize="none" />
    </label>
    <label class="field" key="password">
      <span>Password</span>
      <input name="password" type="password" required autocomplete="current-password" />
    </label>
    <label class="field" key="otp">
      <span>Code</span>
      <input name="otp" autocomplete="one-time-code" autocapitalize="none" spellcheck=${false} />
      <small class="muted">Of your app, if you have a second factor; else leave it empty.</small>
    </label>
  `;
}
