// @ts-check
/** The calls of the page, each with the token of the person signed in. */

import { Problem, send } from "./http.js";
import * as session from "./session.js";

/**
 * @typedef {import("./types.js").Anomaly} Anomaly
 * @typedef {import("./types.js").Deployment} Deployment
 * @typedef {import("./types.js").Row} Row
 * @typedef {import("./types.js").Severity} Severity
 * @typedef {import("./types.js").Stream} Stream
 */

export const NEWEST_RECORDS = 2000;
const LIST_LIMIT = 1000;

/** @param {string} path @param {AbortSignal} [signal] */
async function get(path, signal) {
  const token = session.current()?.access;
  try {
    return await send("GET", path, { token, signal });
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) throw error;
    // Another call may have renewed the token meanwhile.
    if (session.current()?.access === token && !(await session.renew())) throw error;
    return send("GET", path, { token: session.current()?.access, signal });
  }
}

/** @param {any} answer @returns {any[]} */
const items = (answer) => (Array.isArray(answer) ? answer : answer.items);

/** @param {AbortSignal} [signal] @returns {Promise<Stream[]>} */
export const streams = async (signal) => items(await get(`streams?limit=${LIST_LIMIT}`, signal));

/** Null for who may not see models. @param {AbortSignal} [signal] @returns {Promise<Deployment[] | null>} */
export async function deployments(signal) {
  try {
    return items(await get(`deployments?limit=${LIST_LIMIT}`, signal));
  } catch (error) {
    if (error instanceof Problem && error.status === 403) return null;
    throw error;
  }
}

/** @param {string} stream @param {AbortSignal} [signal] @returns {Promise<Row[]>} */
export async function records(stream, signal) {
  const query = `latest=true&limit=${NEWEST_RECORDS}&format=json`;
  return items(await get(`streams/${encodeURIComponent(stream)}/records?${query}`, signal));
}

/**
 * The newest anomalies of one stream. @param {string} stream @param {AbortSignal} [signal]
 * @returns {Promise<Anomaly[]>}
 */
export async function anomalies(stream, signal) {
  return (await anomalyPage({ stream, limit: LIST_LIMIT }, signal)).items;
}

/**
 * Anomalies of one stream or of all, at or above a severity, newest event first.
 * @param {{stream?: string | null, severity?: Severity, limit: number, cursor?: string | null}} wanted
 * @param {AbortSignal} [signal]
 * @returns {Promise<{items: Anomaly[], next_cursor: string | null}>}
 */
export function anomalyPage(wanted, signal) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(wanted)) if (value) query.set(name, String(value));
  return get(`anomalies?${query}`, signal);
}
