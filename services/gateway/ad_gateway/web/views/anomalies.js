// @ts-check
/** The newest anomalies as a table. */

import { SEVERITIES, mainField, newest } from "../anomalies.js";
import { plain, rarity, whole } from "../format.js";
import { html, useMemo, useState } from "../lib.js";
import { Choice, Select, SeverityMark, Time } from "./bits.js";
import { NoAnomalies } from "./guide.js";

/**
 * @typedef {import("../anomalies.js").Known} Known
 * @typedef {import("../types.js").Severity} Severity
 */

const SHOWN = 100;
const COLUMNS = ["Time", "Stream", "Entity", "Severity", "Score", "Probability", "Field", "Model"];
const LEVELS = SEVERITIES.map((value) => ({ value, label: value === "low" ? "all" : value }));

/** @param {{known: Map<string, Known[]>, stream: string, open: (anomaly: Known) => void}} props */
export function AnomalyTable({ known, stream, open }) {
  const [scope, setScope] = useState("all");
  const [severity, setSeverity] = useState(/** @type {Severity} */ ("low"));
  const found = useMemo(
    () => newest(known, scope === "one" ? stream : null, severity),
    [known, scope, stream, severity],
  );
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
      ${
        found.length
          ? html`<${Table} rows=${found.slice(0, SHOWN)} open=${open} />`
          : html`<${NoAnomalies} filtered=${severity !== "low" || scope === "one"} />`
      }
      ${
        found.length > SHOWN &&
        html`<p class="muted more">${whole(found.length - SHOWN)} older ones are not listed.</p>`
      }
    </section>
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
  return html`
    <tr onClick=${show}>
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
