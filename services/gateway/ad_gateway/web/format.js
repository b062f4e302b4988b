// @ts-check
/** Numbers and times for people: in the viewer's language and zone. */

const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const WHOLE = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const PLAIN = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 5 });
const DAY = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
const YEAR = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", year: "numeric" });
const MINUTE = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const SECOND = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit", second: "2-digit" });
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const ZONED = /(Z|[+-]\d\d:?\d\d)$/;

/**
 * Milliseconds of a time as the interface writes it; a time without a zone is UTC.
 * @param {unknown} time
 */
export function milliseconds(time) {
  if (typeof time === "number") return time;
  if (typeof time !== "string") return NaN;
  return Date.parse(ZONED.test(time) ? time : `${time.replace(" ", "T")}Z`);
}

/** @param {number} at */
export function local(at) {
  return Number.isFinite(at) ? MOMENT.format(at) : "unknown";
}

/** @param {number} at */
export function utc(at) {
  return Number.isFinite(at) ? `${new Date(at).toISOString().replace("T", " ").replace("Z", "")} UTC` : "";
}

/**
 * Labels of a time axis: as fine as the step needs, with the day or year under the first
 * and where it changes.
 * @param {number[]} times @param {number} step in milliseconds
 */
export function ticks(times, step) {
  let last = "";
  return times.map((at) => {
    if (!Number.isFinite(at)) return "";
    const label = (step >= DAY_MS ? DAY : step >= MINUTE_MS ? MINUTE : SECOND).format(at);
    const under = step >= DAY_MS ? String(new Date(at).getFullYear()) : YEAR.format(at);
    const shown = under === last ? label : `${label}\n${under}`;
    last = under;
    return shown;
  });
}

/** @param {number} value */
export const whole = (value) => WHOLE.format(value);

/** @param {number} value */
export const short = (value) => (Math.abs(value) < 10_000 ? WHOLE.format(value) : SHORT.format(value));

/** "1 record", "2,000 records". @param {number} count @param {string} one @param {string} many */
export const counted = (count, one, many) => `${short(count)} ${count === 1 ? one : many}`;

/** @param {number | null | undefined} value */
export function plain(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-4 || size >= 1e9) ? value.toExponential(3) : PLAIN.format(value);
}

/**
 * How rare a record is, from its tail probability: "1 in 2,000".
 * @param {number | null | undefined} probability
 */
export function rarity(probability) {
  if (probability === null || probability === undefined) return "–";
  if (probability < 1e-9) return "under 1 in 10⁹";
  return `1 in ${short(1 / probability)}`;
}
