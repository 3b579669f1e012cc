/** Which settings of two experiments differ, by the names of their controls. Pure. */

import { decode } from "../drawing.js";
import { DASH } from "../format.js";
import { has, t } from "../text.js";
import { textOf } from "../url.js";

/** @import { Catalogue, Experiment, FieldRow, Row } from "../types.js" */

/** Labels of settings by their flat names. */
const LABELS = /** @type {Record<string, string>} */ ({
  data: "data.set",
  points: "data.points",
  classes: "data.classes",
  noise: "data.noise",
  train_share: "data.train_share",
  data_seed: "compare.data_seed",
  inputs: "table.inputs",
  standardize: "table.standardize",
  target: "table.target",
  labels: "data.classes",
  drawn: "compare.drawn",
  table: "table.own",
  features: "net.features",
  hidden: "net.layers_group",
  activation: "net.activation",
  output_activation: "net.output_activation",
  initializer: "training.initializer",
  bias: "compare.bias",
  loss: "training.loss",
  optimizer: "training.optimizer",
  learning_rate: "training.learning_rate",
  regularization: "training.regularization",
  regularization_rate: "training.regularization_rate",
  batch_size: "training.batch_size",
  schedule: "more.schedule",
  decay_steps: "more.decay_steps",
  decay_rate: "more.decay_rate",
  clip_norm: "more.clip_norm",
  max_norm: "more.max_norm",
  dropout: "more.dropout",
  batch_normalization: "more.batch_normalization",
  seed: "compare.seed",
});

/** The rows that a setting chooses from. */
const ROWS = /** @type {Record<string, keyof Catalogue>} */ ({
  data: "data_sets",
  features: "features",
  activation: "activations",
  output_activation: "output_activations",
  initializer: "initializers",
  loss: "losses",
  optimizer: "optimizers",
  regularization: "regularizations",
  schedule: "schedules",
});
const LONGEST = 40; // characters

/**
 * @param {Catalogue} catalogue
 * @param {Experiment} a
 * @param {Experiment} b
 * @returns {{ label: string, a: string, b: string }[]}
 */
export function changedSettings(catalogue, a, b) {
  return catalogue.fields
    .filter((field) => textOf(field, a) !== textOf(field, b))
    .map((field) => ({
      label: labelOf(catalogue, field),
      a: valueOf(catalogue, field, a),
      b: valueOf(catalogue, field, b),
    }));
}

/** @param {Catalogue} catalogue @param {FieldRow} field */
function labelOf({ optimizer_settings }, { name }) {
  const key = LABELS[name] ?? "";
  return has(key) ? t(key) : (optimizer_settings.find((row) => row.name === name)?.label ?? name);
}

/** @param {Catalogue} catalogue @param {FieldRow} field @param {Experiment} experiment */
function valueOf(catalogue, field, experiment) {
  const text = textOf(field, experiment);
  if (field.name === "drawn") return text ? String(decode(text)?.length ?? DASH) : DASH;
  if (field.kind === "switch" || field.name === "batch_normalization") {
    return text.replaceAll("true", t("compare.on")).replaceAll("false", t("compare.off")) || DASH;
  }
  const rows = /** @type {(Row & { symbol?: string })[]} */ (catalogue[ROWS[field.name] ?? "fields"]);
  const words = ROWS[field.name]
    ? text.split(",").map((name) => {
        const row = rows.find((candidate) => candidate.name === name);
        return row?.symbol ?? row?.label ?? name;
      })
    : text.split(",");
  const shown = words.join(", ") || DASH;
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown;
}
