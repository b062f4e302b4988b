// @ts-check
/** The list of streams: how much came in, and who scores it. */

import { counted, short, whole } from "../format.js";
import { html } from "../lib.js";

/**
 * @typedef {import("../types.js").Stream} Stream
 * @typedef {import("../types.js").Deployment} Deployment
 */

/**
 * @typedef {object} ListProps
 * @property {Stream[]} streams
 * @property {Deployment[] | null} deployments  null for who may not see them
 * @property {string} chosen
 * @property {(name: string) => void} choose
 *
 * @typedef {object} ItemProps
 * @property {Stream} stream
 * @property {Deployment | null | undefined} champion  null for who may not see it
 * @property {boolean} current
 * @property {(name: string) => void} choose
 */

/** @param {ListProps} props */
export function StreamList({ streams, deployments, chosen, choose }) {
  const champions = deployments && new Map(deployments.map((each) => [each.stream, each]));
  return html`
    <nav class="streams" aria-label="Streams">
      <h2>Streams <span class="muted">${streams.length}</span></h2>
      <ul>
        ${streams.map(
          (stream) => html`
            <li key=${stream.name}>
              <${StreamItem} stream=${stream} champion=${champions && champions.get(stream.name)}
                current=${stream.name === chosen} choose=${choose} />
            </li>
          `,
        )}
      </ul>
    </nav>
  `;
}

/** @param {ItemProps} props */
function StreamItem({ stream, champion, current, choose }) {
  const { accepted, rejected } = stream.counts;
  const count = `${whole(accepted)} accepted, ${whole(rejected)} rejected`;
  return html`
    <button aria-current=${current ? "true" : undefined} onClick=${() => choose(stream.name)}>
      <span class="name">${stream.name}</span>
      <span class="counts" title=${count}>
        ${counted(accepted, "record", "records")}
        ${rejected > 0 && html` · <span class="rejected">${short(rejected)} rejected</span>`}
      </span>
      ${
        champion !== null && html`<${Champion} champion=${champion} />`
      }
    </button>
  `;
}

/** @param {{champion: Deployment | undefined}} props */
function Champion({ champion }) {
  return champion?.model
    ? html`<span class="champion">${champion.model}<b>@${champion.version}</b></span>`
    : html`<span class="champion adaptive">adaptive (no model)</span>`;
}
