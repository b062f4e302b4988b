// @ts-check
/** A list of anomalies that grows at both ends: live at the top, and by asking for older ones. */

import { listed, merged } from "./anomalies.js";
import * as api from "./api.js";
import { useEffect, useMemo, useRef, useState } from "./lib.js";

/**
 * @typedef {import("./anomalies.js").Known} Known
 * @typedef {import("./types.js").Severity} Severity
 * @typedef {{stream: string | null, severity: Severity}} Wanted
 *
 * @typedef {object} State
 * @property {string} subject
 * @property {Known[]} rows  in order and without holes
 * @property {string | null} cursor  where older ones begin; null when there are none
 * @property {boolean} busy
 * @property {Error | null} error
 */

const PAGE = 100;

/** @param {string} subject @returns {State} */
const empty = (subject) => ({ subject, rows: [], cursor: null, busy: true, error: null });

/**
 * @param {Wanted} wanted
 * @param {Map<string, Known[]>} known  what the page knows, live ones among it
 * @param {number} opened  another number asks again
 */
export function useListing({ stream, severity }, known, opened) {
  const subject = `${stream ?? ""} ${severity}`;
  const [state, setState] = useState(empty(subject));
  const [pages, setPages] = useState(1);
  const stop = useRef(new AbortController());
  const { rows, cursor, busy, error } = state.subject === subject ? state : empty(subject);

  /** Asks for what comes after the cursor, or for the newest. @param {string | null} after */
  async function load(after) {
    const { signal } = stop.current;
    setState({ subject, rows, cursor, busy: true, error: null });
    try {
      const page = await api.anomalyPage({ stream, severity, limit: PAGE, cursor: after }, signal);
      if (!signal.aborted)
        setState({ subject, ...joined({ rows, cursor }, page, after), busy: false, error: null });
    } catch (problem) {
      if (signal.aborted || !(problem instanceof Error)) return;
      setState({ subject, rows, cursor, busy: false, error: problem });
    }
  }

  useEffect(() => {
    stop.current = new AbortController();
    void load(null);
    return () => stop.current.abort();
  }, [subject, opened]);
  useEffect(() => setPages(1), [subject]);

  const all = useMemo(
    () => listed(rows, cursor !== null, known, stream, severity),
    [rows, cursor, known, subject],
  );
  const more = () => {
    setPages(pages + 1);
    if (cursor !== null && all.length < (pages + 1) * PAGE) void load(cursor);
  };
  return {
    rows: all.slice(0, pages * PAGE),
    left: cursor !== null || all.length > pages * PAGE,
    busy,
    error,
    more,
  };
}

/**
 * @param {Pick<State, "rows" | "cursor">} old
 * @param {{items: import("./types.js").Anomaly[], next_cursor: string | null}} page
 * @param {string | null} after
 * @returns {Pick<State, "rows" | "cursor">}
 */
function joined({ rows, cursor }, page, after) {
  if (after !== null) return { rows: merged(rows, page.items), cursor: page.next_cursor };
  // The newest, asked for again: they touch the old rows, or between them lies what nobody has asked for.
  const ids = new Set(rows.map(({ id }) => id));
  const touching = page.items.some(({ id }) => ids.has(id));
  return touching
    ? { rows: merged(rows, page.items), cursor }
    : { rows: merged([], page.items), cursor: page.next_cursor };
}
