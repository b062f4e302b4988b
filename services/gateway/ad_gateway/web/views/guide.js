// @ts-check
/** What to do when there is nothing to see yet. */

import { API } from "../http.js";
import { html } from "../lib.js";
import { Commands } from "./bits.js";

const key = `# your API key; the first administrator's is in admin.key of the data folder
KEY=$(cat admin.key)`;

const create = `# a stream; its fields are learned from the first records
curl ${API}streams -H "Authorization: Bearer $KEY" \\
  -H "Content-Type: application/json" -d '{"name": "machine", "timestamp": "time"}'`;

/** @param {string} stream */
const send = (stream) => `# records: CSV, JSON, NDJSON, Parquet or Arrow
curl ${API}streams/${stream}/records -H "Authorization: Bearer $KEY" \\
  -H "Content-Type: text/csv" --data-binary @records.csv`;

export function NoStreams() {
  return html`
    <section class="card guide">
      <h2>Create your first stream</h2>
      <p>
        A stream is a named source of records: a machine, a service, an account. Create one and send records;
        they are scored from the first one on, and what stands out appears here.
      </p>
      <${Commands} text=${[key, create, send("machine")].join("\n\n")} />
    </section>
  `;
}

/** @param {{stream: string}} props */
export function NoRecords({ stream }) {
  return html`
    <div class="guide">
      <h3>No records yet</h3>
      <p>Send some, and they are drawn here within seconds.</p>
      <${Commands} text=${[key, send(stream)].join("\n\n")} />
    </div>
  `;
}

/** @param {{filtered: boolean}} props */
export function NoAnomalies({ filtered }) {
  const text = filtered
    ? "No anomaly passes this filter. Choose a lower severity, or all streams."
    : "No anomalies so far. Every record is scored as it arrives; this list fills by itself.";
  return html`<p class="empty">${text}</p>`;
}
