// @ts-check
/** The anomalies that the page knows: newest event first, each once, a limited number of each stream. */

import { milliseconds } from "./format.js";

/**
 * @typedef {import("./types.js").Anomaly} Anomaly
 * @typedef {import("./types.js").Severity} Severity
 * @typedef {Anomaly & {eventAt: number, detectedAt: number, arrivedAt: number}} Known
 *   with the time at which the live feed brought it to this page, 0 when it did not
 */

/** @type {Severity[]} */
export const SEVERITIES = ["low", "medium", "high", "critical"];
/** As many as the chart has records. */
const KEPT_PER_STREAM = 2000;

/** Parts of the whole below this are not what made an anomaly stand out. */
const MINOR_SHARE = 0.1;

/**
 * @param {Map<string, Known[]>} known
 * @param {Anomaly[]} found
 * @param {number} [arrivedAt]
 * @returns {Map<string, Known[]>}
 */
export function added(known, found, arrivedAt = 0) {
  const next = new Map(known);
  /** @type {Map<string, Anomaly[]>} */
  const fresh = new Map();
  for (const each of found) fresh.set(each.stream, [...(fresh.get(each.stream) ?? []), each]);
  for (const [stream, list] of fresh) {
    const all = merged(known.get(stream) ?? [], list, arrivedAt);
    next.set(stream, all.slice(0, KEPT_PER_STREAM));
  }
  return next;
}

/**
 * What a list shows: the rows that were asked for, and what the page came to know since. What is known from
 * before the last row stays out while there are more to ask for: it would stand there with holes between.
 * @param {Known[]} rows  of one stream or all, at or above a severity, newest first
 * @param {boolean} more
 * @param {Map<string, Known[]>} known
 * @param {string | null} stream
 * @param {Severity} severity
 */
export function listed(rows, more, known, stream, severity) {
  const lowest = SEVERITIES.indexOf(severity);
  const last = more ? rows[rows.length - 1] : undefined;
  const lists = stream ? [known.get(stream) ?? []] : [...known.values()];
  const since = lists
    .flat()
    .filter((each) => SEVERITIES.indexOf(each.severity) >= lowest && (!last || byAge(each, last) < 0));
  const corrected = superseded(lists.flat());
  const all = [...rows, ...since].filter((each) => stands(each, corrected));
  return [...new Map(all.map((each) => [each.id, each])).values()].sort(byAge);
}

/** Those that no correction superseded, and no retractions. @param {Known[]} known */
export function standing(known) {
  const corrected = superseded(known);
  return known.filter((each) => stands(each, corrected));
}

/** @param {Known} anomaly @param {Set<string>} corrected */
const stands = (anomaly, corrected) => !anomaly.retracted && !corrected.has(anomaly.id);

/** @param {Known[]} known */
const superseded = (known) => new Set(known.flatMap(({ supersedes }) => supersedes ?? []));

/** Whether "expected" is the closest value seen before, and not a forecast. @param {Anomaly} anomaly */
export const isNearest = (anomaly) => anomaly.algorithm === "adaptive";

/** The field that made the anomaly stand out most. @param {Anomaly} anomaly */
export function mainField(anomaly) {
  return contributions(anomaly)[0]?.name ?? null;
}

/** The fields that hardly contributed. @param {Anomaly} anomaly */
export function minorFields(anomaly) {
  const minor = contributions(anomaly).filter(({ share }) => share < MINOR_SHARE);
  return new Set(minor.map(({ name }) => name));
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

/** @param {Known[]} known @param {Anomaly[]} found @param {number} [arrivedAt] @returns {Known[]} */
export function merged(known, found, arrivedAt = 0) {
  const byId = new Map(known.map((each) => [each.id, each]));
  for (const each of found) {
    const eventAt = milliseconds(each.event_time);
    const detectedAt = milliseconds(each.detected_time);
    const first = byId.get(each.id)?.arrivedAt ?? arrivedAt;
    // Nothing says how rare a silence is.
    const rare = each.kind === "silence" ? { probability: null } : {};
    byId.set(each.id, { ...each, ...rare, eventAt, detectedAt, arrivedAt: first });
  }
  return [...byId.values()].sort(byAge);
}

/** As the REST interface sorts. @param {Known} one @param {Known} other */
function byAge(one, other) {
  return other.eventAt - one.eventAt || (one.id === other.id ? 0 : one.id < other.id ? 1 : -1);
}
