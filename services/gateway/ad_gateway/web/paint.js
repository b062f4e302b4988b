// @ts-check
/** Anomalies and their expected ranges, painted over the lines of the chart. */

import { SEVERITIES } from "./anomalies.js";

/**
 * @typedef {import("./series.js").Mark} Mark
 * @typedef {Pick<import("./vendor/uplot-1.6.32.mjs").default, "ctx" | "valToPos">} Canvas
 */

/** @param {Canvas} canvas @param {Mark[]} marks */
export function paintMarks(canvas, marks) {
  const colours = palette();
  paintRanges(canvas, marks, colours);
  // The grave ones last, so that they lie on top.
  const rank = (/** @type {Mark} */ mark) => SEVERITIES.indexOf(mark.anomaly.severity);
  const graveLast = [...marks].sort((one, other) => rank(one) - rank(other));
  for (const mark of graveLast) paintPoint(canvas, mark, colours);
}

/** @param {string} name */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/**
 * Where values were expected: bars from lower to upper, in one shape so that neighbours do not add up.
 * @param {Canvas} canvas @param {Mark[]} marks @param {Record<string, string>} colours
 */
function paintRanges({ ctx, valToPos }, marks, colours) {
  const ratio = window.devicePixelRatio;
  const [ranges, middles] = [new Path2D(), new Path2D()];
  for (const { x, lower, upper, expected } of marks) {
    const left = valToPos(x, "x", true) - 3 * ratio;
    if (lower !== null && upper !== null) {
      const top = valToPos(upper, "y", true);
      ranges.rect(left, top, 6 * ratio, Math.max(valToPos(lower, "y", true) - top, 2 * ratio));
    }
    if (expected !== null) middles.rect(left, valToPos(expected, "y", true) - ratio, 6 * ratio, 2 * ratio);
  }
  ctx.fillStyle = colours.range;
  ctx.fill(ranges);
  ctx.fillStyle = colours.expected;
  ctx.fill(middles);
}

/** @param {Canvas} canvas @param {Mark} mark @param {Record<string, string>} colours */
function paintPoint({ ctx, valToPos }, { x, y, main, anomaly }, colours) {
  const ratio = window.devicePixelRatio;
  ctx.beginPath();
  ctx.arc(valToPos(x, "x", true), valToPos(y, "y", true), 4.5 * ratio, 0, 2 * Math.PI);
  ctx.lineWidth = 1.75 * ratio;
  ctx.fillStyle = main ? colours[anomaly.severity] : colours.surface;
  ctx.strokeStyle = main ? colours.surface : colours[anomaly.severity];
  ctx.fill();
  ctx.stroke();
}

/** The colours of the style sheet, asked for once a painting. */
function palette() {
  return Object.fromEntries(
    [...SEVERITIES, "surface", "range", "expected"].map((name) => [name, colour(`--${name}`)]),
  );
}
