// @ts-check
/** From records to what the chart draws. Pure, and the only place that knows how rows look. */

import { mainField } from "./anomalies.js";
import { milliseconds } from "./format.js";

/**
 * @typedef {import("./types.js").Row} Row
 * @typedef {import("./types.js").Stream} Stream
 * @typedef {import("./anomalies.js").Known} Known
 *
 * @typedef {object} Series
 * @property {number[]} x  time in milliseconds, or the number of the record when times say nothing
 * @property {number[]} times  of every record
 * @property {boolean} ordinal
 * @property {{name: string, values: (number | null)[]}[]} lines  one per entity
 * @property {Map<string, number>} places  of records by id
 *
 * @typedef {object} Mark
 * @property {number} x
 * @property {number} y
 * @property {number | null} lower
 * @property {number | null} upper
 * @property {number | null} expected
 * @property {boolean} main  the field on show is the one that stood out
 * @property {Known} anomaly
 */

export const LINES_AT_MOST = 6;

/** The fields that can be drawn. @param {Stream} stream @param {Row[]} rows */
export function numericFields(stream, rows) {
  const { fields = [], entity, timestamp } = stream.schema ?? {};
  const named = fields.filter(({ type }) => type === "float" || type === "integer").map(({ name }) => name);
  const found = named.length
    ? named
    : Object.keys(rows[0] ?? {}).filter((name) => !name.startsWith("_") && typeof rows[0][name] === "number");
  return found.filter((name) => name !== entity && name !== timestamp);
}

/**
 * Entities in the rows, those with most records first.
 * @param {Row[]} rows @param {string | null | undefined} key
 */
export function entities(rows, key) {
  if (!key) return [];
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const row of rows) counts.set(String(row[key]), (counts.get(String(row[key])) ?? 0) + 1);
  return [...counts]
    .sort((one, other) => other[1] - one[1] || (one[0] < other[0] ? -1 : 1))
    .map(([name]) => name);
}

/**
 * @param {Row[]} rows
 * @param {string} field
 * @param {string | null | undefined} key  the entity field
 * @param {string[]} shown  entities; empty when the stream has none
 * @returns {Series}
 */
export function series(rows, field, key, shown) {
  const wanted = new Set(shown);
  const kept = key && shown.length ? rows.filter((row) => wanted.has(String(row[key]))) : rows;
  const ordered = inOrder(kept);
  const times = ordered.map(({ at }) => at);
  const ordinal =
    new Set(times).size < times.length / 2 / Math.max(shown.length, 1) || times.some(Number.isNaN);
  const lines = (shown.length ? shown : [field]).map((name) => ({
    name,
    values: ordered.map(({ row }) =>
      !key || !shown.length || String(row[key]) === name ? number(row[field]) : null,
    ),
  }));
  return {
    x: ordinal ? times.map((_, place) => place) : times,
    times,
    ordinal,
    lines,
    places: new Map(ordered.map(({ row }, place) => [String(row._id), place])),
  };
}

/**
 * The anomalies that lie on the lines.
 * @param {Series} drawn @param {string} field @param {string[]} shown @param {Known[]} anomalies
 * @returns {Mark[]}
 */
export function marks(drawn, field, shown, anomalies) {
  const [from, to] = [drawn.times[0], drawn.times[drawn.times.length - 1]];
  const wanted = new Set(shown);
  return anomalies.flatMap((anomaly) => {
    const y = anomaly.value?.[field];
    const place = drawn.places.get(anomaly.record_id);
    const inside =
      place !== undefined || (!drawn.ordinal && anomaly.eventAt >= from && anomaly.eventAt <= to);
    if (typeof y !== "number" || !inside || (wanted.size && !wanted.has(String(anomaly.entity)))) return [];
    return {
      x: place === undefined ? anomaly.eventAt : drawn.x[place],
      y,
      lower: number(anomaly.lower?.[field]),
      upper: number(anomaly.upper?.[field]),
      expected: number(anomaly.expected?.[field]),
      main: (mainField(anomaly) ?? field) === field,
      anomaly,
    };
  });
}

/** @param {Row[]} rows */
function inOrder(rows) {
  const timed = rows.map((row) => ({ row, at: milliseconds(row._time) }));
  if (timed.length && timed[0].at > timed[timed.length - 1].at) timed.reverse();
  return timed.sort((one, other) => one.at - other.at || 0);
}

/** @param {unknown} value */
function number(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
