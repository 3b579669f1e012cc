/** The one layer that linear layers are. Pure: descriptions for patch.js. */

import { h } from "../patch.js";
import { t } from "../text.js";
import { activationOf, matrix } from "./forward.js";
import { short } from "./numbers.js";
import { block, sourcesOf, symbolOf } from "./reading.js";

/** @import { Catalogue, Experiment, Snapshot } from "../types.js" */
/** @import { Part } from "../patch.js" */

/**
 * Why the layers are not one; null if they are.
 * @param {Catalogue} catalogue
 * @param {Experiment} experiment
 */
export function obstacle(catalogue, { network: { hidden } }) {
  if (hidden.length === 0) return t("inside.no_hidden");
  for (const [i, { activation, batch_normalization: normal }] of hidden.entries()) {
    const values = { layer: i + 1, activation: activationOf(catalogue, activation).label };
    if (activation !== "linear") return t("inside.not_linear", values);
    if (normal) return t("inside.normalized", values);
  }
  return null;
}

/**
 * @param {Catalogue} catalogue
 * @param {Snapshot} snapshot
 * @returns {Part[]}
 */
export function linearParts(catalogue, snapshot) {
  const about = h("p", {}, t("inside.linear_about"));
  const wrong = obstacle(catalogue, snapshot.experiment);
  if (wrong !== null) return [about, h("p", { class: "small" }, wrong)];
  const [kernel, bias] = ["kernel", "bias"].map((name) => block(snapshot, `linear.${name}`));
  const { layers } = snapshot;
  const [inputs = 0, outputs = 0] = [layers[0], layers.at(-1)];
  if (!kernel || !bias || kernel.length !== inputs * outputs) return [about];
  const product = layers.slice(1).map((units, i) => {
    const shape = t("inside.shape", { rows: Number(layers[i]), columns: units });
    return `${symbolOf("W", i)} ${shape}`;
  });
  const names = sourcesOf(catalogue, snapshot, 1);
  const several = outputs > 1;
  const sums = Array.from({ length: outputs }, (_, k) => {
    const terms = names.map((name, i) => {
      const w = kernel[i * outputs + k] ?? NaN;
      return `${w < 0 ? "−" : "+"} ${short(Math.abs(w))}·${name}`;
    });
    return `${several ? symbolOf("z", k) : "z"} = ${short(bias[k] ?? NaN)} ${terms.join(" ")}`;
  });
  return [
    about,
    h(
      "p",
      { class: "rule" },
      h("span", {}, `${product.join(" · ")} = W ${t("inside.shape", { rows: inputs, columns: outputs })}`),
    ),
    h("div", { class: "matrices" }, matrix("W", kernel, inputs, outputs), matrix("b", bias, 1, outputs)),
    ...sums.map((text) => h("p", { class: "formula" }, text)),
  ];
}
