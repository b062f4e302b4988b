// @ts-check
/** One request to the REST interface; what is not an answer becomes a Problem (RFC 9457). */

/** The page may be served under a path, so addresses start from this file. */
export const ROOT = new URL("../", import.meta.url);
export const API = new URL("api/v1/", ROOT);

const TIME_LIMIT_MS = 20_000;

export class Problem extends Error {
  /** @param {number} status @param {string} title @param {string} detail */
  constructor(status, title, detail) {
    super(detail || title);
    this.status = status;
    this.title = title;
  }
}

/**
 * @param {string} method
 * @param {string} path below /api/v1/
 * @param {{token?: string, json?: unknown, form?: Record<string, string>, signal?: AbortSignal}} [options]
 */
export async function send(method, path, { token, json, form, signal } = {}) {
  const headers = new Headers({ Accept: "application/json" });
  if (token) headers.set("Authorization", `Bearer ${token}`);
  if (json !== undefined) headers.set("Content-Type", "application/json");
  const body = form ? new URLSearchParams(form) : json === undefined ? undefined : JSON.stringify(json);
  const limit = AbortSignal.timeout(TIME_LIMIT_MS);
  const either = signal ? AbortSignal.any([signal, limit]) : limit;
  const answer = await reach(new URL(path, API), { method, headers, body, signal: either }, signal);
  if (!answer.ok) throw await problem(answer);
  return answer.status === 204 ? null : answer.json();
}

/** @param {URL} address @param {RequestInit} request @param {AbortSignal} [stopped] */
async function reach(address, request, stopped) {
  try {
    return await fetch(address, request);
  } catch (error) {
    if (stopped?.aborted) throw error;
    throw new Problem(0, "No answer", `${address.host} does not answer; the page goes on trying.`);
  }
}

/** @param {Response} answer */
async function problem(answer) {
  const body = await answer.json().catch(() => ({}));
  const fields = (body.errors ?? []).map((/** @type {any} */ each) => `${each.field}: ${each.message}`);
  const detail = [body.detail, ...fields].filter(Boolean).join(" · ");
  return new Problem(answer.status, body.title ?? `Status ${answer.status}`, detail);
}
