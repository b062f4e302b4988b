// @ts-check
/** Which entities are drawn, and in which colour: both stay as they are while new records come in. */

export const LINES_AT_MOST = 6;
/** An entity gives up its line only to one that is this many times as frequent. */
const LEAD = 1.5;
const NAMES = new Intl.Collator(undefined, { numeric: true });

export class Palette {
  /** @type {(string | null)[]} */
  #owners = Array(LINES_AT_MOST).fill(null);
  /** @type {Set<string>} */
  #drawn = new Set();

  /**
   * The most frequent entities, by name.
   * @param {Map<string, number>} counts  records of each entity
   */
  choose(counts) {
    const weight = (/** @type {string} */ name) =>
      (counts.get(name) ?? 0) * (this.#drawn.has(name) ? LEAD : 1);
    const chosen = byName(counts.keys())
      .sort((one, other) => weight(other) - weight(one))
      .slice(0, LINES_AT_MOST);
    this.#drawn = new Set(chosen);
    return byName(chosen);
  }

  /**
   * The number of the colour of each name, from 1. Who was chosen keeps theirs as long as no other needs it;
   * a name that was not, and is looked at alone, gets the first and owns none.
   * @param {string[]} names
   */
  colours(names) {
    for (const name of names) if (this.#drawn.has(name)) this.#own(name);
    return names.map((name) => Math.max(this.#owners.indexOf(name), 0) + 1);
  }

  /** @param {string} name */
  #own(name) {
    if (this.#owners.includes(name)) return;
    const free = this.#owners.indexOf(null);
    const idle = this.#owners.findIndex((owner) => owner !== null && !this.#drawn.has(owner));
    this.#owners[free >= 0 ? free : idle] = name;
  }
}

/** @param {Iterable<string>} names */
export const byName = (names) => [...names].sort(NAMES.compare);

/** @type {Map<string, Palette>} */
const palettes = new Map();

/** That of a stream, the same until the page is left. @param {string} stream */
export function paletteOf(stream) {
  const found = palettes.get(stream) ?? new Palette();
  palettes.set(stream, found);
  return found;
}
