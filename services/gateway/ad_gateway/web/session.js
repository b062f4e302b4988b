// @ts-check
/** Who is signed in: tokens live in this tab only, and are renewed when they end. */

import { Problem, send } from "./http.js";

/**
 * @typedef {{access: string, refresh: string | null, name: string, tenant: string}} Session
 * @typedef {{access_token: string, refresh_token?: string | null, tenant?: string}} Tokens
 * @typedef {(session: Session | null, why: string) => void} Listener
 */

export const CLIENT = "dashboard";
const STORED = "anomaly_detection.session";
/** The environment is left out of keys of old. */
const API_KEY = /^ad_(?:[a-z]{2,12}_(?=[0-9a-f]{16}_))?([^_]+)_(.+)$/;

/** @type {Set<Listener>} */
const listeners = new Set();
/** @type {Session | null} */
let session = stored();
/** @type {Promise<boolean> | null} */
let renewal = null;
/** An API key has no refresh token; it is kept in memory so that the tab can go on, and never stored.
 * @type {Record<string, string> | null} */
let credentials = null;

export const current = () => session;

/** @param {Listener} listener */
export function listen(listener) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** @param {string} code @param {string} address @param {string} verifier */
export async function signInWithCode(code, address, verifier) {
  const asked = { grant_type: "authorization_code", code, redirect_uri: address, code_verifier: verifier };
  await enter(await grant({ ...asked, client_id: CLIENT }), "signed in");
}

/** @param {string} key */
export async function signInWithKey(key) {
  const parts = API_KEY.exec(key.trim());
  if (!parts) throw new Problem(400, "Not an API key", "An API key looks like ad_<environment>_<id>_<secret>.");
  const client = { grant_type: "client_credentials", client_id: parts[1], client_secret: parts[2] };
  await enter(await grant(client), `key ${parts[1]}`);
  credentials = client;
}

/** Leaves, and makes the refresh token useless. */
export function signOut() {
  const token = session?.refresh;
  leave("");
  if (token) void send("POST", "auth/revoke", { json: { token, client_id: CLIENT } }).catch(() => undefined);
}

/** New tokens for the old; several callers share one renewal. False once the person has to sign in again. */
export function renew() {
  renewal ??= renewed().finally(() => (renewal = null));
  return renewal;
}

async function renewed() {
  if (!session) return false;
  const asked = session.refresh
    ? { grant_type: "refresh_token", refresh_token: session.refresh, client_id: CLIENT }
    : credentials;
  try {
    if (!asked) throw new Problem(401, "Session ended", "");
    accept(await grant(asked), session.name);
    return true;
  } catch (error) {
    if (error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429) {
      leave("Your session has ended. Sign in again to go on.");
      return false;
    }
    throw error;
  }
}

/** @param {Record<string, string>} form @returns {Promise<Tokens>} */
const grant = (form) => send("POST", "auth/token", { form });

/** Goes in under the name that the platform knows. @param {Tokens} tokens @param {string} fallback */
async function enter(tokens, fallback) {
  const token = tokens.access_token;
  const me = await send("GET", "auth/me", { token }).catch(() => null);
  accept({ tenant: me?.tenant, ...tokens }, me?.name || fallback);
}

/** @param {Tokens} tokens @param {string} name */
function accept(tokens, name) {
  change({
    access: tokens.access_token,
    refresh: tokens.refresh_token ?? null,
    name,
    tenant: tokens.tenant ?? "default",
  });
}

/** @param {string} why */
function leave(why) {
  credentials = null;
  change(null, why);
}

/** @param {Session | null} next */
function change(next, why = "") {
  session = next;
  if (next) sessionStorage.setItem(STORED, JSON.stringify(next));
  else sessionStorage.removeItem(STORED);
  for (const listener of listeners) listener(next, why);
}

/** @returns {Session | null} */
function stored() {
  const text = sessionStorage.getItem(STORED);
  return text ? JSON.parse(text) : null;
}
