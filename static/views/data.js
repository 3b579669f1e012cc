/** Problem, data set, noise, training share. */

import { pointsOf } from "../drawing.js";
import { isTable, problemOf, randomSeed, rowOf, withData, withDataSet, withProblem } from "../edits.js";
import { need, setText } from "../dom.js";
import { count } from "../format.js";
import { drawDataSet } from "../thumbnails.js";
import { t } from "../text.js";
import { toHash } from "../url.js";

/** @import { Actions, Catalogue, Counts, Look, State, View } from "../types.js" */

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
  const source = need(page, "#data-source", HTMLAnchorElement);
  const download = need(page, "#download-data", HTMLAnchorElement);
  const root = page.body.dataset["rootPath"] ?? "";
  const keep = need(page, "#keep-weights", HTMLInputElement);
  const points = need(page, "#points", HTMLInputElement);
  const pointsHint = need(page, "#points-hint", HTMLElement);
  const classes = need(page, "#classes", HTMLInputElement);
  const classesValue = need(page, "#classes-value", HTMLOutputElement);
  const renew = need(page, "#new-data", HTMLButtonElement);
  const pointsField = /** @type {HTMLElement} */ (points.closest(".field"));
  const noiseField = /** @type {HTMLElement} */ (need(page, "#noise", HTMLInputElement).closest(".field"));
  const classesField = /** @type {HTMLElement} */ (classes.closest(".field"));
  const sets = [...page.querySelectorAll(".set")].flatMap((label) => {
    const radio = need(label, "input", HTMLInputElement);
    const row = catalogue.data_sets.find(({ name }) => name === radio.value);
    const canvas = need(label, "canvas", HTMLCanvasElement);
    return row ? [{ label: /** @type {HTMLElement} */ (label), radio, canvas, row }] : [];
  });
  /** @type {Look | null} */
  let drawn = null;
  /** @type {State | null} what the controls were last set from */
  let updated = null;
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
  renew.addEventListener("click", () => {
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

  /**
   * How many points train and test, before the server has said so by the catalogue.
   * @param {State} state
   * @returns {Counts}
   */
  function countsOf({ edited, snapshot }) {
    if (edited.data.name === "drawn") return pointsOf(edited.data.drawn, edited.data.train_share).counts;
    const usual = rowOf(catalogue, edited.data).points;
    const total = Math.min(
      edited.data.points ?? usual,
      isTable(rowOf(catalogue, edited.data)) ? usual : Infinity,
    );
    const same =
      snapshot?.experiment.data.name === edited.data.name &&
      snapshot.experiment.data.table === edited.data.table &&
      snapshot.experiment.data.points === edited.data.points &&
      snapshot.experiment.data.train_share === edited.data.train_share;
    if (same) return snapshot.points.counts;
    const train = Math.round(total * edited.data.train_share);
    return { train, test: total - train };
  }

  /** @param {Counts} counts */
  function wordsOf({ train, test }) {
    return test > 0
      ? t("data.counts", { train: count(train), test: count(test) })
      : t("data.counts_no_test", { train: count(train) });
  }

  return {
    update(state) {
      // All that a frame can change.
      const { train, test } = countsOf(state);
      setText(counts, wordsOf({ train, test }));
      const usual = rowOf(catalogue, state.edited.data).points;
      if (state.edited.data.points === null) points.placeholder = String(usual > 0 ? usual : train + test);
      if (
        updated?.edited === state.edited &&
        updated.look === state.look &&
        updated.keepWeights === state.keepWeights
      )
        return;
      updated = state;
      const { data } = state.edited;
      const kind = problemOf(catalogue, data);
      problem.value = kind;
      for (const { label, radio, canvas, row } of sets) {
        radio.checked = radio.value === data.name;
        label.hidden = label.dataset["problem"] !== kind;
        if (drawn !== state.look) drawDataSet(canvas, row, state.look);
      }
      drawn = state.look;
      keep.checked = state.keepWeights;
      const chosen = rowOf(catalogue, data);
      setText(name, chosen.label);
      setText(help, chosen.help ?? "");
      const [who = "", where = ""] = chosen.source.split(", https://");
      source.hidden = where === "";
      source.href = where && `https://${where}`;
      setText(source, who);
      shownPoints = data.points;
      if (page.activeElement !== points) points.value = String(data.points ?? "");
      classesField.hidden = !chosen.several;
      classes.value = String(data.classes);
      setText(classesValue, String(data.classes));
      const [least, largest] = catalogue.limits.classes;
      classes.style.setProperty("--filled", `${(100 * (data.classes - least)) / (largest - least)}%`);
      const byHand = chosen.kind === "drawn";
      noiseField.hidden = isTable(chosen) || byHand;
      pointsField.hidden = byHand;
      renew.hidden = byHand; // there is no other draw of them
      noise(data.noise);
      share(data.train_share);
      download.href = `${root}/api/data.csv?${toHash(catalogue, state.edited)}`;
    },
  };
}
