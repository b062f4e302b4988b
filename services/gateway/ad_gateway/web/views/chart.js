// @ts-check
/** The chart as a view: made once, told of new data. */

import { html, useEffect, useRef, useState } from "../lib.js";
import { Plot } from "../plot.js";

/**
 * @param {{
 *   series: import("../series.js").Series,
 *   marks: import("../series.js").Mark[],
 *   subject: string,
 *   hover: (place: number | null, mark: import("../series.js").Mark | null) => void,
 *   open: (anomaly: import("../anomalies.js").Known) => void,
 * }} props
 */
export function Chart({ series, marks, subject, hover, open }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  const plot = useRef(/** @type {Plot | null} */ (null));
  const latest = useRef({ hover, open });
  latest.current = { hover, open };
  const [zoomed, setZoomed] = useState(false);

  useEffect(() => {
    if (!place.current) return undefined;
    plot.current = new Plot(place.current, {
      hover: (at, mark) => latest.current.hover(at, mark),
      pick: (mark) => latest.current.open(mark.anomaly),
      zoom: setZoomed,
    });
    return () => plot.current?.destroy();
  }, []);
  useEffect(() => plot.current?.show(series, marks, subject), [series, marks, subject]);

  const summary = `${series.x.length} records as lines with ${marks.length} anomalies; the table lists them.`;
  return html`
    <div class="chart">
      <div ref=${place} role="img" aria-label=${summary}></div>
      ${
        zoomed && html`<button class="quiet unzoom" onClick=${() => plot.current?.unzoom()}>Show all</button>`
      }
    </div>
  `;
}
