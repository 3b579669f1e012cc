/** The output over the plane, or a neuron's, with the points over it. */

import { readRegion, regionTable } from "../classes.js";
import { at, drawAxes, drawNames, nameOf, numberOf, ticksOf, upwards } from "../axes.js";
import { CLASS_SHADE, FINE, colorTable, cssAt } from "../colors.js";
import { drawCurve, drawOver, heightAt, isCurve } from "../curve.js";
import { classCount, pointsOf } from "../drawing.js";
import { context2d, el, need, setText } from "../dom.js";
import { classNamesOf } from "../edits.js";
import { loss, percent, plain, signed } from "../format.js";
import { PLANE, byteAt, paint, paintCells, valueAt } from "../picture.js";
import { drawPoints, reachOf } from "../points.js";
import { aloneIn, shownOf } from "../shown.js";
import { describeOutput } from "../words.js";
import { t } from "../text.js";
import { createAlone } from "./alone.js";
import { createMarkers } from "./markers.js";

/** @import { Actions, Catalogue, Look, Snapshot, State, View } from "../types.js" */
/** @import { History } from "../history.js" */
/** @import { Scale } from "../colors.js" */
/** @import { Shown } from "../shown.js" */

const PIXELS = 300; // the picture is worked out this fine, three times the frame's
const WORDS_EVERY = 3000; // ms: a screen reader has time to read them

/**
 * @param {Document} page
 * @param {Catalogue} catalogue
 * @param {Pick<Actions, "show">} actions
 * @param {History} history
 * @returns {View & { placeOf(event: MouseEvent): [number, number] | null,
 *   spotOf(x1: number, x2: number): [number, number] }}
 */
export function createBoundaryView(page, catalogue, actions, history) {
  const plane = need(page, "#plane", HTMLElement);
  const canvas = need(page, "#boundary", HTMLCanvasElement);
  const context = context2d(canvas);
  const tip = need(page, "#plane-tip", HTMLElement);
  const title = need(page, "#output-title", HTMLElement);
  const words = need(page, "#boundary-text", HTMLElement);
  const legend = need(page, "#legend", HTMLCanvasElement);
  const legendBox = /** @type {HTMLElement} */ (legend.parentElement);
  const ticks = [...need(page, "#legend-ticks", HTMLElement).children];
  const mark = createMarkers(need(page, "#markers", HTMLUListElement), catalogue);
  const offer = createAlone(need(page, "#alone", HTMLSelectElement), catalogue, actions);
  const showTest = need(page, "#show-test", HTMLInputElement);
  const discretize = need(page, "#discretize", HTMLInputElement);
  const residuals = need(page, "#residuals", HTMLInputElement);

  const picture = el("canvas", { width: PIXELS, height: PIXELS });
  const pictureContext = context2d(picture);
  const image = new ImageData(PIXELS, PIXELS);
  /** @type {ImageData | null} of regions */
  let cells = null;
  const overlay = el("canvas"); // points change seldom, the picture under them often
  const overlayContext = context2d(overlay);

  /** @type {State | null} */
  let latest = null;
  /** @type {Shown | null} */
  let shown = null;
  /** @type {{ x: number, y: number } | null} the pointer, in CSS pixels of the canvas */
  let pointer = null;
  /** @type {unknown[]} what the overlay was drawn from */
  let overlaid = [];
  let digits = 0; // of the longest number at the axis upwards
  let box = measure();
  let legendKey = "";
  let spoken = 0;
  let speaking = 0;

  showTest.addEventListener("change", () => actions.show({ showTest: showTest.checked }));
  discretize.addEventListener("change", () => actions.show({ discretize: discretize.checked }));
  residuals.addEventListener("change", () => actions.show({ residuals: residuals.checked }));
  for (const name of /** @type {const} */ (["pointerdown", "pointermove"])) {
    canvas.addEventListener(name, ({ clientX, clientY }) => {
      const { left, top } = canvas.getBoundingClientRect();
      pointer = { x: clientX - left, y: clientY - top };
      point();
    });
  }
  // A finger leaves at once, and wants to read what it pointed at.
  canvas.addEventListener("pointerleave", ({ pointerType }) => pointerType === "mouse" && pointAway());
  page.addEventListener("pointerdown", ({ target }) => {
    if (target !== canvas) pointAway();
  });
  new ResizeObserver(() => {
    box = measure();
    const pixels = Math.round(plane.clientWidth * Math.min(2, window.devicePixelRatio || 1));
    if (canvas.width !== pixels && pixels > 0) {
      for (const one of [canvas, overlay]) {
        one.width = pixels;
        one.height = pixels;
      }
      overlaid = [];
      if (latest) draw(latest);
    }
  }).observe(plane);

  /** Space for tick numbers and the size of the plane, in CSS pixels. */
  function measure() {
    const whole = plane.clientWidth;
    const { fontSize, fontFamily } = getComputedStyle(plane);
    const font = Number.parseFloat(fontSize);
    const [left, bottom, rest] = [(0.6 + 0.5 * Math.max(2.3, digits)) * font, 1.6 * font, 0.55 * font];
    return {
      left,
      top: rest,
      size: whole - left - Math.max(rest, bottom - left + rest),
      font,
      fontFamily,
      whole,
    };
  }

  /** Where a place of the plane is, in CSS pixels. @param {number} x1 @param {number} x2 @returns {[number, number]} */
  function spotOf(x1, x2) {
    const { left, top, size } = box;
    return [left + ((x1 + PLANE) / (2 * PLANE)) * size, top + ((PLANE - x2) / (2 * PLANE)) * size];
  }

  /** For the numbers at the axis upwards. @param {Snapshot} snapshot */
  function makeRoom(snapshot) {
    const up = upwards(snapshot);
    const longest = Math.max(0, ...(up ? ticksOf(up) : []).map(({ text }) => text.length));
    if (longest === digits) return;
    digits = longest;
    box = measure();
    overlaid = [];
  }

  /** @param {State} state */
  function draw(state) {
    const { snapshot, look, inspected } = state;
    if (!snapshot || canvas.width === 0) {
      drawAxes(context, null, null, box, look);
      return;
    }
    shown = shownOf(snapshot, state);
    makeRoom(snapshot);
    if (isCurve(snapshot)) {
      overCurve(state, snapshot, shown);
      return;
    }
    const discrete = state.discretize && !inspected;
    if (shown.regions > 0) {
      // A class's number cannot be in between two: the canvas smooths the colours instead.
      if (cells?.width !== shown.side) cells = new ImageData(shown.side, shown.side);
      paintCells(cells, shown.bytes, shown.start, regionTable(look, shown.regions, discrete));
      resize(picture, shown.side);
      pictureContext.putImageData(cells, 0, 0);
    } else {
      const table = colorTable(look, shown.scale, FINE, discrete);
      paint(image, shown.bytes, shown.start, shown.side, table);
      resize(picture, PIXELS);
      pictureContext.putImageData(image, 0, 0);
    }
    const { left, top, size, whole } = box;
    const ratio = canvas.width / whole;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, whole, whole);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, left, top, size, size);
    cover(state, snapshot);
    context.drawImage(overlay, 0, 0, whole, whole);
    legendBox.hidden = shown.regions > 0; // the markers say which class has which colour
    drawLegend(shown.scale, discrete, look);
    point();
  }

  /** Draws axes and points, if they changed. @param {State} state @param {Snapshot} snapshot */
  function cover(state, snapshot) {
    const { look } = state;
    // What is drawn by hand is there at once.
    const { name, drawn, train_share: share } = state.edited.data;
    const byHand = name === "drawn";
    const points = byHand ? pointsOf(drawn, share) : snapshot.points;
    const from = [points, state.showTest, look, overlay.width];
    if (from.every((value, i) => value === overlaid[i])) return;
    overlaid = from;
    const [across = null] = snapshot.axes;
    const up = upwards(snapshot);
    drawAxes(overlayContext, across, up, box, look);
    const { size } = box;
    drawPoints(overlayContext, points, {
      look,
      showTest: state.showTest,
      graded: snapshot.problem === "regression",
      classes: byHand ? classCount(drawn) : snapshot.classes,
      reach: reachOf(snapshot.points),
      radius: Math.max(2.6, size / (snapshot.points.counts.train > 700 ? 125 : 95)),
      place: spotOf,
    });
    drawNames(overlayContext, across, up, box, look);
  }

  /**
   * A function of one column: a curve, and not a picture. Of a neuron without the points.
   * @param {State} state
   * @param {Snapshot} snapshot
   * @param {Shown} picture
   */
  function overCurve(state, snapshot, { bytes, start, side, scale }) {
    const { look, inspected } = state;
    const curve = { bytes, start, side, low: scale.low, high: scale.high };
    const [across = null] = snapshot.axes;
    const usual = upwards(snapshot);
    const { low, high } = curve;
    const up = inspected && usual ? { ...usual, name: "y", low, high } : usual;
    drawAxes(context, across, up, box, look);
    const { left, top, size } = box;
    context.save();
    context.beginPath();
    context.rect(left, top, size, size);
    context.clip();
    if (!inspected) {
      drawOver(context, snapshot.points, curve, box, {
        look,
        showTest: state.showTest,
        residuals: state.residuals,
      });
    }
    drawCurve(context, curve, box, look);
    context.restore();
    drawNames(context, across, up, box, look);
    overlaid = [];
    legendBox.hidden = true;
    point();
  }

  /** @param {Scale} scale @param {boolean} discrete @param {Look} look */
  function drawLegend({ middle, reach }, discrete, look) {
    const target = latest?.snapshot && !latest.inspected ? latest.snapshot.target : null;
    const { mean, scale } = target ?? { mean: 0, scale: 1 };
    const key = `${middle} ${reach.toPrecision(3)} ${discrete} ${mean} ${scale} ${look.palette} ${look.theme}`;
    if (key === legendKey) return;
    legendKey = key;
    const bar = context2d(legend);
    for (let i = 0; i < legend.width; i += 1) {
      const t = (2 * (i + 0.5)) / legend.width - 1;
      bar.fillStyle = cssAt(look, discrete ? Math.sign(t) * CLASS_SHADE : t);
      bar.fillRect(i, 0, 1, 1);
    }
    [middle - reach, middle, middle + reach].forEach((value, i) => {
      const text = plain(Number((mean + scale * value).toPrecision(scale === 1 ? 2 : 3))).replace("-", "−");
      if (ticks[i]) setText(ticks[i], text);
    });
  }

  function pointAway() {
    pointer = null;
    tip.hidden = true;
  }

  /** Says what is under the pointer. */
  function point() {
    const { left, top, size, whole } = box;
    if (!pointer || !shown) return;
    const x1 = ((pointer.x - left) / size) * 2 * PLANE - PLANE;
    const x2 = PLANE - ((pointer.y - top) / size) * 2 * PLANE;
    const { low, high } = shown.scale;
    const value = valueAt(shown.bytes, shown.start, shown.side, low, high, x1, x2);
    tip.hidden = Number.isNaN(value);
    if (tip.hidden) return;
    setText(tip, underneath(x1, x2, value));
    tip.style.left = `${Math.max(0, Math.min(whole - tip.offsetWidth, pointer.x - tip.offsetWidth / 2))}px`;
    const above = pointer.y - tip.offsetHeight - 14;
    tip.style.top = `${above > 0 ? above : pointer.y + 20}px`;
  }

  /** Where that is in the data's units, and what comes out there. @param {number} x1 @param {number} x2 @param {number} value */
  function underneath(x1, x2, value) {
    const snapshot = latest?.snapshot;
    if (!snapshot || !shown) return "";
    const [across, up] = snapshot.axes;
    const places = [
      ...(across ? [`${nameOf(across)} ${numberOf(across, at(across, x1))}`] : []),
      ...(up ? [`${nameOf(up)} ${numberOf(up, at(up, x2))}`] : []),
    ];
    const given = latest?.inspected ? null : snapshot.target;
    /** @param {number} number */
    const inUnits = (number) => signed((given?.mean ?? 0) + (given?.scale ?? 1) * number, 3);
    const { low, high } = shown.scale;
    const { bytes, start, side } = shown;
    const out =
      shown.regions > 0
        ? region(x1, x2)
        : shown.unit !== null && snapshot.classes > 2
          ? sureOf(shown.unit, value)
          : inUnits(isCurve(snapshot) ? heightAt({ bytes, start, side, low, high }, x1) : value);
    return `${places.join("   ")}   →   ${out}`;
  }

  /** The likeliest class at a place and how likely it is. @param {number} x1 @param {number} x2 */
  function region(x1, x2) {
    if (!shown) return "";
    const { index, probability } = readRegion(byteAt(shown.bytes, shown.start, shown.side, x1, x2));
    return sureOf(index, probability);
  }

  /** @param {number} index of a class @param {number} probability */
  function sureOf(index, probability) {
    const data = latest?.snapshot?.experiment.data;
    const name = (data && classNamesOf(catalogue, data)[index]) ?? t("output.class", { n: index + 1 });
    return t("output.region", { name, share: percent(probability) });
  }

  /** @param {State} state */
  function labels({ snapshot, inspected, edited }) {
    const curve = snapshot !== null && isCurve(snapshot);
    /** @type {HTMLElement} */ (residuals.closest("label")).hidden = !curve;
    /** @type {HTMLElement} */ (discretize.closest("label")).hidden = curve;
    setText(
      title,
      inspected
        ? inspected.layer > edited.network.hidden.length
          ? t("net.output_of", { unit: inspected.unit + 1 })
          : t("net.neuron_short", { layer: inspected.layer, unit: inspected.unit + 1 })
        : t("output.title"),
    );
  }

  function speak() {
    speaking = 0;
    spoken = performance.now();
    const row = latest?.past ? latest.past.row : history.newest;
    if (!latest?.snapshot) return;
    const losses = { train: loss(row?.loss ?? NaN), test: loss(row?.testLoss ?? NaN) };
    const names = classNamesOf(catalogue, latest.snapshot.experiment.data);
    const alone = aloneIn(latest.snapshot, latest);
    setText(words, describeOutput(latest.snapshot, losses, names, alone));
  }

  return {
    /** Where on the plane a pointer is, -6 to 6; null beside it. */
    placeOf({ clientX, clientY }) {
      const bounds = canvas.getBoundingClientRect();
      const { left, top, size } = box;
      const x1 = ((clientX - bounds.left - left) / size) * 2 * PLANE - PLANE;
      const x2 = PLANE - ((clientY - bounds.top - top) / size) * 2 * PLANE;
      return Math.abs(x1) <= PLANE && Math.abs(x2) <= PLANE ? [x1, x2] : null;
    },

    spotOf,

    update(state) {
      // What somebody has just done is said at once.
      const stopped =
        (latest?.playing && !state.playing) ||
        (latest && (latest.alone !== state.alone || latest.past !== state.past));
      latest = state;
      showTest.checked = state.showTest;
      discretize.checked = state.discretize;
      residuals.checked = state.residuals;
      labels(state);
      mark(state);
      offer(state);
      draw(state);
      if (stopped) clearTimeout(speaking);
      if (stopped || !speaking) {
        speaking = window.setTimeout(
          speak,
          stopped ? 300 : Math.max(0, spoken + WORDS_EVERY - performance.now()),
        );
      }
    },
  };
}

/** @param {HTMLCanvasElement} canvas @param {number} side */
function resize(canvas, side) {
  if (canvas.width === side) return;
  canvas.width = side;
  canvas.height = side;
}
