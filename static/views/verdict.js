/** How good the network is beyond its loss: confusion matrices with precision and recall, or R². */

import { classNamesOf } from "../edits.js";
import { el } from "../dom.js";
import { DASH, count, percent, signed } from "../format.js";
import { t } from "../text.js";

/** @import { Catalogue, State, Verdict } from "../types.js" */

/**
 * Precision and recall of each class, and the share that is right; NaN where there is nothing to divide by.
 * @param {number[][]} matrix points by class (rows) and by the class that they were taken for (columns)
 */
export function ratesOf(matrix) {
  /** @param {number[]} numbers */
  const sum = (numbers) => numbers.reduce((total, n) => total + n, 0);
  const right = matrix.map((row, i) => row[i] ?? 0);
  const columns = matrix.map((_, j) => sum(matrix.map((row) => row[j] ?? 0)));
  return {
    precision: right.map((n, j) => n / Number(columns[j])),
    recall: matrix.map((row, i) => Number(right[i]) / sum(row)),
    accuracy: sum(right) / sum(matrix.map(sum)),
  };
}

/**
 * @param {HTMLElement} place
 * @param {Catalogue} catalogue
 * @returns {(state: State | null) => void} shows the state's verdict; null empties it
 */
export function createVerdict(place, catalogue) {
  let shown = "";

  /** @param {string[]} names @param {number[][]} matrix @param {string} caption */
  function table(names, matrix, caption) {
    const { precision, recall, accuracy } = ratesOf(matrix);
    return el(
      "table",
      {},
      el("caption", {}, caption),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          el("td", { class: "corner" }, t("verdict.axes")),
          ...names.map((name) => el("th", { scope: "col" }, name)),
          el("th", { scope: "col" }, t("verdict.recall")),
        ),
      ),
      el(
        "tbody",
        {},
        ...matrix.map((row, i) => {
          const all = row.reduce((total, n) => total + n, 0);
          return el(
            "tr",
            {},
            el("th", { scope: "row" }, names[i] ?? ""),
            ...row.map((n, j) => {
              const share = all > 0 ? n / all : 0;
              const cell = el("td", { class: i === j ? "right" : "wrong" }, count(n));
              cell.style.setProperty("--share", `${Math.round(36 * Math.sqrt(share))}%`);
              return cell;
            }),
            el("td", { class: "rate" }, percent(recall[i] ?? NaN)),
          );
        }),
        el(
          "tr",
          {},
          el("th", { scope: "row" }, t("verdict.precision")),
          ...precision.map((rate) => el("td", { class: "rate" }, percent(rate))),
          el("td", { class: "rate" }, el("strong", { title: t("verdict.accuracy") }, percent(accuracy))),
        ),
      ),
    );
  }

  /** @param {Verdict["train"]} value */
  const number = (value) => (typeof value === "number" ? signed(value, 3) : DASH);

  return (state) => {
    place.hidden = state === null;
    const verdict = state?.snapshot?.panels.verdict ?? null;
    if (!state?.snapshot || !verdict) {
      place.replaceChildren(...(state?.past ? [el("p", { class: "small" }, t("verdict.not_then"))] : []));
      shown = "";
      return;
    }
    const { problem, classes, experiment } = state.snapshot;
    const known = classNamesOf(catalogue, experiment.data);
    const usual =
      classes > 2
        ? Array.from({ length: classes }, (_, i) => String(i + 1))
        : [t("output.negative"), t("output.positive")];
    const names = known.length > 0 ? known : usual;
    const now = JSON.stringify([verdict, names, problem]);
    if (now === shown) return;
    shown = now;
    const parts = /** @type {[string, Verdict["train"]][]} */ ([
      [t("curves.training_name"), verdict.train],
      [t("curves.test_name"), verdict.test],
    ]);
    if (problem === "regression") {
      place.replaceChildren(
        el(
          "dl",
          { class: "explained" },
          ...parts.flatMap(([name, value]) => [el("dt", {}, `R² · ${name}`), el("dd", {}, number(value))]),
        ),
        el("p", { class: "small" }, t("verdict.explained")),
      );
      return;
    }
    place.replaceChildren(
      ...parts.map(([name, value]) =>
        Array.isArray(value) ? table(names, value, name) : el("p", { class: "small" }, t("verdict.none")),
      ),
      el("p", { class: "small" }, t("verdict.about")),
    );
  };
}
