/** Drawing and erasing points on the plane, by click, brush and finger, while the network trains. */

import { classCount, CLASSES, MOST, decode, encode, fromPoints } from "../drawing.js";
import { context2d, el, need, setText } from "../dom.js";
import { problemOf, rowOf, withItsData } from "../edits.js";
import { drawPoint } from "../points.js";
import { t } from "../text.js";

/** @import { Actions, Catalogue, Look, State, View } from "../types.js" */
/** @import { Drawn } from "../drawing.js" */

const SPACING = 0.35; // of the plane's units: how far a brush moves from point to point
const ERASER = 0.45;
const REMEMBERED = 50; // strokes that can be undone

/**
 * @param {Document} page
 * @param {Catalogue} catalogue
 * @param {Actions} actions
 * @param {(event: PointerEvent) => [number, number] | null} placeOf where on the plane a pointer is
 * @returns {View}
 */
export function createDrawView(page, catalogue, actions, placeOf) {
  const toggle = need(page, "#draw", HTMLButtonElement);
  const tools = need(page, "#draw-tools", HTMLElement);
  const kinds = need(page, "#draw-kinds", HTMLElement);
  const undo = need(page, "#draw-undo", HTMLButtonElement);
  const clear = need(page, "#draw-clear", HTMLButtonElement);
  const hint = need(page, "#draw-hint", HTMLElement);
  const canvas = need(page, "#boundary", HTMLCanvasElement);
  const ERASE = "erase";

  let on = false;
  /** @type {number | typeof ERASE} the class that is drawn */
  let tool = 1;
  /** @type {string[]} texts before each stroke */
  let strokes = [];
  /** @type {[number, number] | null} where the brush has left its last point */
  let last = null;
  /** @type {[number, number] | null} where the pointer was */
  let before = null;
  /** @type {State | null} */
  let latest = null;
  let offered = "";

  toggle.addEventListener("click", () => {
    on = !on;
    if (latest) update(latest);
  });
  undo.addEventListener("click", () => {
    const before = strokes.pop();
    if (before !== undefined) set(before);
  });
  clear.addEventListener("click", () => {
    remember();
    set("");
  });
  canvas.addEventListener("pointerdown", (event) => {
    const place = on && event.button === 0 ? placeOf(event) : null;
    if (!place) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    remember();
    last = before = null;
    stroke(place);
  });
  canvas.addEventListener("pointermove", follow);

  /** @param {PointerEvent} event */
  function follow(event) {
    if (!on || !canvas.hasPointerCapture(event.pointerId)) return;
    const place = placeOf(event);
    if (place) stroke(place);
  }

  /** The points as they are: drawn ones, or those of the set that is shown. @returns {Drawn[]} */
  function present() {
    if (!latest?.snapshot) return [];
    const { data } = latest.edited;
    if (data.name === "drawn") return decode(data.drawn) ?? [];
    return fromPoints(latest.snapshot.points, latest.snapshot.classes);
  }

  function remember() {
    strokes = [...strokes.slice(1 - REMEMBERED), encode(present())];
  }

  /** @param {string} text */
  function set(text) {
    actions.edit((e) => withItsData(catalogue, e, { name: "drawn", drawn: text }));
  }

  /** @param {[number, number]} place */
  function stroke(place) {
    const [x1, x2] = place;
    const points = present();
    const from = before ?? place;
    before = place;
    if (tool === ERASE) {
      // A browser that is busy tells of few places, however fast the pointer moves.
      const kept = points.filter((point) => distance(point, from, place) > ERASER);
      if (kept.length < points.length) set(encode(kept));
      return;
    }
    if (last && Math.hypot(last[0] - x1, last[1] - x2) < SPACING) return;
    last = [x1, x2];
    if (points.length < MOST) set(encode([...points, { kind: tool, x1, x2 }]));
  }

  /** A button for each class, one more than there are, and the eraser. @param {number} classes @param {Look} look */
  function offer(classes, look) {
    const count = Math.min(CLASSES, classes + 1);
    if (tool !== ERASE && tool >= count) tool = count - 1;
    const key = `${count} ${classes} ${tool} ${look.palette} ${look.theme}`;
    if (key === offered) return;
    offered = key;
    const focused = kinds.contains(page.activeElement);
    /** @param {typeof tool} choice @param {string} label @param {Node | string} face */
    const button = (choice, label, face) => {
      const made = el(
        "button",
        { type: "button", class: "draw-kind", "aria-pressed": String(tool === choice), "aria-label": label },
        face,
      );
      made.title = label;
      made.addEventListener("click", () => {
        tool = choice;
        if (latest) update(latest);
      });
      return made;
    };
    const all = Array.from({ length: count }, (_, kind) => {
      const mark = el("canvas", { width: 40, height: 40, class: "marker", "aria-hidden": "true" });
      const several = Math.max(classes, kind + 1);
      const label = several > 2 ? kind : 2 * kind - 1;
      drawPoint(context2d(mark), 20, 20, 11, label, { look, hollow: false, graded: false, classes: several });
      return button(kind, t("draw.class", { n: kind + 1 }), mark);
    });
    kinds.replaceChildren(...all, button(ERASE, t("draw.erase"), "⌫"));
    if (focused) /** @type {HTMLElement | null} */ (kinds.querySelector("[aria-pressed=true]"))?.focus();
  }

  /** @param {State} state */
  function update(state) {
    latest = state;
    const { edited, look, snapshot } = state;
    const { kind } = rowOf(catalogue, edited.data);
    const possible =
      kind === "drawn" || (kind === "plane" && problemOf(catalogue, edited.data) === "classification");
    toggle.hidden = !possible;
    if (!possible) {
      on = false;
      strokes = [];
    }
    toggle.setAttribute("aria-pressed", String(on));
    tools.hidden = !on;
    canvas.classList.toggle("drawing", on);
    if (!on) return;
    const drawn = kind === "drawn";
    offer(drawn ? classCount(edited.data.drawn) : (snapshot?.classes ?? 2), look);
    const count = drawn
      ? (decode(edited.data.drawn) ?? []).length
      : (snapshot?.points.values.length ?? 0) / 3;
    undo.disabled = strokes.length === 0;
    clear.disabled = count === 0;
    setText(hint, t(count < 2 ? "draw.too_few" : count >= MOST ? "draw.full" : "draw.hint", { most: MOST }));
  }

  return { update };
}

/**
 * Of a point from a line between two places.
 * @param {{ x1: number, x2: number }} point
 * @param {[number, number]} a
 * @param {[number, number]} b
 */
function distance(point, a, b) {
  const [along1, along2] = [b[0] - a[0], b[1] - a[1]];
  const [to1, to2] = [point.x1 - a[0], point.x2 - a[1]];
  const part = (to1 * along1 + to2 * along2) / (along1 ** 2 + along2 ** 2 || 1);
  const at = Math.min(1, Math.max(0, part));
  return Math.hypot(to1 - at * along1, to2 - at * along2);
}
