// @ts-check
/** Signing in on the platform's own page: authorization code with PKCE. This page never sees the password. */

import { API, Problem, ROOT } from "./http.js";
import { CLIENT, signInWithCode } from "./session.js";

const PENDING = "anomaly_detection.sign-in";
const VERIFIER_BYTES = 48;
const STATE_BYTES = 24;

/** Leaves for the sign-in page, which comes back here with a code. */
export async function goToSignIn() {
  if (!crypto.subtle) {
    const detail = "Browsers allow this over https or on the platform's own machine only; use an API key here.";
    throw new Problem(0, "Not possible here", detail);
  }
  const pending = { verifier: random(VERIFIER_BYTES), state: random(STATE_BYTES) };
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(pending.verifier));
  const address = new URL("auth/authorize", API);
  address.search = new URLSearchParams({
    response_type: "code",
    client_id: CLIENT,
    redirect_uri: ROOT.href,
    state: pending.state,
    code_challenge: encoded(new Uint8Array(digest)),
    code_challenge_method: "S256",
  }).toString();
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  location.assign(address);
}

/** Takes the answer of the sign-in page out of the address; gives what went wrong, if anything. */
export async function comeBack() {
  const told = new URLSearchParams(location.search);
  if (!told.has("code") && !told.has("error")) return "";
  const pending = JSON.parse(sessionStorage.getItem(PENDING) ?? "null");
  sessionStorage.removeItem(PENDING);
  // A code does not stay in the history, and a reload does not send it again.
  history.replaceState(null, "", ROOT.pathname + location.hash);
  if (!pending || pending.state !== told.get("state")) return "This was not the answer to a sign-in of this tab.";
  if (told.get("error") === "access_denied") return "";
  const code = told.get("code");
  if (!code) return told.get("error_description") ?? "The sign-in was not completed.";
  try {
    await signInWithCode(code, ROOT.href, pending.verifier);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** @param {number} bytes */
const random = (bytes) => encoded(crypto.getRandomValues(new Uint8Array(bytes)));

/** @param {Uint8Array} bytes */
const encoded = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
