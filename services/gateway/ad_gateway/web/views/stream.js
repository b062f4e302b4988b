// @ts-check
/** The live chart of one stream. */

import * as api from "../api.js";
import { counted, plain, rarity } from "../format.js";
import { usePolling } from "../hooks.js";
import { html, useMemo, useRef, useState } from "../lib.js";
import { LINES_AT_MOST, byName, paletteOf } from "../palette.js";
import { entities, marks, numericFields, series } from "../series.js";
import { Choice, Notice, Select, Time } from "./bits.js";
import { Chart } from "./chart.js";
import { NoRecords } from "./guide.js";

/**
 * @typedef {import("../types.js").Stream} Stream
 * @typedef {import("../anomalies.js").Known} Known
 * @typedef {import("../series.js").Mark} Mark
 * @typedef {import("../series.js").Series} Series
 * @typedef {{place: number | null, mark: Mark | null}} Hovered
 */

const RECORDS_SECONDS = 2;
const FIELDS_AS_BUTTONS = 5;

/** @param {{stream: Stream, anomalies: Known[] | undefined, open: (anomaly: Known) => void}} props */
export function StreamView({ stream, anomalies = [], open }) {
  const { answer, error } = usePolling(
    (signal) => api.records(stream.name, signal),
    RECORDS_SECONDS,
    stream.name,
  );
  const rows = useSame(answer ?? []);
  return html`
    <section class="card stream" aria-labelledby="stream-name">
      <h2 id="stream-name">${stream.name}</h2>
      ${error && html`<${Notice} kind="error">${error.message}<//>`}
      ${answer && !rows.length && html`<${NoRecords} stream=${stream.name} />`}
      ${!answer && !error && html`<div class="chart loading" role="status">Loading records…</div>`}
      ${
        rows.length > 0 &&
        html`<${Drawing} stream=${stream} rows=${rows} anomalies=${anomalies} open=${open} />`
      }
    </section>
  `;
}

/** The old rows while the new ones are the same, so that nothing is drawn in vain. @param {api.Row[]} rows */
function useSame(rows) {
  const old = useRef(rows);
  const mark = (/** @type {api.Row[]} */ list) =>
    [list.length, list[0]?._id, list[list.length - 1]?._id].join();
  if (mark(rows) !== mark(old.current)) old.current = rows;
  return old.current;
}

/** @param {{stream: Stream, rows: api.Row[], anomalies: Known[], open: (anomaly: Known) => void}} props */
function Drawing({ stream, rows, anomalies, open }) {
  const key = stream.schema?.entity;
  const fields = useMemo(() => numericFields(stream, rows), [stream.schema, rows]);
  const counts = useMemo(() => entities(rows, key), [rows, key]);
  const everyone = useMemo(() => byName(counts.keys()), [counts]);
  const palette = paletteOf(stream.name);
  const chosen = useMemo(() => palette.choose(counts), [counts]);
  const [wantedField, setField] = useState("");
  const [entity, setEntity] = useState("");
  const [hovered, setHovered] = useState(/** @type {Hovered} */ ({ place: null, mark: null }));
  /** @param {number | null} place @param {Mark | null} mark */
  const hover = (place, mark) => setHovered({ place, mark });
  const field = fields.includes(wantedField) ? wantedField : fields[0];
  const shown = useMemo(
    () => (counts.has(entity) ? [entity] : chosen),
    [counts.has(entity), entity, chosen.join("\n")],
  );
  const colours = palette.colours(shown);
  const drawn = useMemo(
    () => series(rows, field, key, shown, colours),
    [rows, field, key, shown, colours.join()],
  );
  const found = useMemo(() => marks(drawn, field, shown, anomalies), [drawn, anomalies]);
  if (!field)
    return html`<p class="empty">This stream has no numeric field, so there is nothing to draw.</p>`;

  return html`
    <div class="controls">
      <${FieldChoice} fields=${fields} value=${field} change=${setField} />
      ${
        everyone.length > 1 && html`<${EntityChoice} names=${everyone} value=${entity} change=${setEntity} />`
      }
      <span class="muted tally">
        ${counted(drawn.x.length, "record", "newest records")} ·${" "}
        ${counted(found.length, "anomaly", "anomalies")}
      </span>
    </div>
    <${Chart} series=${drawn} marks=${found} subject=${`${field}\n${entity}`} open=${open}
      hover=${hover} />
    <${Reading} drawn=${drawn} hovered=${hovered} marks=${found} />
    ${shown.length > 1 && html`<${Legend} lines=${drawn.lines} left=${everyone.length - shown.length} />`}
  `;
}

/** @param {{fields: string[], value: string, change: (field: string) => void}} props */
function FieldChoice({ fields, value, change }) {
  if (fields.length === 1) return html`<span class="muted">${value}</span>`;
  const options = fields.map((name) => ({ value: name, label: name }));
  const Kind = fields.length > FIELDS_AS_BUTTONS ? Select : Choice;
  return html`<${Kind} label="Field" name="field" options=${options} value=${value} change=${change} />`;
}

/** @param {{names: string[], value: string, change: (entity: string) => void}} props */
function EntityChoice({ names, value, change }) {
  const all = names.length > LINES_AT_MOST ? `${LINES_AT_MOST} of ${names.length}` : `all ${names.length}`;
  const options = [{ value: "", label: all }, ...names.map((name) => ({ value: name, label: name }))];
  return html`<${Select} label="Entity" options=${options} value=${value} change=${change} />`;
}

/** What lies under the pointer, in words. @param {{drawn: Series, hovered: Hovered, marks: Mark[]}} props */
function Reading({ drawn, hovered: { place, mark }, marks }) {
  if (mark) {
    const { anomaly } = mark;
    return html`
      <p class="reading">
        <span class="severity ${anomaly.severity}">${anomaly.severity}</span>
        <${Time} at=${anomaly.eventAt} /> <b>${plain(mark.y)}</b>
        <span>${wanted(mark)}</span>
        <span>${rarity(anomaly.probability)}</span>
      </p>
    `;
  }
  if (place === null || drawn.times[place] === undefined) {
    const key = `Filled marks: this field stood out most. ${bars(marks)} Drag to zoom.`;
    return html`<p class="reading muted">${key}</p>`;
  }
  const values = drawn.lines.filter(({ values }) => values[place] !== null);
  return html`
    <p class="reading">
      <${Time} at=${drawn.times[place]} />
      ${values.map(
        ({ name, values }) => html`<span key=${name}>${name} <b>${plain(values[place])}</b></span>`,
      )}
    </p>
  `;
}

/** What would have been usual instead. @param {Mark} mark */
function wanted({ lower, upper, expected, nearest }) {
  if (lower === null || upper === null) return null;
  if (!nearest) return `expected ${plain(lower)} to ${plain(upper)}`;
  return `closest seen ${plain(expected)}, usual distance ${plain((upper - lower) / 2)}`;
}

/** What the bars are, which depends on who found the anomalies. @param {Mark[]} marks */
function bars(marks) {
  const ranged = marks.filter(({ lower, upper }) => lower !== null && upper !== null);
  const nearest = ranged.filter(({ nearest }) => nearest).length;
  if (!ranged.length) return "";
  if (!nearest) return "Bars: the expected range.";
  const distance = "the usual distance from the closest value seen";
  return nearest === ranged.length ? `Bars: ${distance}.` : `Bars: the expected range; adaptive: ${distance}.`;
}

/** @param {{lines: import("../series.js").Line[], left: number}} props */
function Legend({ lines, left }) {
  return html`
    <ul class="legend">
      ${lines.map(({ name, colour }) => html`<li key=${name} class="line-${colour}">${name}</li>`)}
      ${left > 0 && html`<li class="muted">and ${left} more; choose one above</li>`}
    </ul>
  `;
}
