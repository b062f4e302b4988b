// @ts-check
/** The live feed: one WebSocket that comes back after a cut and goes on where it stood. */

import { API } from "./http.js";
import * as session from "./session.js";

/**
 * @typedef {import("./types.js").Anomaly} Anomaly
 * @typedef {import("./types.js").Connection} Connection
 * @typedef {object} Listener
 * @property {(found: Anomaly[]) => void} anomalies
 * @property {(connection: Connection) => void} connection
 * @property {() => void} ready  the feed is open: what came before it can be asked for now
 */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** Three heartbeats of the server. */
const SILENCE_MS = 45_000;
/** Anomalies come in bursts; the page is drawn at most this often. */
const GATHER_MS = 120;
const CLOSED = { badCursor: 4400, unauthenticated: 4401, forbidden: 4403 };

export class Feed {
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {string | null} */
  #cursor = null;
  #attempts = 0;
  #retry = 0;
  #silence = 0;
  #gather = 0;
  /** @type {Anomaly[]} */
  #gathered = [];
  #stopped = false;

  /** @param {Listener} listener */
  constructor(listener) {
    this.listener = listener;
    this.hurry = () => void (this.#retry && this.#connect());
    window.addEventListener("online", this.hurry);
    this.#connect();
  }

  stop() {
    this.#stopped = true;
    for (const timer of [this.#retry, this.#silence, this.#gather]) clearTimeout(timer);
    window.removeEventListener("online", this.hurry);
    this.#socket?.close();
  }

  #connect() {
    clearTimeout(this.#retry);
    this.#retry = 0;
    const token = session.current()?.access;
    if (this.#stopped || !token) return;
    this.listener.connection({ state: "connecting", detail: "Opening the live feed" });
    const address = new URL("ws/anomalies", API);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    if (this.#cursor) address.searchParams.set("after", this.#cursor);
    const socket = new WebSocket(address, ["anomalies.v1", `bearer.${token}`]);
    this.#socket = socket;
    socket.onmessage = (event) => this.#take(JSON.parse(event.data));
    socket.onclose = (event) => void this.#closed(event);
    this.#listenForSilence();
  }

  /** @param {{type: string, cursor: string, anomaly?: Anomaly, detail?: string}} message */
  #take(message) {
    this.#listenForSilence();
    this.#cursor = message.cursor;
    if (message.type === "ready") {
      this.#attempts = 0;
      this.listener.connection({ state: "live", detail: "Anomalies appear here as they are found" });
      this.listener.ready();
    } else if (message.type === "anomaly" && message.anomaly) {
      this.#gathered.push(message.anomaly);
      this.#gather ||= window.setTimeout(() => this.#hand(), GATHER_MS);
    }
  }

  #hand() {
    this.#gather = 0;
    this.listener.anomalies(this.#gathered.splice(0));
  }

  /** @param {CloseEvent} event */
  async #closed(event) {
    clearTimeout(this.#silence);
    if (this.#stopped) return;
    if (event.code === CLOSED.forbidden) {
      this.listener.connection({ state: "refused", detail: event.reason });
      return;
    }
    if (event.code === CLOSED.badCursor) this.#cursor = null;
    // A token that cannot be renewed signs the person out; a network that is down is tried again below.
    if (event.code === CLOSED.unauthenticated) await session.renew().catch(() => undefined);
    this.#wait(event.reason);
  }

  /** @param {string} reason */
  #wait(reason) {
    if (this.#stopped) return;
    const limit = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#attempts++);
    const wait = limit * (0.5 + Math.random() / 2);
    const detail = `${reason || "The connection was lost"}; trying again in ${Math.ceil(wait / 1000)} s`;
    this.listener.connection({ state: "waiting", detail });
    this.#retry = window.setTimeout(() => this.#connect(), wait);
  }

  /** A cut network closes nothing by itself, so a feed without heartbeats is taken as lost. */
  #listenForSilence() {
    clearTimeout(this.#silence);
    this.#silence = window.setTimeout(() => this.#abandon(), SILENCE_MS);
  }

  #abandon() {
    const lost = this.#socket;
    if (lost) lost.onclose = lost.onmessage = null;
    lost?.close();
    this.#wait("Nothing was heard from the feed");
  }
}
