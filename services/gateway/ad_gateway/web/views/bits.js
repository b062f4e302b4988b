// @ts-check
/** Small things that several views show. */

import { local, utc } from "../format.js";
import { html, useState } from "../lib.js";

const COPIED_MS = 1500;

/** A time in the viewer's zone, with UTC when pointed at. @param {{at: number}} props */
export function Time({ at }) {
  return html`<time dateTime=${Number.isFinite(at) ? new Date(at).toISOString() : ""} title=${utc(at)}>
    ${local(at)}
  </time>`;
}

/** @param {{severity: string}} props */
export function SeverityMark({ severity }) {
  return html`<span class="severity ${severity}">${severity}</span>`;
}

/** @param {{kind: "info" | "error", children?: any}} props */
export function Notice({ kind, children }) {
  return html`<p class="notice ${kind}" role=${kind === "error" ? "alert" : "status"}>${children}</p>`;
}

/** Commands to paste into a terminal. @param {{text: string}} props */
export function Commands({ text }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), COPIED_MS);
  };
  // Browsers give the clipboard only to pages from https or from this machine.
  const button =
    navigator.clipboard && html`<button class="quiet" onClick=${copy}>${copied ? "Copied" : "Copy"}</button>`;
  return html`<div class="commands"><pre tabindex="0">${text}</pre>${button}</div>`;
}

/**
 * One of several, as a row of buttons.
 * @param {{label: string, name: string, options: {value: string, label: string}[], value: string,
 *   change: (value: string) => void}} props
 */
export function Choice({ label, name, options, value, change }) {
  return html`
    <fieldset class="choice">
      <legend class="hidden">${label}</legend>
      ${options.map(
        (each) => html`
          <label key=${each.value}>
            <input type="radio" name=${name} checked=${value === each.value}
              onChange=${() => change(each.value)} />
            <span>${each.label}</span>
          </label>
        `,
      )}
    </fieldset>
  `;
}

/**
 * One of many.
 * @param {{label: string, options: {value: string, label: string}[], value: string,
 *   change: (value: string) => void}} props
 */
export function Select({ label, options, value, change }) {
  const chosen = (/** @type {any} */ event) => change(event.currentTarget.value);
  return html`
    <label class="select">
      <span>${label}</span>
      <select value=${value} onChange=${chosen}>
        ${options.map((each) => html`<option key=${each.value} value=${each.value}>${each.label}</option>`)}
      </select>
    </label>
  `;
}
