// @ts-check
/** From records to what the chart draws. Pure, and the only place that knows how rows look. */

import { isNearest, mainField } from "./anomalies.js";
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
 * @property {Line[]} lines  one per entity
 * @property {Map<string, number>} places  of records by id
 *
 * @typedef {object} Line
 * @property {string} name
 * @property {number} colour  its number, from 1
 * @property {(number | null)[]} values
 * @property {[number, number][]} gaps  from x to x, where nothing came for so long that no line is drawn
 * @property {number[]} alone  places of records with a gap on both sides
 *
 * @typedef {object} Mark
 * @property {number} x
 * @property {number} y
 * @property {number | null} lower
 * @property {number | null} upper
 * @property {number | null} expected
 * @property {boolean} nearest  expected is the closest value seen, and the range the usual distance from it
 * @property {boolean} main  the field on show is the one that stood out
 * @property {Known} anomaly
 */

/** A silence is this many times the usual step of its line, and wide enough to be seen. */
const SILENT_STEPS = 20;
const SILENT_SHARE = 0.01;

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
 * How many of the rows each entity has.
 * @param {Row[]} rows @param {string | null | undefined} key
 */
export function entities(rows, key) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  if (!key) return counts;
  for (const row of rows) counts.set(String(row[key]), (counts.get(String(row[key])) ?? 0) + 1);
  return counts;
}

/**
 * @param {Row[]} rows
 * @param {string} field
 * @param {string | null | undefined} key  the entity field
 * @param {string[]} shown  entities; empty when the stream has none
 * @param {number[]} [colours]  of the entities
 * @returns {Series}
 */
export function series(rows, field, key, shown, colours = []) {
  const wanted = new Set(shown);
  const kept = key && shown.length ? rows.filter((row) => wanted.has(String(row[key]))) : rows;
  const ordered = inOrder(kept);
  const times = ordered.map(({ at }) => at);
  const ordinal =
    new Set(times).size < times.length / 2 / Math.max(shown.length, 1) || times.some(Number.isNaN);
  const x = ordinal ? times.map((_, place) => place) : times;
  const lines = (shown.length ? shown : [field]).map((name, place) => {
    const values = ordered.map(({ row }) =>
      !key || !shown.length || String(row[key]) === name ? number(row[field]) : null,
    );
    return { name, colour: colours[place] ?? 1, values, ...(ordinal ? WHOLE : silences(x, values)) };
  });
  return {
    x,
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
      nearest: isNearest(anomaly),
      main: (mainField(anomaly) ?? field) === field,
      anomaly,
    };
  });
}

/** @type {Pick<Line, "gaps" | "alone">} */
const WHOLE = { gaps: [], alone: [] };

/**
 * Where a line breaks off.
 * @param {number[]} x @param {(number | null)[]} values
 * @returns {Pick<Line, "gaps" | "alone">}
 */
function silences(x, values) {
  const places = values.flatMap((value, place) => (value === null ? [] : [place]));
  const steps = places.slice(1).map((place, nth) => x[place] - x[places[nth]]);
  const usual = median(steps.filter((step) => step > 0));
  const longest = Math.max(usual * SILENT_STEPS, (x[x.length - 1] - x[0]) * SILENT_SHARE);
  const silent = (/** @type {number} */ nth) => !(steps[nth] <= longest);
  return {
    gaps: steps.flatMap((step, nth) =>
      step > longest ? [/** @type {[number, number]} */ ([x[places[nth]], x[places[nth + 1]]])] : [],
    ),
    // Before the first record and after the last there is nothing to be joined to either.
    alone: places.filter((_, nth) => silent(nth - 1) && silent(nth)),
  };
}

/** @param {number[]} numbers */
function median(numbers) {
  return numbers.toSorted((one, other) => one - other)[numbers.length >> 1] ?? 0;
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
