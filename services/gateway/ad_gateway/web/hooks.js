// @ts-check
/** What several views need of the browser. */

import { useEffect, useRef, useState } from "./lib.js";

/**
 * Asks again and again while the page is visible; an error keeps the last answer.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} load
 * @param {number} seconds
 * @param {string} subject  another one starts over
 * @returns {{answer: T | null, error: Error | null}}
 */
export function usePolling(load, seconds, subject) {
  const [state, setState] = useState(
    /** @type {{subject: string, answer: T | null, error: Error | null}} */ ({
      subject,
      answer: null,
      error: null,
    }),
  );
  const latest = useRef(load);
  latest.current = load;
  useEffect(
    () =>
      repeat(seconds, async (signal) => {
        try {
          const answer = await latest.current(signal);
          if (!signal.aborted) setState({ subject, answer, error: null });
        } catch (error) {
          if (signal.aborted || !(error instanceof Error)) return;
          setState((old) => ({ subject, answer: old.subject === subject ? old.answer : null, error }));
        }
      }),
    [subject, seconds],
  );
  return state.subject === subject ? state : { answer: null, error: null };
}

/**
 * Runs a job with pauses while the page is visible, and at once when it becomes so.
 * @param {number} seconds
 * @param {(signal: AbortSignal) => Promise<void>} job
 */
function repeat(seconds, job) {
  const stop = new AbortController();
  let timer = 0;
  let busy = false;
  const run = async () => {
    clearTimeout(timer);
    if (busy || stop.signal.aborted || document.hidden) return;
    busy = true;
    await job(stop.signal);
    busy = false;
    if (!stop.signal.aborted) timer = window.setTimeout(run, seconds * 1000);
  };
  document.addEventListener("visibilitychange", run);
  void run();
  return () => {
    stop.abort();
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", run);
  };
}

/**
 * The part of the address behind "#/", and a way to change it.
 * @returns {[string, (next: string) => void]}
 */
export function useHash() {
  const [hash, setHash] = useState(read);
  useEffect(() => {
    const change = () => setHash(read());
    window.addEventListener("hashchange", change);
    return () => window.removeEventListener("hashchange", change);
  }, []);
  return [hash, (next) => void (location.hash = `#/${encodeURIComponent(next)}`)];
}

function read() {
  try {
    return decodeURIComponent(location.hash.replace(/^#\/?/, ""));
  } catch {
    return "";
  }
}
