/** The output over the plane, or a neuron's, with the points over it. */

import { readRegion, regionTable } from "../classes.js";
import { CLASS_SHADE, FINE, colorTable, cssAt, inkOf, linesOf, scaleOf } from "../colors.js";
import { context2d, el, need, setText } from "../dom.js";
import { loss, percent, plain, signed } from "../format.js";
import { PLANE, byteAt, paint, paintCells, valueAt } from "../picture.js";
import { drawPoint, drawPoints } from "../points.js";
import { describeOutput } from "../words.js";
import { t } from "../text.js";

/** @import { Actions, Catalogue, Look, Snapshot, State, View } from "../types.js" */
/** @import { History } from "../history.js" */
/** @import { Scale } from "../colors.js" */

const PIXELS = 300; // the picture is worked out this fine, three times the frame's
const TICKS = [-6, -4, -2, 0, 2, 4, 6];
const WORDS_EVERY = 3000; // ms: a screen reader has time to read them

/**
 * @typedef {object} Shown a picture and what it is of
 * @property {Uint8Array} bytes
 * @property {number} start
 * @property {number} side
 * @property {Scale} scale
 * @property {number} regions how many classes a picture of regions tells apart; 0 for values
 */

/**
 * @param {Document} page
 * @param {Catalogue} catalogue
 * @param {Actions} actions
 * @param {History} history
 * @returns {View}
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
  const markers = need(page, "#markers", HTMLUListElement);
  const showTest = need(page, "#show-test", HTMLInputElement);
  const discretize = need(page, "#discretize", HTMLInputElement);

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
  let box = measure();
  let legendKey = "";
  let markersKey = "";
  let spoken = 0;
  let speaking = 0;

  showTest.addEventListener("change", () => actions.show({ showTest: showTest.checked }));
  discretize.addEventListener("change", () => actions.show({ discretize: discretize.checked }));
  canvas.addEventListener("pointermove", (event) => {
    const { left, top } = canvas.getBoundingClientRect();
    pointer = { x: event.clientX - left, y: event.clientY - top };
    point();
  });
  canvas.addEventListener("pointerleave", () => {
    pointer = null;
    tip.hidden = true;
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
    const [left, bottom, rest] = [1.75 * font, 1.6 * font, 0.55 * font];
    return {
      left,
      top: rest,
      size: whole - left - Math.max(rest, bottom - left + rest),
      font,
      fontFamily,
      whole,
    };
  }

  /**
   * @param {Snapshot} snapshot
   * @param {State} state
   * @returns {Shown}
   */
  function chosen(snapshot, { inspected }) {
    const { layers, neurons, boundary, activations, problem, classes } = snapshot;
    const last = layers.length - 1;
    const pictured = inspected && (inspected.layer < last || Number(layers[last]) > 1);
    if (pictured && inspected.unit < Number(layers[inspected.layer])) {
      const before = layers.slice(1, inspected.layer).reduce((sum, n) => sum + n, 0);
      const index = before + inspected.unit;
      const [low = 0, high = 0] = neurons.ranges.subarray(2 * index, 2 * index + 2);
      const scale = scaleOf(low, high, activations[inspected.layer - 1] ?? "linear");
      return { bytes: neurons.data, start: index * neurons.side ** 2, side: neurons.side, scale, regions: 0 };
    }
    const [low = 0, high = 0] = boundary.ranges;
    const activation = activations.at(-1) ?? "linear";
    // Points have labels of -1 to 1: a fixed scale keeps their colours and the picture's comparable.
    const scale = scaleOf(low, high, activation, low === 0 ? 0.5 : problem === "regression" ? 1.2 : 1);
    const regions = classes > 2 ? classes : 0;
    return { bytes: boundary.data, start: 0, side: boundary.side, scale, regions };
  }

  /** @param {State} state */
  function draw(state) {
    const { snapshot, look, inspected } = state;
    if (!snapshot || canvas.width === 0) {
      drawAxes(context, state);
      return;
    }
    shown = chosen(snapshot, state);
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
    const from = [snapshot.points, state.showTest, look, overlay.width];
    if (from.every((value, i) => value === overlaid[i])) return;
    overlaid = from;
    drawAxes(overlayContext, state);
    const { left, top, size } = box;
    drawPoints(overlayContext, snapshot.points, {
      look,
      showTest: state.showTest,
      graded: snapshot.problem === "regression",
      classes: snapshot.classes,
      radius: Math.max(2.6, size / (snapshot.points.counts.train > 700 ? 125 : 95)),
      place: (x1, x2) => [
        left + ((x1 + PLANE) / (2 * PLANE)) * size,
        top + ((PLANE - x2) / (2 * PLANE)) * size,
      ],
    });
  }

  /** @param {CanvasRenderingContext2D} to @param {State} state */
  function drawAxes(to, { look }) {
    const { left, top, size, font, fontFamily, whole } = box;
    const ratio = to.canvas.width / whole;
    to.setTransform(ratio, 0, 0, ratio, 0, 0);
    to.clearRect(0, 0, whole, whole);
    const ink = inkOf(look);
    to.strokeStyle = ink.grid;
    to.lineWidth = linesOf(look);
    to.strokeRect(left, top, size, size);
    to.fillStyle = ink.axis;
    to.strokeStyle = ink.axis;
    to.font = `${0.8 * font}px ${fontFamily}`;
    for (const tick of TICKS) {
      const along = ((tick + PLANE) / (2 * PLANE)) * size;
      const text = signed(tick, 0);
      to.beginPath();
      to.moveTo(left + along, top + size);
      to.lineTo(left + along, top + size + 4);
      to.moveTo(left, top + size - along);
      to.lineTo(left - 4, top + size - along);
      to.stroke();
      to.textAlign = "center";
      to.textBaseline = "top";
      to.fillText(text, left + along, top + size + 6);
      to.textAlign = "right";
      to.textBaseline = "middle";
      to.fillText(text, left - 6, top + size - along);
    }
  }

  /** @param {Scale} scale @param {boolean} discrete @param {Look} look */
  function drawLegend({ middle, reach }, discrete, look) {
    const key = `${middle} ${reach.toPrecision(3)} ${discrete} ${look.palette} ${look.theme}`;
    if (key === legendKey) return;
    legendKey = key;
    const bar = context2d(legend);
    for (let i = 0; i < legend.width; i += 1) {
      const t = (2 * (i + 0.5)) / legend.width - 1;
      bar.fillStyle = cssAt(look, discrete ? Math.sign(t) * CLASS_SHADE : t);
      bar.fillRect(i, 0, 1, 1);
    }
    [middle - reach, middle, middle + reach].forEach((value, i) => {
      const text = plain(Number(value.toPrecision(2))).replace("-", "−");
      if (ticks[i]) setText(ticks[i], text);
    });
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
    setText(
      tip,
      `x₁ ${signed(x1)}   x₂ ${signed(x2)}   →   ${shown.regions > 0 ? region(x1, x2) : signed(value, 3)}`,
    );
    tip.style.left = `${Math.max(0, Math.min(whole - tip.offsetWidth, pointer.x - tip.offsetWidth / 2))}px`;
    const above = pointer.y - tip.offsetHeight - 14;
    tip.style.top = `${above > 0 ? above : pointer.y + 20}px`;
  }

  /** The likeliest class at a place and how likely it is. @param {number} x1 @param {number} x2 */
  function region(x1, x2) {
    if (!shown) return "";
    const { index, probability } = readRegion(byteAt(shown.bytes, shown.start, shown.side, x1, x2));
    return t("output.region", { name: t("output.class", { n: index + 1 }), share: percent(probability) });
  }

  /** @param {State} state */
  function labels({ snapshot, inspected, showTest: test, look, edited }) {
    const problem = catalogue.data_sets.find((row) => row.name === edited.data.name)?.problem;
    setText(
      title,
      inspected
        ? t("net.neuron_short", { layer: inspected.layer, unit: inspected.unit + 1 })
        : t("output.title"),
    );
    const none = snapshot?.points.counts.test === 0;
    const classes = snapshot?.classes ?? 2;
    const key = `${problem} ${classes} ${test && !none} ${look.palette} ${look.theme}`;
    if (key === markersKey) return;
    markersKey = key;
    const graded = problem === "regression";
    const several = Array.from({ length: classes > 2 ? classes : 0 }, (_, i) => ({
      text: String(i + 1),
      hollow: false,
      labels: [i],
    }));
    const two = [
      { text: t(graded ? "output.above" : "output.positive"), hollow: false, labels: [1] },
      { text: t(graded ? "output.below" : "output.negative"), hollow: false, labels: [-1] },
    ];
    const entries = [
      ...(classes > 2 ? several : two),
      ...(test && !none ? [{ text: t("output.test"), hollow: true, labels: [1] }] : []),
    ];
    markers.classList.toggle("many", classes > 2);
    markers.replaceChildren(
      ...entries.map(({ text, hollow, labels: signs }) => {
        const marks = signs.map((label) => {
          const mark = el("canvas", { width: 40, height: 40, class: "marker", "aria-hidden": "true" });
          drawPoint(context2d(mark), 20, 20, 11, label, { look, hollow, graded: graded && hollow, classes });
          return mark;
        });
        return el("li", {}, ...marks, text);
      }),
    );
  }

  function speak() {
    speaking = 0;
    spoken = performance.now();
    const row = history.newest;
    if (!latest?.snapshot) return;
    const losses = { train: loss(row?.loss ?? NaN), test: loss(row?.testLoss ?? NaN) };
    setText(words, describeOutput(latest.snapshot, losses));
  }

  return {
    update(state) {
      const stopped = latest?.playing && !state.playing;
      latest = state;
      showTest.checked = state.showTest;
      discretize.checked = state.discretize;
      labels(state);
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
