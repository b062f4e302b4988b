// @ts-check
/** Preact and htm, bound together: every view imports from here. */

import htm from "./vendor/htm-3.1.1.mjs";
import { h, render } from "./vendor/preact-11.2.0.mjs";

export { useEffect, useMemo, useRef, useState } from "./vendor/preact-hooks-11.2.0.mjs";
export { render };

/** A template such as html`<p class="note">${text}</p>` as a virtual node. */
export const html = htm.bind(h);
