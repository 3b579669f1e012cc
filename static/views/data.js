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
  const name = need(page, "#data-name", HTMLElement);
  const help = need(page, "#data-words", HTMLElement);
  const keep = need(page, "#keep-weights", HTMLInputElement);
  const points = need(page, "#points", HTMLInputElement);
  const pointsHint = need(page, "#points-hint", HTMLElement);
  const classes = need(page, "#classes", HTMLInputElement);
  const classesValue = need(page, "#classes-value", HTMLOutputElement);
  const classesField = /** @type {HTMLElement} */ (classes.closest(".field"));
  const sets = [...page.querySelectorAll(".set")].flatMap((label) => {
    const radio = need(label, "input", HTMLInputElement);
    const row = catalogue.data_sets.find(({ name }) => name === radio.value);
    const canvas = need(label, "canvas", HTMLCanvasElement);
    return row ? [{ label: /** @type {HTMLElement} */ (label), radio, canvas, row }] : [];
  });
  /** @type {Look | null} */
  let drawn = null;
  /** @type {number | null} */
  let shownPoints = null;

  problem.addEventListener("change", () => actions.edit((e) => withProblem(catalogue, e, problem.value)));
  for (const { radio } of sets) {
    radio.addEventListener("change", () => {
      if (radio.checked) actions.edit((e) => withDataSet(catalogue, e, radio.value));
    });
  }
  const [fewest, most] = catalogue.limits.points;
  points.addEventListener("input", () => {
    const value = points.valueAsNumber;
    const usual = points.value === "" && !points.validity.badInput;
    const fits = usual || (Number.isInteger(value) && value >= fewest && value <= most);
    points.setAttribute("aria-invalid", String(!fits));
    pointsHint.hidden = fits;
    setText(pointsHint, fits ? "" : t("training.whole_number", { low: fewest, high: most }));
    if (fits) actions.edit((e) => withData(e, { points: usual ? null : value }));
  });
  points.addEventListener("blur", () => {
    points.value = String(shownPoints ?? "");
    points.setAttribute("aria-invalid", "false");
    pointsHint.hidden = true;
  });
  classes.addEventListener("input", () => {
    actions.edit((e) => withData(e, { classes: classes.valueAsNumber }));
  });
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
    const usual = catalogue.data_sets.find((row) => row.name === edited.data.name)?.points ?? 0;
    const total = edited.data.points ?? usual;
    const same =
      snapshot?.experiment.data.name === edited.data.name &&
      snapshot.experiment.data.points === edited.data.points &&
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
      for (const { label, radio, canvas, row } of sets) {
        radio.checked = radio.value === data.name;
        label.hidden = label.dataset["problem"] !== kind;
        if (drawn !== state.look) drawDataSet(canvas, row, state.look);
      }
      drawn = state.look;
      keep.checked = state.keepWeights;
      const chosen = catalogue.data_sets.find((row) => row.name === data.name);
      setText(name, chosen?.label ?? "");
      setText(help, chosen?.help ?? "");
      shownPoints = data.points;
      points.placeholder = String(chosen?.points ?? "");
      if (page.activeElement !== points) points.value = String(data.points ?? "");
      classesField.hidden = !chosen?.several;
      classes.value = String(data.classes);
      setText(classesValue, String(data.classes));
      const [least, largest] = catalogue.limits.classes;
      classes.style.setProperty("--filled", `${(100 * (data.classes - least)) / (largest - least)}%`);
      noise(data.noise);
      share(data.train_share);
      setText(counts, countsText(state));
    },
  };
}
