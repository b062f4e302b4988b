// @ts-check
/** The chart: lines by uPlot, anomalies and their expected ranges painted over them. */

import { plain, ticks } from "./format.js";
import { colour, paintMarks } from "./paint.js";
import UPlot from "./vendor/uplot-1.6.32.mjs";

/**
 * @typedef {import("./series.js").Series} Series
 * @typedef {import("./series.js").Mark} Mark
 * @typedef {object} Listener
 * @property {(place: number | null, mark: Mark | null) => void} hover
 * @property {(mark: Mark) => void} pick
 * @property {(zoomed: boolean) => void} zoom
 */

const NEAR_PX = 14;
const OVER_PX = 7;
const ROOM_SHARE = 0.004;
const HEIGHT_PX = 320;
const NARROW_PX = 520;
const NARROW_HEIGHT_PX = 240;

export class Plot {
  /** @type {UPlot | null} */
  #plot = null;
  /** @type {Series | null} */
  #series = null;
  /** @type {Mark[]} */
  #marks = [];
  #shape = "";
  #zoomed = false;

  /** @param {HTMLElement} place @param {Listener} listener */
  constructor(place, listener) {
    this.place = place;
    this.listener = listener;
    this.watch = new ResizeObserver(() => this.#plot?.setSize(this.#size()));
    this.watch.observe(place);
    this.theme = window.matchMedia("(prefers-color-scheme: dark)");
    this.repaint = () => this.#build();
    this.theme.addEventListener("change", this.repaint);
  }

  destroy() {
    this.watch.disconnect();
    this.theme.removeEventListener("change", this.repaint);
    this.#plot?.destroy();
  }

  /** @param {Series} series @param {Mark[]} marks @param {string} subject  another one forgets the zoom */
  show(series, marks, subject) {
    this.#series = series;
    this.#marks = marks;
    const shape = [subject, series.ordinal, ...series.lines.map(({ name, colour }) => `${colour} ${name}`)].join("\n");
    if (shape === this.#shape && this.#plot) {
      this.#plot.setData(this.#data(), !this.#zoomed);
      if (this.#zoomed) this.#plot.redraw();
      return;
    }
    this.#shape = shape;
    this.#build();
  }

  unzoom() {
    this.#plot?.setData(this.#data(), true);
  }

  #size() {
    const width = this.place.clientWidth;
    return { width, height: width < NARROW_PX ? NARROW_HEIGHT_PX : HEIGHT_PX };
  }

  /** @returns {any} */
  #data() {
    return this.#series ? [this.#series.x, ...this.#series.lines.map(({ values }) => values)] : [[]];
  }

  #build() {
    if (!this.#series) return;
    this.#plot?.destroy();
    this.#plot = new UPlot(this.#options(this.#series), this.#data(), this.place);
    this.#plot.over.addEventListener("click", () => {
      const mark = this.#near();
      if (mark) this.listener.pick(mark);
    });
  }

  /** @param {Series} series @returns {UPlot.Options} */
  #options(series) {
    const axis = { stroke: colour("--muted"), font: font(), grid: { stroke: colour("--grid"), width: 1 } };
    const marks = { stroke: colour("--grid"), width: 1, size: 4 };
    return {
      ...this.#size(),
      ms: 1,
      legend: { show: false },
      padding: [10, 12, 0, 0],
      scales: { x: { time: !series.ordinal, range: (_, min, max) => beyond(min, max) } },
      cursor: { points: { size: 7 }, drag: { x: true, y: false } },
      axes: [
        {
          ...axis,
          ticks: marks,
          space: 84,
          values: (_plot, at, _axis, _space, step) => this.#labels(at, step),
        },
        { ...axis, ticks: marks, size: 58, values: (_, at) => at.map((each) => plain(each)) },
      ],
      series: [{}, ...series.lines.map((_, place) => this.#line(place))],
      hooks: {
        draw: [(plot) => this.#paint(plot)],
        setCursor: [(plot) => this.#hover(plot)],
        setScale: [(plot, key) => key === "x" && this.#scaled(plot)],
      },
    };
  }

  /** What uPlot asks later is answered from the newest data. @param {number} place */
  #line(place) {
    const line = () => this.#series?.lines[place];
    return {
      stroke: colour(`--line-${line()?.colour ?? 1}`),
      width: 1.5,
      // Entities take turns, so a missing value is no gap; a long silence is.
      gaps: (/** @type {UPlot} */ plot) =>
        (line()?.gaps ?? []).map(
          ([from, to]) =>
            /** @type {[number, number]} */ ([plot.valToPos(from, "x", true), plot.valToPos(to, "x", true)]),
        ),
      points: { show: false, size: 4, filter: () => alone(line()?.alone) },
    };
  }

  /** @param {number[]} at @param {number} step */
  #labels(at, step) {
    const { ordinal = false, times = [] } = this.#series ?? {};
    return ordinal
      ? ticks(
          at.map((place) => times[place]),
          0,
        )
      : ticks(at, step);
  }

  /** @param {UPlot} plot */
  #scaled(plot) {
    const x = plot.data[0];
    const { min, max } = plot.scales.x;
    const zoomed = x.length > 1 && min != null && max != null && (min > x[0] || max < x[x.length - 1]);
    if (zoomed !== this.#zoomed) this.listener.zoom(zoomed);
    this.#zoomed = zoomed;
  }

  /** @param {UPlot} plot */
  #hover(plot) {
    const mark = this.#near();
    plot.over.style.cursor = mark ? "pointer" : "";
    this.listener.hover(mark ? null : (plot.cursor.idx ?? null), mark);
  }

  /** The mark under the pointer. */
  #near() {
    const { left = -1, top = -1 } = this.#plot?.cursor ?? {};
    if (!this.#plot || left === null || top === null || left < 0) return null;
    let best = null;
    let nearest = NEAR_PX;
    for (const mark of this.#marks) {
      const away = Math.hypot(
        this.#plot.valToPos(mark.x, "x") - left,
        this.#plot.valToPos(mark.y, "y") - top,
      );
      if (away < nearest) [best, nearest] = [mark, away];
    }
    return best;
  }

  /** @param {UPlot} plot */
  #paint(plot) {
    const { ctx, bbox } = plot;
    const { min, max } = plot.scales.x;
    if (min == null || max == null) return;
    // The mark of the first or last record reaches over the edge.
    const over = OVER_PX * window.devicePixelRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left - over, bbox.top, bbox.width + 2 * over, bbox.height);
    ctx.clip();
    paintMarks(
      plot,
      this.#marks.filter(({ x }) => x >= min && x <= max),
    );
    ctx.restore();
  }
}

/**
 * A little more than the records take: of several in the last moment, uPlot would measure the first only.
 * @param {number} min @param {number} max @returns {[number, number]}
 */
function beyond(min, max) {
  const room = (max - min) * ROOM_SHARE || 1;
  return [min - room, max + room];
}

/** Nothing, rather than an empty list, keeps uPlot from drawing. @param {number[]} [places] */
const alone = (places = []) => (places.length ? places : null);

const font = () => `11px ${getComputedStyle(document.body).fontFamily}`;
