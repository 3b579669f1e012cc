/** An experiment and its network as rows of tables, by the labels of the page's controls. */

import { featureLabel } from "../edits.js";
import { count, percent, plain } from "../format.js";
import { t } from "../text.js";

/** @import { Catalogue, Experiment, Row, Snapshot } from "../types.js" */

/** @typedef {[string, string]} Said what, and how it is set */

/** @param {Row[]} rows @param {string} name */
const labelOf = (rows, name) => rows.find((row) => row.name === name)?.label ?? name;

/**
 * @param {Snapshot} snapshot
 * @param {Catalogue} catalogue
 * @returns {Said[]}
 */
export function dataRows({ experiment, points, problem }, catalogue) {
  const { data, features } = experiment;
  const row = catalogue.data_sets.find((known) => known.name === data.name);
  const drawnFromSeed = row?.kind === "plane" || row?.kind === "curve";
  const { train, test } = points.counts;
  const shown = { train: count(train), test: count(test) };
  return [
    [t("data.set"), row?.label ?? data.name],
    [t("data.problem"), labelOf(catalogue.problems, problem)],
    ...(data.target ? [/** @type {Said} */ ([t("report.target"), data.target])] : []),
    ...(data.labels.length > 0 ? [/** @type {Said} */ ([t("data.classes"), data.labels.join(", ")])] : []),
    [t("data.points"), t(test > 0 ? "data.counts" : "data.counts_no_test", shown)],
    ...(drawnFromSeed ? [/** @type {Said} */ ([t("data.noise"), percent(data.noise)])] : []),
    [t("net.features"), features.map((name) => featureLabel(catalogue, data, name)).join(", ")],
    [t("report.data_seed"), String(data.seed)],
  ];
}

/**
 * @param {Experiment} experiment
 * @param {Catalogue} catalogue
 * @returns {Said[]}
 */
export function trainingRows({ training, network, seed }, catalogue) {
  /** @type {Said[]} */
  const rows = [
    [t("training.loss"), labelOf(catalogue.losses, training.loss)],
    [t("training.optimizer"), labelOf(catalogue.optimizers, training.optimizer)],
  ];
  const settings = catalogue.optimizers.find((row) => row.name === training.optimizer)?.settings ?? {};
  for (const { name, label } of catalogue.optimizer_settings) {
    if (name in settings) rows.push([label, plain(training[name] ?? Number(settings[name]))]);
  }
  rows.push([t("training.learning_rate"), plain(training.learning_rate)]);
  if (training.schedule !== "constant") {
    rows.push([t("more.schedule"), labelOf(catalogue.schedules, training.schedule)]);
    const used = catalogue.schedules.find((row) => row.name === training.schedule)?.settings ?? [];
    if (used.includes("decay_steps")) rows.push([t("more.decay_steps"), count(training.decay_steps)]);
    if (used.includes("decay_rate")) rows.push([t("more.decay_rate"), plain(training.decay_rate)]);
  }
  rows.push([t("training.batch_size"), String(training.batch_size)]);
  rows.push([t("training.regularization"), labelOf(catalogue.regularizations, training.regularization)]);
  if (training.regularization !== "none") {
    rows.push([t("training.regularization_rate"), plain(training.regularization_rate)]);
  }
  if (training.clip_norm > 0) rows.push([t("more.clip_norm"), plain(training.clip_norm)]);
  if (training.max_norm > 0) rows.push([t("more.max_norm"), plain(training.max_norm)]);
  rows.push([t("training.initializer"), labelOf(catalogue.initializers, network.initializer)]);
  if (network.bias !== 0) rows.push([t("report.first_bias"), plain(network.bias)]);
  rows.push([t("report.seed"), String(seed)]);
  return rows;
}

/**
 * Every layer's name, shape, activation and parameters; with batch normalization there is a scale beside the
 * shift, which takes the bias's place.
 * @param {Snapshot} snapshot
 * @param {Catalogue} catalogue
 */
export function layerRows({ layers, activations, experiment }, catalogue) {
  const { hidden } = experiment.network;
  return layers.slice(1).map((units, i) => {
    const before = Number(layers[i]);
    const layer = hidden[i];
    const known = [...catalogue.activations, ...catalogue.output_activations];
    const more = [
      ...(layer?.batch_normalization ? [t("more.batch_normalization")] : []),
      ...(layer && layer.dropout > 0 ? [`${t("more.dropout")} ${percent(layer.dropout)}`] : []),
    ];
    return {
      name: layer ? t("net.layer", { n: i + 1 }) : t("net.output"),
      shape: `${before} × ${units}`,
      activation: [labelOf(known, activations[i] ?? ""), ...more].join(", "),
      parameters: units * (before + 1 + (layer?.batch_normalization ? 1 : 0)),
    };
  });
}
