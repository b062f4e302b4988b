// @ts-check
/** The newest anomalies as a table. */

import { SEVERITIES, mainField } from "../anomalies.js";
import { plain, rarity } from "../format.js";
import { html, useState } from "../lib.js";
import { useListing } from "../listing.js";
import { Choice, Notice, Select, SeverityMark, Time } from "./bits.js";
import { NoAnomalies } from "./guide.js";

/**
 * @typedef {import("../anomalies.js").Known} Known
 * @typedef {import("../types.js").Severity} Severity
 */

/** As long as the style sheet takes to show an arrival. */
const FLASH_MS = 1600;
const COLUMNS = ["Event time", "Stream", "Entity", "Severity", "Score", "Probability", "Field", "Model"];
const LEVELS = SEVERITIES.map((value) => ({ value, label: value === "low" ? "all" : value }));

/**
 * @param {{known: Map<string, Known[]>, opened: number, stream: string, open: (anomaly: Known) => void}} props
 */
export function AnomalyTable({ known, opened, stream, open }) {
  const [scope, setScope] = useState("all");
  const [severity, setSeverity] = useState(/** @type {Severity} */ ("low"));
  const wanted = { stream: scope === "one" ? stream : null, severity };
  const { rows, left, busy, error, more } = useListing(wanted, known, opened);
  const scopes = [
    { value: "all", label: "All streams" },
    { value: "one", label: stream },
  ];
  return html`
    <section class="card anomalies" aria-labelledby="anomalies-title">
      <div class="controls">
        <h2 id="anomalies-title">Newest anomalies</h2>
        <${Choice} label="Streams" name="scope" options=${scopes} value=${scope} change=${setScope} />
        <${Select} label="Severity from" options=${LEVELS} value=${severity} change=${setSeverity} />
      </div>
      ${rows.length > 0 && html`<${Table} rows=${rows} open=${open} />`}
      ${
        !rows.length &&
        !error &&
        (busy
          ? html`<p class="empty" role="status">Loading…</p>`
          : html`<${NoAnomalies} filtered=${severity !== "low" || scope === "one"} />`)
      }
      ${error && html`<div class="more"><${Notice} kind="error">${error.message}<//></div>`}
      ${left && html`<${More} busy=${busy} more=${more} />`}
    </section>
  `;
}

/** @param {{busy: boolean, more: () => void}} props */
function More({ busy, more }) {
  return html`
    <p class="muted more">
      Older ones are not listed.
      <button class="quiet" onClick=${more} disabled=${busy}>${busy ? "Loading…" : "Show more"}</button>
    </p>
  `;
}

/** @param {{rows: Known[], open: (anomaly: Known) => void}} props */
function Table({ rows, open }) {
  return html`
    <table>
      <thead>
        <tr>
          ${COLUMNS.map((name) => html`<th key=${name} scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map((anomaly) => html`<${Row} key=${anomaly.id} anomaly=${anomaly} open=${open} />`)}
      </tbody>
    </table>
  `;
}

/** @param {{anomaly: Known, open: (anomaly: Known) => void}} props */
function Row({ anomaly, open }) {
  const show = () => open(anomaly);
  const fresh = Date.now() - anomaly.arrivedAt < FLASH_MS;
  return html`
    <tr class=${fresh ? "fresh" : ""} onClick=${show}>
      <td class="time"><button class="link" onClick=${show}><${Time} at=${anomaly.eventAt} /></button></td>
      <td class="of">${anomaly.stream}</td>
      <td class="entity">${anomaly.entity ?? "–"}</td>
      <td class="grade"><${SeverityMark} severity=${anomaly.severity} /></td>
      <td class="number" data-label="score">${plain(anomaly.score)}</td>
      <td class="number" data-label="probability" title=${anomaly.probability}>
        ${rarity(anomaly.probability)}
      </td>
      <td class="main" data-label="field">${mainField(anomaly) ?? "–"}</td>
      <td class="model" data-label="model">${anomaly.model_version ?? "adaptive"}</td>
    </tr>
  `;
}
