/** What the points' shapes and colours mean, in the head of the output. */

import { context2d, el } from "../dom.js";
import { classNamesOf, problemOf } from "../edits.js";
import { isCurve } from "../curve.js";
import { plain } from "../format.js";
import { drawPoint } from "../points.js";
import { t } from "../text.js";

/** @import { Catalogue, State } from "../types.js" */

/**
 * @param {HTMLElement} list
 * @param {Catalogue} catalogue
 * @returns {(state: State) => void}
 */
export function createMarkers(list, catalogue) {
  let shown = "";

  return ({ snapshot, showTest, look, edited }) => {
    const graded = problemOf(catalogue, edited.data) === "regression";
    const names = classNamesOf(catalogue, edited.data);
    const curve = snapshot !== null && isCurve(snapshot);
    const test = showTest && snapshot?.points.counts.test !== 0;
    const classes = snapshot?.classes ?? 2;
    const middle = plain(Number((snapshot?.target.mean ?? 0).toPrecision(3)));
    const key = [graded, classes, ...names, middle, curve, test, look.palette, look.theme].join("\n");
    if (key === shown) return;
    shown = key;
    const [below, above] = graded
      ? [t("output.below", { value: middle }), t("output.above", { value: middle })]
      : [names[0] ?? t("output.negative"), names[1] ?? t("output.positive")];
    const known = curve
      ? [{ text: t("output.train"), label: 1 }]
      : classes > 2
        ? Array.from({ length: classes }, (_, i) => ({ text: names[i] ?? String(i + 1), label: i }))
        : [
            { text: above, label: 1 },
            { text: below, label: -1 },
          ];
    const entries = [
      ...known.map((entry) => ({ ...entry, hollow: false })),
      ...(test ? [{ text: t("output.test"), label: 1, hollow: true }] : []),
    ];
    list.classList.toggle("many", classes > 2);
    list.replaceChildren(
      ...entries.map(({ text, label, hollow }) => {
        const mark = el("canvas", { width: 40, height: 40, class: "marker", "aria-hidden": "true" });
        const filled = graded && hollow && !curve;
        drawPoint(context2d(mark), 20, 20, 11, label, { look, hollow, graded: filled, classes });
        return el("li", {}, mark, text);
      }),
    );
  };
}
