// @ts-check
/** Everything about one anomaly, in a sheet beside the page. */

import { contributions, isNearest, minorFields } from "../anomalies.js";
import { milliseconds, plain, rarity } from "../format.js";
import { html, useEffect, useRef } from "../lib.js";
import { SeverityMark, Time } from "./bits.js";

/** @typedef {import("../anomalies.js").Known} Known */

/** @param {{anomaly: Known, close: () => void, show: (stream: string) => void}} props */
export function Detail({ anomaly, close, show }) {
  const sheet = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => sheet.current?.showModal(), []);
  // A click beside the sheet lands on the dialog itself.
  const outside = (/** @type {MouseEvent} */ event) => event.target === sheet.current && close();
  return html`
    <dialog ref=${sheet} class="detail" onClose=${close} onClick=${outside} aria-labelledby="detail-title">
      <div class="sheet">
        <header>
          <${SeverityMark} severity=${anomaly.severity} />
          <button class="quiet" onClick=${close}>Close</button>
          <h2 id="detail-title">
            ${anomaly.stream} <span class="muted">${anomaly.entity}</span>
          </h2>
          <p><${Time} at=${anomaly.eventAt} /></p>
        </header>
        <${Measures} anomaly=${anomaly} />
        <h3>${isNearest(anomaly) ? "Value against what was seen before" : "Value against expectation"}</h3>
        <${Expectations} anomaly=${anomaly} />
        <h3>What made it stand out</h3>
        <${Contributions} anomaly=${anomaly} />
        <${Facts} anomaly=${anomaly} />
        <button class="primary" onClick=${() => show(anomaly.stream)}>
          Show ${anomaly.stream} in the chart
        </button>
      </div>
    </dialog>
  `;
}

/** @param {{anomaly: Known}} props */
function Measures({ anomaly }) {
  return html`
    <dl class="measures">
      <div><dt>Score</dt><dd>${plain(anomaly.score)}</dd></div>
      <div><dt>Threshold</dt><dd>${plain(anomaly.threshold)}</dd></div>
      <div><dt>As rare as</dt><dd title=${anomaly.probability}>${rarity(anomaly.probability)}</dd></div>
    </dl>
  `;
}

/** @param {{anomaly: Known}} props */
function Expectations({ anomaly }) {
  const [middle, around] = isNearest(anomaly) ? ["Closest seen", "Usual distance"] : ["Expected", "Range"];
  const minor = minorFields(anomaly);
  return html`
    <table class="expectations">
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Value</th>
          <th scope="col">${middle}</th>
          <th scope="col">${around}</th>
        </tr>
      </thead>
      <tbody>
        ${Object.entries(anomaly.value ?? {}).map(
          ([name, value]) => html`
            <tr key=${name} class=${minor.has(name) ? "minor" : outside(anomaly, name) ? "outside" : ""}>
              <th scope="row">${name}</th>
              <td class="number">${plain(value)}</td>
              <td class="number">${plain(anomaly.expected?.[name])}</td>
              <td class="number">${range(anomaly, name)}</td>
            </tr>
          `,
        )}
      </tbody>
    </table>
  `;
}

/** @param {Known} anomaly @param {string} field */
function outside(anomaly, field) {
  const [value, lower, upper] = [anomaly.value[field], anomaly.lower?.[field], anomaly.upper?.[field]];
  return value != null && ((lower != null && value < lower) || (upper != null && value > upper));
}

/** @param {Known} anomaly @param {string} field */
function range(anomaly, field) {
  const [lower, upper] = [anomaly.lower?.[field], anomaly.upper?.[field]];
  if (lower == null && upper == null) return "–";
  if (isNearest(anomaly) && lower != null && upper != null) return plain((upper - lower) / 2);
  return `${plain(lower)} to ${plain(upper)}`;
}

/** @param {{anomaly: Known}} props */
function Contributions({ anomaly }) {
  const found = contributions(anomaly);
  const minor = minorFields(anomaly);
  if (!found.length) return html`<p class="muted">This detector does not say which field it was.</p>`;
  return html`
    <ul class="bars">
      ${found.map(
        ({ name, size, share }) => html`
          <li key=${name} class=${minor.has(name) ? "minor" : ""}>
            <span>${name}</span>
            <i><i style=${{ width: `${share * 100}%` }}></i></i>
            <b title=${size}>${Math.round(share * 100)} %</b>
          </li>
        `,
      )}
    </ul>
  `;
}

/** @param {{anomaly: Known}} props */
function Facts({ anomaly }) {
  return html`
    <dl class="facts">
      <dt>Algorithm</dt><dd>${anomaly.algorithm}</dd>
      <dt>Model</dt><dd>${anomaly.model_version ?? "adaptive (no model)"}</dd>
      <dt>Event time</dt><dd><${Time} at=${anomaly.eventAt} /></dd>
      ${
        anomaly.episode_start_time &&
        anomaly.episode_id !== anomaly.id &&
        html`<dt>Anomalous since</dt><dd><${Time} at=${milliseconds(anomaly.episode_start_time)} /></dd>`
      }
      <dt>Detected</dt><dd><${Time} at=${anomaly.detectedAt} /></dd>
      <dt>Record</dt><dd><code>${anomaly.record_id}</code></dd>
      <dt>Anomaly</dt><dd><code>${anomaly.id}</code></dd>
      ${anomaly.cold && html`<dt>Note</dt><dd>The detector was still learning this entity.</dd>`}
      ${anomaly.imputed && html`<dt>Note</dt><dd>A missing value was filled in before scoring.</dd>`}
      ${anomaly.late && html`<dt>Note</dt><dd>The record is older than one that came before it.</dd>`}
    </dl>
  `;
}
