/**
 * A short explanation of each control: on hover, when the keyboard moves to it and on a long press. The texts
 * are messages `help.<name>`; a menu adds the formula and the help of the row that it is at.
 */

import { el, need, setText } from "./dom.js";
import { t } from "./text.js";

/** @import { Catalogue, Row } from "./types.js" */

const HOVER = 500; // ms before it shows
const PRESS = 550;
const GAP = 8; // px

/** @type {[string, string, (keyof Catalogue)?][]} selector of the control, name of its help, rows of its menu */
const CONTROLS = [
  ["#play", "play"],
  ["#step", "step"],
  ["#step-batch", "step_batch"],
  ["#rewind", "rewind"],
  ["#new-weights", "new_weights"],
  ["#speed", "speed", "speeds"],
  ["#stop-button", "stop"],
  ["#learning-rate", "learning_rate"],
  ["#optimizer", "optimizer", "optimizers"],
  ["#loss", "loss", "losses"],
  ["#regularization", "regularization", "regularizations"],
  ["#regularization-rate", "regularization_rate"],
  ["#initializer", "initializer", "initializers"],
  ["#batch-size", "batch_size"],
  ["#more-button", "more"],
  ["#problem", "problem", "problems"],
  [".sets legend", "data"],
  ["#classes", "classes"],
  ["#points", "points"],
  ["#noise", "noise"],
  ["#train-share", "train_share"],
  ["#keep-weights", "keep"],
  ["#new-data", "new_data"],
  ["#own-data", "own_data"],
  ["#choose-columns", "columns"],
  ["#download-data", "download"],
  ["#feature-head", "features"],
  [".layer-count", "layers"],
  ["#activation", "activation", "activations"],
  ["#output-activation", "output_activation", "output_activations"],
  ["#inside-open", "inside"],
  [".inside .tabs", "inside_tabs"],
  ["#inside-columns", "inside_point"],
  ["#inside-target", "inside_target"],
  [".inside .stepper", "inside_layer"],
  ["#inside-direction", "inside_direction"],
  ["#inside-way", "inside_way"],
  ["#inside-collapse", "inside_collapse"],
  ["#inside-over", "surface_over"],
  ["#inside-shape", "surface_shape"],
  ["#surface-first", "surface_weight"],
  ["#surface-second", "surface_weight"],
  ["#surface-others", "surface_others"],
  [".surface-zoom", "surface_zoom"],
  ["#surface-turns", "surface_turns"],
  ["#show-test", "show_test"],
  ["#discretize", "discretize"],
  ["#residuals", "residuals"],
  ["#alone", "alone"],
  ["#draw", "draw"],
  ["#back-slider", "back"],
  ["#back-pin", "back_pin"],
  ["#compare", "compare"],
  ["#chart-choice", "chart"],
  ["#log-scale", "log_scale"],
  ["#share", "share"],
  ["#take", "take"],
  ["#view", "view"],
  ["#show-keys", "keys"],
];

/**
 * @param {Document} page
 * @param {Catalogue} catalogue
 */
export function explainControls(page, catalogue) {
  const tip = el("div", { class: "help", role: "tooltip", id: "help", hidden: true });
  // Hidden, and read where a control is described by it.
  const notes = el("div", { hidden: true });
  const home = need(page, "main", HTMLElement);
  home.append(tip, notes);
  let waiting = 0;
  let moving = false; // whether the last key was one that moves from control to control
  /** @type {Element | null} */
  let of = null;

  /** @param {Element} control @param {string} name @param {keyof Catalogue} [rows] */
  function words(control, name, rows) {
    const parts = [t(`help.${name}`)];
    if (rows && control instanceof HTMLSelectElement) {
      const listed = /** @type {Row[]} */ (catalogue[rows]);
      const row = listed.find((candidate) => candidate.name === control.value);
      const about = [row?.formula, row?.help].filter(Boolean).join("\n");
      if (row && about) parts.push(`${row.label}: ${about}`);
    }
    return parts.join("\n\n");
  }

  function hide() {
    clearTimeout(waiting);
    tip.hidden = true;
    of = null;
  }

  /** @param {Element} control @param {() => string} text */
  function show(control, text) {
    of = control;
    setText(tip, text());
    // A popover lies above everything but what it holds.
    (control.closest("[popover], dialog") ?? home).append(tip);
    tip.hidden = false;
    const { left, bottom, top } = control.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = tip;
    const { innerWidth, innerHeight } = window;
    const below = bottom + GAP + height <= innerHeight;
    tip.style.left = `${Math.max(GAP, Math.min(innerWidth - width - GAP, left))}px`;
    tip.style.top = `${below ? bottom + GAP : Math.max(GAP, top - GAP - height)}px`;
  }

  for (const [selector, name, rows] of CONTROLS) {
    const control = page.querySelector(selector);
    if (!control) continue;
    const field = control.closest(".field, .check") ?? control;
    const text = () => words(control, name, rows);
    const note = el("span", { id: `about-${name}` }, t(`help.${name}`));
    notes.append(note);
    const known = control.getAttribute("aria-describedby");
    control.setAttribute("aria-describedby", known ? `${known} ${note.id}` : note.id);
    field.addEventListener("pointerenter", (event) => {
      if (!(event instanceof PointerEvent) || event.pointerType !== "mouse") return;
      clearTimeout(waiting);
      waiting = window.setTimeout(() => show(control, text), HOVER);
    });
    field.addEventListener("pointerleave", (event) => {
      if (event instanceof PointerEvent && event.pointerType === "mouse") hide();
    });
    field.addEventListener("focusin", () => {
      // What closes gives its focus back: nobody has come to this control to learn what it does.
      if (!moving) return;
      const reached = control.matches(":focus-visible, :has(:focus-visible)"); // a group by one of its own
      if (reached && !(control instanceof HTMLSelectElement && of === control)) show(control, text);
    });
    field.addEventListener("focusout", hide);
    control.addEventListener("change", () => {
      if (of === control) setText(tip, text());
    });
    field.addEventListener("pointerdown", (event) => {
      hide();
      if (!(event instanceof PointerEvent) || event.pointerType === "mouse") return;
      waiting = window.setTimeout(() => show(control, text), PRESS);
    });
    for (const ended of ["pointerup", "pointercancel"]) {
      field.addEventListener(ended, () => clearTimeout(waiting));
    }
    field.addEventListener("contextmenu", (event) => {
      if (of === control) event.preventDefault(); // the long press was for the help
    });
  }
  page.addEventListener(
    "keydown",
    ({ key }) => {
      moving = key === "Tab" || key.startsWith("Arrow");
      if (key === "Escape") hide();
    },
    { capture: true },
  );
  page.addEventListener("scroll", hide, { capture: true, passive: true });
  page.addEventListener("pointerdown", (event) => {
    if (of && event.target instanceof Element && !event.target.contains(of)) hide();
  });
}
