// @ts-check
/** The signed-in page: streams on the left, the chosen stream and the newest anomalies beside it. */

import { added, standing } from "../anomalies.js";
import * as api from "../api.js";
import { Feed } from "../feed.js";
import { useHash, usePolling } from "../hooks.js";
import { html, useEffect, useMemo, useState } from "../lib.js";
import * as session from "../session.js";
import { AnomalyTable } from "./anomalies.js";
import { Notice } from "./bits.js";
import { Detail } from "./detail.js";
import { NoStreams } from "./guide.js";
import { StreamList } from "./streams.js";
import { StreamView } from "./stream.js";

/**
 * @typedef {import("../types.js").Anomaly} Anomaly
 * @typedef {import("../types.js").Connection} Connection
 * @typedef {import("../anomalies.js").Known} Known
 */

const STREAMS_SECONDS = 5;

/** @param {{person: session.Session}} props */
export function Dashboard({ person }) {
  const [chosen, choose] = useHash();
  const { answer, error } = usePolling(overview, STREAMS_SECONDS, "streams");
  const streams = answer?.streams ?? [];
  const stream = streams.find(({ name }) => name === chosen) ?? streams[0];
  const { known, connection, opened } = useAnomalies(stream?.name ?? null);
  const shown = useMemo(() => standing(known.get(stream?.name ?? "") ?? []), [known, stream?.name]);
  const [open, setOpen] = useState(/** @type {Known | null} */ (null));
  const show = (/** @type {string} */ name) => {
    setOpen(null);
    choose(name);
    window.scrollTo({ top: 0, behavior: "smooth" });
  };

  return html`
    <${Header} person=${person} connection=${connection} />
    ${error && html`<div class="wide"><${Notice} kind="error">${error.message}<//></div>`}
    ${answer && !stream && html`<main class="wide"><${NoStreams} /></main>`}
    ${!answer && !error && html`<p class="empty" role="status">Loading…</p>`}
    ${
      stream &&
      html`
      <div class="columns">
        <${StreamList} streams=${streams} deployments=${answer?.deployments ?? null} chosen=${stream.name}
          choose=${show} />
        <main>
          <${StreamView} key=${stream.name} stream=${stream} anomalies=${shown}
            open=${setOpen} />
          <${AnomalyTable} known=${known} opened=${opened} stream=${stream.name} open=${setOpen} />
        </main>
      </div>
    `
    }
    ${open && html`<${Detail} anomaly=${open} close=${() => setOpen(null)} show=${show} />`}
  `;
}

/** @param {AbortSignal} signal */
async function overview(signal) {
  const [streams, deployments] = await Promise.all([api.streams(signal), api.deployments(signal)]);
  return { streams, deployments };
}

/** Anomalies from the live feed, with those of a stream from before it opened. @param {string | null} stream */
function useAnomalies(stream) {
  const [known, setKnown] = useState(/** @type {Map<string, Known[]>} */ (new Map()));
  const [connection, setConnection] = useState(
    /** @type {Connection} */ ({ state: "connecting", detail: "Opening the live feed" }),
  );
  const [opened, setOpened] = useState(0);
  useEffect(() => {
    const live = (/** @type {Anomaly[]} */ found) => setKnown((old) => added(old, found, Date.now()));
    const ready = () => setOpened((times) => times + 1);
    const feed = new Feed({ anomalies: live, connection: setConnection, ready });
    return () => feed.stop();
  }, []);
  const before = (/** @type {Anomaly[]} */ found) => setKnown((old) => added(old, found));
  // Asked for again each time the feed opens, so that nothing is missed between the two.
  useEffect(() => (stream ? fetched(stream, before) : undefined), [opened, stream]);
  return { known, connection, opened };
}

/** @param {string} stream @param {(found: Anomaly[]) => void} add */
function fetched(stream, add) {
  const stop = new AbortController();
  // A failure here shows at the stream list, which asks the same platform again every few seconds.
  api.anomalies(stream, stop.signal).then(add, () => undefined);
  return () => stop.abort();
}

const STATES = { connecting: "Connecting", live: "Live", waiting: "Reconnecting", refused: "Not live" };

/** @param {{person: session.Session, connection: Connection}} props */
function Header({ person, connection }) {
  return html`
    <header class="top">
      <img src="web/icon.svg" alt="" width="28" height="28" />
      <h1>Anomaly detection</h1>
      <span class="connection ${connection.state}" role="status" title=${connection.detail}>
        ${STATES[connection.state]}
      </span>
      <nav>
        <a href="docs">API</a>
        <span class="person muted" title="Tenant ${person.tenant}">${person.name}</span>
        <button class="quiet" onClick=${session.signOut}>Sign out</button>
      </nav>
    </header>
    ${
      (connection.state === "waiting" || connection.state === "refused") &&
      html`<div class="wide"><${Notice} kind="info">Live feed: ${connection.detail}.<//></div>`
    }
  `;
}
