// @ts-check
/** The anomalies that the page knows: newest first, each once, a limited number of each stream. */

import { milliseconds } from "./format.js";

/**
 * @typedef {import("./types.js").Anomaly} Anomaly
 * @typedef {import("./types.js").Severity} Severity
 * @typedef {Anomaly & {eventAt: number, detectedAt: number}} Known
 */

/** @type {Severity[]} */
export const SEVERITIES = ["low", "medium", "high", "critical"];
/** As many as the chart has records. */
const KEPT_PER_STREAM = 2000;

/**
 * @param {Map<string, Known[]>} known
 * @param {Anomaly[]} found
 * @returns {Map<string, Known[]>}
 */
export function added(known, found) {
  const next = new Map(known);
  /** @type {Map<string, Anomaly[]>} */
  const fresh = new Map();
  for (const each of found) fresh.set(each.stream, [...(fresh.get(each.stream) ?? []), each]);
  for (const [stream, list] of fresh) next.set(stream, merged(known.get(stream) ?? [], list));
  return next;
}

/**
 * The newest of one stream, or of all, at or above a severity.
 * @param {Map<string, Known[]>} known
 * @param {string | null} stream
 * @param {Severity} severity
 */
export function newest(known, stream, severity) {
  const lists = stream ? [known.get(stream) ?? []] : [...known.values()];
  const lowest = SEVERITIES.indexOf(severity);
  return lists
    .flat()
    .filter((each) => SEVERITIES.indexOf(each.severity) >= lowest)
    .sort(byAge);
}

/** The field that made the anomaly stand out most. @param {Anomaly} anomaly */
export function mainField(anomaly) {
  return contributions(anomaly)[0]?.name ?? null;
}

/** Largest first, with its share of the whole. @param {Anomaly} anomaly */
export function contributions(anomaly) {
  const found = Object.entries(anomaly.contributions ?? {}).map(([name, size]) => ({
    name,
    size: size ?? 0,
  }));
  const whole = found.reduce((sum, each) => sum + Math.abs(each.size), 0) || 1;
  return found
    .map((each) => ({ ...each, share: Math.abs(each.size) / whole }))
    .sort((one, other) => other.share - one.share);
}

/** @param {Known[]} known @param {Anomaly[]} found */
function merged(known, found) {
  const byId = new Map(known.map((each) => [each.id, each]));
  for (const each of found) {
    const eventAt = milliseconds(each.event_time);
    byId.set(each.id, { ...each, eventAt, detectedAt: milliseconds(each.detected_time) });
  }
  return [...byId.values()].sort(byAge).slice(0, KEPT_PER_STREAM);
}

/** @param {Known} one @param {Known} other */
function byAge(one, other) {
  return other.detectedAt - one.detectedAt || other.eventAt - one.eventAt || (one.id < other.id ? 1 : -1);
}
