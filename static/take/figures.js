/** What the page draws, as pictures to keep: drawings (SVG), and the same in pixels (PNG). */

import { inkOf } from "../colors.js";
import { context2d, el, need } from "../dom.js";
import { t } from "../text.js";
import { networkFigure } from "./network_figure.js";
import { planeFigure } from "./plane_figure.js";
import { Refused } from "./requests.js";
import { sheet, written } from "./vector.js";

/** @import { Catalogue, Look, State } from "../types.js" */

const FINER = 2; // pixels of a PNG for each of the drawing's

/** @typedef {Record<keyof typeof NAMED, string>} Colors the page's own, as numbers */

const NAMED = {
  surface: "--surface",
  line: "--line-strong",
  ink: "--ink",
  soft: "--ink-soft",
  negative: "--negative",
  positive: "--positive",
};

/**
 * The style sheet's colours of a look, whichever is on.
 * @param {Document} page
 * @param {Look} look
 * @returns {Colors}
 */
function colorsOf(page, { theme, palette }) {
  const probe = el("span", { "data-palette": palette, hidden: true });
  probe.style.colorScheme = theme;
  page.body.append(probe);
  const found = Object.entries(NAMED).map(([name, variable]) => {
    probe.style.color = `var(${variable})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(found);
}

/** @param {Document} page */
const fontOf = (page) => getComputedStyle(page.body).fontFamily.replaceAll('"', "'");

/** @param {State} state */
function snapshotOf({ snapshot }) {
  if (!snapshot) throw new Refused(t("take.no_picture"));
  return snapshot;
}

/**
 * The plane with its points and axes.
 * @param {Document} page
 * @param {State} state
 * @param {Look} [look]
 */
export function boundaryDrawing(page, state, look = state.look) {
  return written(planeFigure(snapshotOf(state), look, state, fontOf(page)));
}

/**
 * The network with its weights.
 * @param {Document} page
 * @param {State} state
 * @param {Catalogue} catalogue
 * @param {Look} [look]
 */
export function networkDrawing(page, state, catalogue, look = state.look) {
  return written(networkFigure(snapshotOf(state), catalogue, look, colorsOf(page, look), fontOf(page)));
}

/**
 * The chart: what Plotly keeps in several pictures, one upon the other, in one.
 * @param {Document} page
 * @param {State} state
 */
export function chartDrawing(page, { look }) {
  const place = need(page, "#chart", HTMLElement);
  const layers = [...place.querySelectorAll(".main-svg")];
  const [first] = layers;
  if (!first || place.hidden) throw new Refused(t("take.no_chart"));
  const [width = 0, height = 0] = ["width", "height"].map((name) => Number(first.getAttribute(name)));
  const whole = sheet(width, height, inkOf(look).surface);
  for (const layer of layers) {
    const copy = /** @type {Element} */ (layer.cloneNode(true));
    for (const unseen of copy.querySelectorAll(".draglayer, .hoverlayer, .nsewdrag")) unseen.remove();
    whole.append(...copy.childNodes);
  }
  return written(whole);
}

/**
 * A drawing in pixels.
 * @param {Blob} drawing
 * @returns {Promise<Blob>}
 */
export async function inPixels(drawing) {
  const address = URL.createObjectURL(drawing);
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = el("canvas", { width: FINER * image.width, height: FINER * image.height });
    const context = context2d(canvas);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    /** @type {Blob | null} */
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    if (blob) return blob;
  } catch {
    // said below
  } finally {
    URL.revokeObjectURL(address);
  }
  throw new Refused(t("take.no_picture"));
}
