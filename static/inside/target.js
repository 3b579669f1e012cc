/** The point that is looked into, in units of the data: its columns, and its label. Pure. */

import { at } from "../axes.js";
import { isCurve } from "../curve.js";
import { classNamesOf } from "../edits.js";
import { PLANE } from "../picture.js";
import { t } from "../text.js";

/** @import { AskedPoint, Axis, Catalogue, Snapshot } from "../types.js" */

/** How a label is chosen beside those that there are. */
export const NEAREST = "nearest";
export const NUMBER = "number";
export const NONE = "none";

/** Rounded to about a thousandth of what an axis shows. @param {Axis} axis @param {number} value */
export function rounded({ low, high }, value) {
  const digits = Math.min(8, Math.max(0, 2 - Math.floor(Math.log10(Math.max(1e-9, (high - low) / 10)))));
  return Number(value.toFixed(digits));
}

/**
 * The columns of a place of the plane, in their own units; those that it does not show are where they are held.
 * @param {Snapshot} snapshot
 * @param {[number, number]} place
 */
export function columnsAt({ axes }, place) {
  return axes.map((axis, i) => rounded(axis, i < 2 ? at(axis, place[i] ?? 0) : axis.held));
}

/**
 * The place of the plane that columns are at.
 * @param {Snapshot} snapshot
 * @param {number[]} columns
 * @returns {[number, number]}
 */
export function placeAt({ axes }, columns) {
  const [x1 = 0, x2 = 0] = axes.slice(0, 2).map(({ low, high }, i) => {
    return (((columns[i] ?? 0) - low) / (high - low)) * 2 * PLANE - PLANE;
  });
  return [x1, x2];
}

/**
 * The label of the data's point that is nearest on the plane; of a curve, nearest across. Null without points.
 * @param {Snapshot} snapshot
 * @param {[number, number]} place
 */
export function nearestLabel(snapshot, [x1, x2]) {
  const { values } = snapshot.points;
  const across = isCurve(snapshot) ? 0 : 1;
  let [label, least] = [/** @type {number | null} */ (null), Infinity];
  for (let i = 0; i + 2 < values.length; i += 3) {
    const apart = Math.hypot(Number(values[i]) - x1, across * (Number(values[i + 1]) - x2));
    if (apart < least) [label, least] = [Number(values[i + 2]), apart];
  }
  return label;
}

/**
 * The labels that there are, with what they are called; none for a number.
 * @param {Catalogue} catalogue
 * @param {Snapshot} snapshot
 * @returns {[number, string][]}
 */
export function labelsOf(catalogue, { classes, problem, experiment }) {
  if (problem === "regression") return [];
  const names = classNamesOf(catalogue, experiment.data);
  if (classes === 2) {
    return [
      [1, names[1] ?? t("output.positive")],
      [-1, names[0] ?? t("output.negative")],
    ];
  }
  return Array.from({ length: classes }, (_, i) => [i, names[i] ?? t("output.class", { n: i + 1 })]);
}

/**
 * @param {Snapshot} snapshot
 * @param {number[]} columns in their own units
 * @param {number | null} target
 * @returns {AskedPoint}
 */
export function askedFor({ axes }, columns, target) {
  return { at: axes.map(({ mean, scale }, i) => ((columns[i] ?? 0) - mean) / scale), target };
}
