/** Problem, data set, noise, training share. */

import { randomSeed, problemOf, withData, withDataSet, withProblem } from "../edits.js";
import { need, setText } from "../dom.js";
import { count } from "../format.js";
import { drawDataSet } from "../thumbnails.js";
import { t } from "../text.js";

/** @import { Actions, Catalogue, Look, State, View } from "../types.js" */

/**
 * @param {Document} page
 * @param {Catalogue} catalogue
 * @param {Actions} actions
 * @returns {View}
 */
export function createDataView(page, catalogue, actions) {
  const problem = need(page, "#problem", HTMLSelectElement);
  const noise = slider("noise", (value) => actions.edit((e) => withData(e, { noise: value })));
  const share = slider("train-share", (value) => actions.edit((e) => withData(e, { train_share: value })));
  const counts = need(page, "#point-counts", HTMLElement);
  const help = need(page, "#data-help", HTMLElement);
  const keep = need(page, "#keep-weights", HTMLInputElement);
  const sets = [...page.querySelectorAll(".set")].map((label) => ({
    label: /** @type {HTMLElement} */ (label),
    radio: need(label, "input", HTMLInputElement),
    canvas: need(label, "canvas", HTMLCanvasElement),
  }));
  /** @type {Look | null} */
  let drawn = null;

  problem.addEventListener("change", () => actions.edit((e) => withProblem(catalogue, e, problem.value)));
  for (const { radio } of sets) {
    radio.addEventListener("change", () => {
      if (radio.checked) actions.edit((e) => withDataSet(catalogue, e, radio.value));
    });
  }
  keep.addEventListener("change", () => actions.show({ keepWeights: keep.checked }));
  need(page, "#new-data", HTMLButtonElement).addEventListener("click", () => {
    actions.edit((e) => withData(e, { seed: randomSeed() }));
  });

  /**
   * A slider in percent for a fraction.
   * @param {string} id
   * @param {(fraction: number) => void} change
   */
  function slider(id, change) {
    const input = need(page, `#${id}`, HTMLInputElement);
    const output = need(page, `#${id}-value`, HTMLOutputElement);
    input.addEventListener("input", () => change(input.valueAsNumber / 100));
    /** @param {number} fraction */
    return (fraction) => {
      const value = Math.round(100 * fraction);
      if (input.valueAsNumber !== value) input.value = String(value);
      const [low, high] = [Number(input.min), Number(input.max)];
      input.style.setProperty("--filled", `${(100 * (value - low)) / (high - low)}%`);
      input.setAttribute("aria-valuetext", `${value} %`);
      setText(output, `${value} %`);
    };
  }

  /** @param {State} state */
  function countsText({ edited, snapshot }) {
    const total = catalogue.data_sets.find((row) => row.name === edited.data.name)?.points ?? 0;
    const same =
      snapshot?.experiment.data.name === edited.data.name &&
      snapshot.experiment.data.train_share === edited.data.train_share;
    const train = same ? snapshot.points.counts.train : Math.round(total * edited.data.train_share);
    const test = same ? snapshot.points.counts.test : total - train;
    return test > 0
      ? t("data.counts", { train: count(train), test: count(test) })
      : t("data.counts_no_test", { train: count(train) });
  }

  return {
    update(state) {
      const { data } = state.edited;
      const kind = problemOf(catalogue, data.name);
      problem.value = kind;
      for (const { label, radio, canvas } of sets) {
        radio.checked = radio.value === data.name;
        label.hidden = label.dataset["problem"] !== kind;
        if (drawn !== state.look) drawDataSet(canvas, radio.value, state.look);
      }
      drawn = state.look;
      keep.checked = state.keepWeights;
      setText(help, catalogue.data_sets.find((row) => row.name === data.name)?.help ?? "");
      noise(data.noise);
      share(data.train_share);
      setText(counts, countsText(state));
    },
  };
}
