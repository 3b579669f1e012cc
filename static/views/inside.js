/** Look inside: what this very network computes, for a point, for the next batch, layer by layer. */

import { need } from "../dom.js";
import { batchParts } from "../inside/batch.js";
import { createLayers } from "../inside/layers_tab.js";
import { linearParts, obstacle } from "../inside/linear.js";
import { createMarks, spotFor } from "../inside/marks.js";
import { createPoint } from "../inside/point.js";
import { block } from "../inside/reading.js";
import { h, patch } from "../patch.js";
import { createSurface } from "../surface/tab.js";
import { t } from "../text.js";

/** @import { Actions, Catalogue, Snapshot, State, View } from "../types.js" */
/** @import { Spot } from "../inside/marks.js" */

/** @typedef {"point" | "batch" | "layers" | "linear" | "surface"} Tab also the panel of the protocol that it shows */

/** @type {Tab[]} */
const TABS = ["point", "batch", "layers", "linear", "surface"];

/**
 * @param {Document} page
 * @param {Catalogue} catalogue
 * @param {Actions} actions
 * @param {{ placeOf(event: MouseEvent): [number, number] | null, spotOf(x1: number, x2: number): [number, number] }} plane
 * @returns {View}
 */
export function createInsideView(page, catalogue, actions, { placeOf, spotOf }) {
  const section = need(page, "#inside", HTMLElement);
  const opener = need(page, "#inside-open", HTMLButtonElement);
  const network = need(page, "#network", HTMLElement);
  const canvas = need(page, "#boundary", HTMLCanvasElement);
  const collapse = need(page, "#inside-collapse", HTMLButtonElement);
  const tabs = TABS.map((name) => need(page, `#inside-tab-${name}`, HTMLButtonElement));
  const panels = TABS.map((name) => need(page, `#inside-${name}`, HTMLElement));
  const mark = createMarks(need(page, "#plane", HTMLElement), spotOf);
  const point = createPoint(page, catalogue, (asked) => {
    if (shown === "point") actions.openPanel("point", asked);
    if (latest?.snapshot) mark(spots(latest.snapshot));
  });
  const layers = createLayers(page);
  const surface = createSurface(page, catalogue, (asked) => {
    if (shown === "surface") actions.openPanel("surface", asked);
  });

  let open = false;
  /** @type {Tab} */
  let tab = "point";
  /** @type {Tab | null} what the server shows */
  let shown = null;
  /** @type {State | null} */
  let latest = null;
  /** @type {unknown} what was drawn last */
  let drawn = null;

  opener.addEventListener("click", () => {
    toggle(!open);
    if (!open) return;
    tabs[TABS.indexOf(tab)]?.focus({ preventScroll: true });
    // Beside the section, at the window's foot, there is room for network and output; else it is on its own.
    const beside = getComputedStyle(section).position === "sticky" ? network : section;
    beside.scrollIntoView({ block: "start" });
  });
  need(page, "#inside-close", HTMLButtonElement).addEventListener("click", () => {
    toggle(false);
    opener.focus();
  });
  for (const [i, button] of tabs.entries()) {
    button.addEventListener("click", () => choose(i));
    button.addEventListener("keydown", (event) => {
      const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: -1 }[event.key];
      if (to === undefined) return;
      event.preventDefault(); // no scrolling
      choose((to + TABS.length) % TABS.length);
      tabs[TABS.indexOf(tab)]?.focus();
    });
  }
  collapse.addEventListener("click", () => actions.collapse());
  canvas.addEventListener("click", (event) => {
    if (shown !== "point" || canvas.classList.contains("drawing")) return;
    const place = placeOf(event);
    if (place) point.choose(place);
  });

  /** @param {number} index */
  function choose(index) {
    tab = TABS[index] ?? "point";
    if (latest) update(latest);
  }

  /** @param {boolean} wanted */
  function toggle(wanted) {
    open = wanted;
    if (latest) update(latest);
  }

  /** Has the server show this tab, and no other. @param {Tab | null} wanted @param {Snapshot} snapshot */
  function follow(wanted, snapshot) {
    if (wanted === shown) return;
    const before = shown;
    shown = wanted; // what follows changes the state, which comes back here
    drawn = null;
    if (before === "layers") layers.rest();
    if (before) actions.closePanel(before);
    if (wanted === "point") {
      const asked = point.begin(snapshot);
      if (asked) actions.openPanel(wanted, asked);
    } else if (wanted === "surface") actions.openPanel(wanted, surface.begin(snapshot));
    else if (wanted) actions.openPanel(wanted, {});
    for (const [i, name] of TABS.entries()) {
      const button = tabs[i];
      button?.setAttribute("aria-selected", String(name === tab));
      button?.setAttribute("tabindex", name === tab ? "0" : "-1");
      const panel = panels[i];
      if (panel) panel.hidden = name !== wanted;
    }
  }

  /** @param {Snapshot} snapshot @returns {Spot[]} */
  function spots(snapshot) {
    if (shown === "point") return point.spots(snapshot);
    const numbers = shown === "batch" ? block(snapshot, "batch.points") : null;
    if (!numbers || !snapshot.panels.batch) return [];
    return Array.from(numbers, (at) => {
      const [x1 = 0, x2 = 0, label = 0] = snapshot.points.values.subarray(3 * at, 3 * at + 3);
      return spotFor(snapshot, x1, x2, label);
    });
  }

  /** @param {Tab} wanted @param {Snapshot} snapshot */
  function draw(wanted, snapshot) {
    if (wanted === "point") {
      point.update(snapshot);
      return;
    }
    if (wanted === "layers") {
      layers.update(snapshot);
      return;
    }
    if (wanted === "surface") {
      if (latest) surface.update(snapshot, latest.look);
      return;
    }
    const said = snapshot.panels[wanted];
    if (wanted === "linear") collapse.hidden = obstacle(catalogue, snapshot.experiment) !== null;
    const from = wanted === "linear" ? (said ?? snapshot.experiment) : said;
    if (from === drawn) return;
    drawn = from;
    const parts = {
      batch: () => batchParts(catalogue, snapshot),
      linear: () => linearParts(catalogue, snapshot),
    }[wanted]();
    const body = need(page, `#inside-${wanted}-body`, HTMLElement);
    patch(body, parts.length > 0 ? parts : [h("p", { class: "small" }, t("inside.waiting"))]);
  }

  /** @param {State} state */
  function update(state) {
    latest = state;
    const { snapshot, presenting, hidden } = state;
    const seen = open && !presenting && !hidden.includes("inside") && snapshot !== null;
    if (!seen && shown === null && section.hidden === !open) return;
    opener.setAttribute("aria-expanded", String(open));
    section.hidden = !open;
    if (!snapshot) return;
    follow(seen ? tab : null, snapshot);
    if (!seen || shown !== tab) {
      mark([]);
      return;
    }
    draw(tab, snapshot);
    mark(spots(snapshot));
  }

  return { update };
}
