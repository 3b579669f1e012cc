/** The loss surface: what it is over, and its picture, which moves with the network. */

import { context2d, el, need, setText } from "../dom.js";
import { block } from "../inside/reading.js";
import { h, patch } from "../patch.js";
import { t } from "../text.js";
import { weightIndex } from "../weights.js";
import { choicesOf, isLimited } from "./choices.js";
import { drawContour, drawPath } from "./contour.js";
import { drawCurve, drawSteps } from "./curve.js";
import { around, extended, holds, reachOf, showing } from "./path.js";
import { drawRelief } from "./space.js";
import { described, surfaceParts } from "./words.js";

/** @import { AskedSurface, Catalogue, Look, Snapshot, SurfaceSaid } from "../types.js" */
/** @import { Choice } from "./choices.js" */
/** @import { Part, Place } from "./path.js" */
/** @import { Canvas, Drawn, Shown } from "./picture.js" */

const REACH = { one: 3, two: 3, random: 1.5 }; // to each side, at first
const ZOOM = 2;
const [NARROWEST, WIDEST] = [1e-3, 1e5];

/**
 * @param {Document} page
 * @param {Catalogue} catalogue
 * @param {(asked: AskedSurface) => void} ask has frames show another part, or the loss over something else
 */
export function createSurface(page, catalogue, ask) {
  const controls = need(page, "#inside-surface", HTMLElement);
  const shape = need(page, "#inside-shape", HTMLElement);
  const menus = ["#surface-first", "#surface-second"].map((id) => need(page, id, HTMLSelectElement));
  const others = need(page, "#surface-others", HTMLButtonElement);
  const turns = need(page, "#surface-turns", HTMLElement);
  const turn = need(page, "#surface-turn", HTMLInputElement);
  const tilt = need(page, "#surface-tilt", HTMLInputElement);
  const canvas = need(page, "#surface-canvas", HTMLCanvasElement);
  const body = need(page, "#inside-surface-body", HTMLElement);
  const context = context2d(canvas);
  const ground = el("canvas"); // the surface changes seldom, what moves on it often
  const groundContext = context2d(ground);

  /** @type {Snapshot | null} */
  let latest = null;
  /** @type {Look | null} */
  let look = null;
  /** @type {Choice[]} */
  let choices = [];
  let made = ""; // what network the menus are of
  let byHand = false; // whether somebody has chosen
  let seed = 0;
  let reach = 0; // to each side, as chosen; 0: as the path needs it
  /** @type {Place[]} */
  let path = [];
  let run = ""; // what the path is of
  /** @type {Part} */
  let part = { low: [], high: [] };
  /** @type {SurfaceSaid | null | undefined} what was said last of what is asked now */
  let said;
  /** @type {Shown | null} */
  let shown = null;
  /** @type {Shown | null | undefined} what the words are of */
  let worded;
  /** @type {Drawn | null} */
  let drawn = null;
  /** @type {unknown[]} what the ground was drawn from */
  let from = [];

  const chosen = (/** @type {string} */ name) =>
    controls.querySelector(`input[name="inside-${name}"]:checked`)?.getAttribute("value") ?? "";
  const over = () => /** @type {keyof typeof REACH} */ (chosen("over"));

  controls.addEventListener("change", ({ target }) => {
    if (
      target instanceof HTMLSelectElement ||
      (target instanceof HTMLInputElement && target.name === "inside-over")
    ) {
      byHand = true;
      begin(true);
    } else render();
  });
  others.addEventListener("click", () => {
    seed += 1;
    begin(true);
  });
  need(page, "#surface-closer", HTMLButtonElement).addEventListener("click", () => zoom(1 / ZOOM));
  need(page, "#surface-wider", HTMLButtonElement).addEventListener("click", () => zoom(ZOOM));
  turns.addEventListener("input", render);
  let [dragX, dragY] = [0, 0];
  canvas.addEventListener("pointerdown", ({ pointerId, clientX, clientY }) => {
    [dragX, dragY] = [clientX, clientY];
    if (!turns.hidden) canvas.setPointerCapture(pointerId);
  });
  canvas.addEventListener("pointermove", ({ buttons, pointerType, clientX, clientY }) => {
    if (turns.hidden || buttons === 0) return;
    turn.valueAsNumber = ((turn.valueAsNumber + (clientX - dragX) / 2 + 540) % 360) - 180;
    if (pointerType === "mouse") tilt.valueAsNumber += (clientY - dragY) / 3; // a finger scrolls that way
    [dragX, dragY] = [clientX, clientY];
    render();
  });
  new ResizeObserver(render).observe(canvas);

  /** @param {number} times */
  function zoom(times) {
    const last = path.at(-1);
    if (!last) return;
    reach = Math.max(NARROWEST, Math.min(WIDEST, times * (reach || reachOf(part))));
    part = around(last, reach);
    tell();
  }

  /** The menus of this network. @param {Snapshot} snapshot */
  function offer(snapshot) {
    const { layers, experiment } = snapshot;
    const hidden = experiment.network.hidden.map(({ batch_normalization: has }) => has);
    const key = JSON.stringify([layers, hidden, experiment.features, experiment.data.inputs]);
    if (key === made) return false;
    made = key;
    choices = choicesOf(catalogue, snapshot);
    for (const [i, menu] of menus.entries()) {
      const before = menu.value;
      menu.replaceChildren(...choices.map(({ key: value, name }) => el("option", { value }, name)));
      const usual = choices[Math.min(i, choices.length - 1)]?.key ?? "";
      menu.value = choices.some(({ key: value }) => value === before) ? before : usual;
    }
    return true;
  }

  /** The weights that are chosen; of two menus never the same one. */
  function places() {
    const kind = over();
    if (kind === "random") return [];
    const [first, second] = menus;
    if (kind === "two" && first && second && first.value === second.value) {
      second.value = choices.find(({ key }) => key !== first.value)?.key ?? "";
    }
    const used = kind === "one" ? menus.slice(0, 1) : menus;
    return used.flatMap((menu) => choices.find(({ key }) => key === menu.value) ?? []);
  }

  /** Where the network is, if the page itself can say so. @param {Snapshot} snapshot @returns {Place | null} */
  function placeIn({ layers, weights }) {
    const kind = over();
    if (kind === "random")
      return said && said.weights.length === 0 && said.seed === seed
        ? said.at.map((value) => value ?? NaN)
        : null;
    return places().map(({ place }) => weights[weightIndex(layers, place)] ?? NaN);
  }

  /** @returns {AskedSurface} */
  const asked = () => ({ weights: places().map(({ place }) => place), seed, ...part });

  function tell() {
    ask(asked());
    render();
  }

  /** Another choice, or another run: the path begins here. @param {boolean} telling */
  function begin(telling) {
    if (!latest) return;
    const kind = over();
    said = undefined;
    shown = null;
    reach = 0;
    path = [];
    const place = placeIn(latest) ?? [0, 0];
    if (kind !== "random") path = extended(path, place);
    part = around(
      place.map((value) => (Number.isFinite(value) ? value : 0)),
      REACH[kind],
    );
    run = runOf(latest);
    if (telling) tell();
  }

  /** @param {Snapshot} snapshot */
  const runOf = (snapshot) => JSON.stringify([snapshot.run, made]);

  /** Goes on with the path; asks for another part when it has left this one. @param {Snapshot} snapshot */
  function follow(snapshot) {
    const place = placeIn(snapshot);
    if (!place) return;
    path = extended(path, place);
    const last = path.at(-1);
    if (!last || holds(part, last)) return;
    part = reach > 0 ? around(last, reach) : showing(path, REACH[over()]);
    ask(asked());
  }

  /** What came, if it answers what is asked. @param {Snapshot} snapshot */
  function take(snapshot) {
    const now = snapshot.panels.surface;
    if (now === said) return;
    const loss = block(snapshot, "surface.loss");
    if (
      now &&
      JSON.stringify([now.weights.map(keys), now.seed]) !== JSON.stringify([asked().weights.map(keys), seed])
    ) {
      return; // of what was asked before
    }
    said = now;
    shown = null;
    if (!now || !loss) return;
    const side = now.low.length > 1 ? Math.round(Math.sqrt(loss.length)) : loss.length;
    const chosenNames = places().map(({ name }) => name);
    const ways = chosenNames.length > 0 ? chosenNames : [1, 2].map((n) => t("surface.direction", { n }));
    const names = [...ways, t("surface.loss")];
    shown = { loss, side, low: now.low, high: now.high, names };
  }

  /** @param {import("../types.js").WeightPlace} place */
  const keys = ({ layer, source, unit }) => [layer, source, unit];

  function render() {
    const kind = over();
    const relief = chosen("shape") === "relief" && kind !== "one";
    shape.hidden = kind === "one";
    turns.hidden = !relief;
    others.hidden = kind !== "random";
    menus.forEach((menu, i) => {
      /** @type {HTMLElement} */ (menu.parentElement).hidden = kind === "random" || (kind === "one" && i > 0);
    });
    setText(
      need(controls, "label[for=surface-first]", HTMLElement),
      t(kind === "one" ? "surface.single" : "surface.first"),
    );
    canvas.dataset["path"] = String(path.length);
    canvas.dataset["kind"] = kind === "one" ? "curve" : relief ? "relief" : "contour";
    draw(relief);
    if (!latest || worded === shown) return;
    worded = shown;
    if (said && shown) {
      canvas.setAttribute("aria-label", described(said, shown));
      const limited =
        isLimited(latest) && kind !== "random" ? [h("p", { class: "small" }, t("surface.limited"))] : [];
      patch(body, [...surfaceParts(catalogue, latest, said, shown), ...limited]);
    } else patch(body, [h("p", { class: "small" }, t("inside.waiting"))]);
  }

  /** @param {boolean} relief */
  function draw(relief) {
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!look || width === 0) return;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
    const camera = { turn: turn.valueAsNumber, tilt: tilt.valueAsNumber };
    const now = [
      shown,
      look,
      across,
      down,
      canvas.dataset["kind"],
      relief && camera.turn,
      relief && camera.tilt,
    ];
    if (now.some((value, i) => value !== from[i])) {
      from = now;
      for (const one of [canvas, ground]) [one.width, one.height] = [across, down];
      groundContext.setTransform(ratio, 0, 0, ratio, 0, 0);
      groundContext.clearRect(0, 0, width, height);
      drawn = shown ? drawGround(onto(groundContext), shown, camera, relief) : null;
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, across, down);
    context.drawImage(ground, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (!drawn || !shown || !said) return;
    const flatSteps = latest ? block(latest, "surface.steps") : null;
    /** @type {[number, number][]} */
    const steps = [];
    for (let i = 0; flatSteps && i + 1 < flatSteps.length; i += 2)
      steps.push([Number(flatSteps[i]), Number(flatSteps[i + 1])]);
    const mover = { at: path.at(-1) ?? [], path, slope: said.slope.map((value) => value ?? NaN), steps };
    if (shown.low.length === 1) drawSteps(onto(context), drawn, mover, shown);
    else drawPath(onto(context), drawn, mover, !relief);
  }

  /** @param {CanvasRenderingContext2D} to @returns {Canvas} */
  function onto(to) {
    const { fontSize, fontFamily } = getComputedStyle(canvas);
    return {
      to,
      width: canvas.clientWidth,
      height: canvas.clientHeight,
      font: Number.parseFloat(fontSize),
      fontFamily,
      look: /** @type {Look} */ (look),
    };
  }

  return {
    /**
     * What to ask for when the tab opens.
     * @param {Snapshot} snapshot
     * @returns {AskedSurface}
     */
    begin(snapshot) {
      latest = snapshot;
      const [inputs = 0, ...units] = snapshot.layers;
      const single = inputs === 1 && units.length === 1;
      offer(snapshot);
      if (!byHand) {
        // The lecture's parabola, where there is one weight; else both weights of the first neuron.
        need(controls, `input[value=${single ? "one" : "two"}]`, HTMLInputElement).checked = true;
      }
      begin(false);
      return asked();
    },

    /**
     * @param {Snapshot} snapshot
     * @param {Look} wanted
     */
    update(snapshot, wanted) {
      latest = snapshot;
      look = wanted;
      if (offer(snapshot) || runOf(snapshot) !== run) begin(true);
      take(snapshot);
      follow(snapshot);
      render();
    },
  };
}

/** @param {Canvas} canvas @param {Shown} shown @param {import("./relief.js").Camera} camera @param {boolean} relief */
function drawGround(canvas, shown, camera, relief) {
  if (shown.low.length === 1) return drawCurve(canvas, shown);
  return relief ? drawRelief(canvas, shown, camera) : drawContour(canvas, shown);
}
