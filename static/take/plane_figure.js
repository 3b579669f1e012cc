/** The output over the plane with its points and axes, as an SVG. */

import { drawAxes, drawNames, ticksOf, upwards } from "../axes.js";
import { regionTable } from "../classes.js";
import { FINE, colorTable, inkOf } from "../colors.js";
import { drawCurve, drawOver, isCurve } from "../curve.js";
import { classCount, pointsOf } from "../drawing.js";
import { context2d, el } from "../dom.js";
import { PLANE, paint, paintCells } from "../picture.js";
import { drawPoints, reachOf } from "../points.js";
import { shownOf } from "../shown.js";
import { embedded, recorder, sheet } from "./vector.js";

/** @import { Look, Snapshot, State } from "../types.js" */
/** @import { Shown } from "../shown.js" */

const WHOLE = 440; // px
const FONT = 15;
const PIXELS = 300;

/**
 * @param {Snapshot} snapshot
 * @param {Look} look
 * @param {Pick<State, "alone" | "showTest" | "discretize" | "residuals" | "edited">} how the page shows it
 * @param {string} fontFamily
 */
export function planeFigure(snapshot, look, how, fontFamily) {
  const [across = null] = snapshot.axes;
  const up = upwards(snapshot);
  const digits = Math.max(2.3, ...(up ? ticksOf(up) : []).map(({ text }) => text.length));
  const [left, rest] = [(0.6 + 0.5 * digits) * FONT, 0.55 * FONT];
  const box = { left, top: rest, size: WHOLE - left - rest, font: FONT, fontFamily, whole: WHOLE };
  const { size } = box;
  const root = sheet(WHOLE, Math.ceil(rest + size + 1.8 * FONT), inkOf(look).surface);
  const to = recorder(root, WHOLE);
  const shown = shownOf(snapshot, { inspected: null, alone: how.alone });
  if (isCurve(snapshot)) {
    const { bytes, start, side, scale } = shown;
    const curve = { bytes, start, side, low: scale.low, high: scale.high };
    drawAxes(to, across, up, box, look);
    to.save();
    to.beginPath();
    to.rect(left, rest, size, size);
    to.clip();
    drawOver(to, snapshot.points, curve, box, { ...how, look });
    drawCurve(to, curve, box, look);
    to.restore();
  } else {
    const picture = pixelsOf(shown, look, how.discretize);
    root.append(embedded(picture, { x: left, y: rest, width: size, height: size }));
    drawAxes(to, across, up, box, look);
    const { name, drawn, train_share: share } = how.edited.data;
    const byHand = name === "drawn";
    const points = byHand ? pointsOf(drawn, share) : snapshot.points;
    drawPoints(to, points, {
      look,
      showTest: how.showTest,
      graded: snapshot.problem === "regression",
      classes: byHand ? classCount(drawn) : snapshot.classes,
      reach: reachOf(snapshot.points),
      radius: Math.max(2.6, size / (snapshot.points.counts.train > 700 ? 125 : 95)),
      place: (x1, x2) => [
        left + ((x1 + PLANE) / (2 * PLANE)) * size,
        rest + ((PLANE - x2) / (2 * PLANE)) * size,
      ],
    });
  }
  drawNames(to, across, up, box, look);
  return root;
}

/** @param {Shown} shown @param {Look} look @param {boolean} discrete */
function pixelsOf({ bytes, start, side, scale, regions }, look, discrete) {
  const pixels = regions > 0 ? side : PIXELS;
  const canvas = el("canvas", { width: pixels, height: pixels });
  const image = new ImageData(pixels, pixels);
  if (regions > 0) paintCells(image, bytes, start, regionTable(look, regions, discrete));
  else paint(image, bytes, start, side, colorTable(look, scale, FINE, discrete));
  context2d(canvas).putImageData(image, 0, 0);
  return canvas;
}
