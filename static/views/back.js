/** The strip to look back on: pictures of what the page was shown, and a slider over them. */

import { drawOutput } from "../back/picture.js";
import { exactlyWhen, placeOf, whenOf } from "../back/moments.js";
import { context2d, need, setText } from "../dom.js";
import { inkOf } from "../colors.js";
import { t } from "../text.js";

/** @import { Actions, Catalogue, Look, Moment, State } from "../types.js" */
/** @import { History } from "../history.js" */
/** @import { Recorder } from "../recorder.js" */
/** @import { Store } from "../store.js" */

/**
 * @typedef {object} Parts
 * @property {Catalogue} catalogue
 * @property {Store} store
 * @property {Actions} actions
 * @property {History} history
 * @property {Recorder} recorder
 * @property {string} root path under which the server is
 */

const EVERY = 400; // ms: while the network plays, the strip's pictures move no faster
const THUMB = 12; // px, as wide as back.css makes the slider's

/**
 * @param {Document} page
 * @param {HTMLElement} strip
 * @param {Parts} parts
 */
export function createBackView(page, strip, parts) {
  const { store, actions, recorder, root } = parts;
  const slider = need(page, "#back-slider", HTMLInputElement);
  const film = need(page, "#back-film", HTMLCanvasElement);
  const context = context2d(film);
  const chip = need(page, "#back-chip", HTMLElement);
  const where = need(page, "#back-where", HTMLElement);
  const pin = need(page, "#back-pin", HTMLButtonElement);
  /** @type {Moment[]} as the slider has them */
  let moments = [];
  /** @type {Moment | null} */
  let pinned = null;
  let timer = 0;
  let drawnAt = 0;
  let held = false; // by a finger or the mouse: then nothing moves under it
  /** @type {ReturnType<typeof import("../back/compare.js").createCompare> | null} */
  let compare = null;

  slider.addEventListener("input", () => {
    const moment = moments[slider.valueAsNumber] ?? null;
    actions.lookBack(slider.value === slider.max ? null : moment);
  });
  slider.addEventListener("pointerdown", () => (held = true));
  for (const name of ["pointerup", "pointercancel", "change", "blur"]) {
    slider.addEventListener(name, () => {
      held = false;
      refresh();
    });
  }
  need(page, "#back-live", HTMLButtonElement).addEventListener("click", () => {
    actions.lookBack(null);
    slider.focus({ preventScroll: true });
  });
  pin.addEventListener("click", () => {
    const moment = store.get().past ?? recorder.moments().at(-1) ?? null;
    pinned = pinned !== null && isSame(pinned, moment) ? null : moment;
    refresh();
  });
  need(page, "#compare", HTMLButtonElement).addEventListener("click", async () => {
    try {
      /** @type {typeof import("../back/compare.js")} */
      const { createCompare } = await import(`${root}/static/back/compare.js`);
      compare ??= createCompare(page, parts);
    } catch {
      actions.notify(t("back.not_loaded"));
    }
    compare?.open(pinned);
  });
  new ResizeObserver(refresh).observe(slider);

  function soon() {
    if (timer) return;
    const wait = store.get().snapshot?.state === "playing" ? drawnAt + EVERY - performance.now() : 0;
    timer = window.setTimeout(refresh, Math.max(0, wait));
  }

  function refresh() {
    clearTimeout(timer);
    timer = 0;
    drawnAt = performance.now();
    strip.hidden = !recorder.some;
    if (strip.hidden || slider.clientWidth === 0) return;
    const state = store.get();
    if (!held) {
      moments = recorder.moments();
      slider.max = String(moments.length - 1);
      slider.value = String(state.past ? placeOf(moments, state.past) : moments.length - 1);
    }
    say(state);
    draw(state);
  }

  /** @param {State} state */
  function say({ past }) {
    const shown = past ?? moments.at(-1);
    if (!shown) return;
    const several = moments[0]?.run !== moments.at(-1)?.run;
    const when = exactlyWhen(shown, several);
    slider.setAttribute("aria-valuetext", past ? when : t("back.now", { when }));
    setText(where, t("back.looking", { when: whenOf(shown, several) }));
    chip.hidden = past === null;
    page.body.classList.toggle("looking-back", past !== null);
    pin.setAttribute("aria-pressed", String(pinned !== null && isSame(pinned, shown)));
  }

  /** @param {State} state */
  function draw({ look, discretize }) {
    const { clientWidth: width, clientHeight: height } = slider;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const [across, down] = [Math.round(ratio * width), Math.round(ratio * height)];
    if (film.width !== across || film.height !== down) [film.width, film.height] = [across, down];
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = inkOf(look).surface;
    context.fillRect(0, 0, width, height);
    const last = moments.length - 1;
    const pictures = Math.max(1, Math.floor(width / height));
    const size = width / pictures;
    for (let i = 0; i < pictures; i += 1) {
      const share = ((i + 0.5) * size - THUMB / 2) / (width - THUMB);
      const moment = moments[Math.round(Math.min(1, Math.max(0, share)) * last)];
      const square = { left: i * size, top: (height - size) / 2, size };
      if (moment) drawOutput(context, moment.snapshot, look, square, discretize);
      if (i > 0) context.fillRect(i * size - 0.75, 0, 1.5, height); // as on a film
    }
    marks(width, height, look);
  }

  /** Where another run begins, and what is pinned. @param {number} width @param {number} height @param {Look} look */
  function marks(width, height, look) {
    const ink = inkOf(look);
    /** @param {number} place among the moments */
    const at = (place) => THUMB / 2 + (place / (moments.length - 1)) * (width - THUMB);
    moments.forEach(({ run }, i) => {
      if (i === 0 || run === moments[i - 1]?.run) return;
      context.fillStyle = ink.surface;
      context.fillRect(at(i - 0.5) - 2, 0, 4, height);
      context.fillStyle = ink.strong;
      context.fillRect(at(i - 0.5) - 0.75, 0, 1.5, height);
    });
    const [first] = moments;
    // What was pinned of a run that is no longer kept is off the strip.
    if (!pinned || !first || pinned.run.number < first.run.number) return;
    const x = at(placeOf(moments, pinned));
    context.beginPath();
    context.moveTo(x - 6, 0);
    context.lineTo(x + 6, 0);
    context.lineTo(x, 9);
    context.closePath();
    context.fillStyle = ink.strong;
    context.strokeStyle = ink.surface;
    context.lineWidth = 2;
    context.stroke();
    context.fill();
  }

  store.watch(["snapshot"], soon);
  store.watch(["past", "look", "discretize"], refresh);
}

/** @param {Moment} a @param {Moment | null} b */
const isSame = (a, b) => a.run === b?.run && a.snapshot.step === b.snapshot.step;
