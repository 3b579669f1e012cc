/** The next batch: its loss, and what its step changes most. Pure: descriptions for patch.js. */

import { h } from "../patch.js";
import { t } from "../text.js";
import { aligned, short } from "./numbers.js";
import { block, layerName, sourcesOf } from "./reading.js";

/** @import { Catalogue, Snapshot } from "../types.js" */
/** @import { Part } from "../patch.js" */

const MOST_ROWS = 60;

/**
 * Where each weight is, in the order of a frame's weights; biases have no source.
 * @param {number[]} layers units of the inputs and of every layer
 * @returns {{ layer: number, source: number | null, unit: number }[]}
 */
function placesOf(layers) {
  return layers.slice(1).flatMap((units, i) => {
    const inputs = Number(layers[i]);
    return Array.from({ length: (inputs + 1) * units }, (_, at) => {
      const source = Math.floor(at / units);
      return { layer: i + 1, source: source < inputs ? source : null, unit: at % units };
    });
  });
}

/**
 * @param {Catalogue} catalogue
 * @param {Snapshot} snapshot
 * @returns {Part[]}
 */
export function batchParts(catalogue, snapshot) {
  const said = snapshot.panels.batch;
  const [gradient, penalized, update] = ["gradient", "gradient_with_penalty", "update"].map((name) =>
    block(snapshot, `batch.${name}`),
  );
  if (!said || !gradient || !penalized || !update || update.length !== snapshot.weights.length) return [];
  const { layers, weights, experiment } = snapshot;
  const penalty = experiment.training.regularization !== "none";
  const names = layers.map((_, i) => (i === 0 ? [] : sourcesOf(catalogue, snapshot, i)));
  const ranked = placesOf(layers)
    .map((place, at) => ({ ...place, at }))
    // Batch normalization has a shift in the bias's place.
    .filter(
      ({ layer, source }) => source !== null || !experiment.network.hidden[layer - 1]?.batch_normalization,
    )
    .sort((a, b) => Math.abs(update[b.at] ?? 0) - Math.abs(update[a.at] ?? 0));
  const largest = Math.abs(update[ranked[0]?.at ?? 0] ?? 0) || 1;
  const rows = ranked.slice(0, MOST_ROWS).map(({ layer, source, unit, at }) => {
    const change = update[at] ?? NaN;
    const bar = h("rect", {
      x: change < 0 ? (50 - (50 * -change) / largest).toFixed(1) : 50,
      width: ((50 * Math.abs(change)) / largest || 0).toFixed(1),
      y: 0,
      height: 8,
      class: change < 0 ? "bar-negative" : "bar-positive",
    });
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, layerName(snapshot, layer)),
      h("td", { class: "words" }, source === null ? t("card.bias") : (names[layer]?.[source] ?? "")),
      h(
        "td",
        { class: "words" },
        layer === layers.length - 1 && layers[layer] === 1 ? "o" : String(unit + 1),
      ),
      h("td", {}, aligned(weights[at] ?? NaN)),
      h("td", {}, aligned(gradient[at] ?? NaN)),
      penalty ? h("td", {}, aligned(penalized[at] ?? NaN)) : null,
      h("td", {}, aligned(change)),
      h(
        "td",
        { class: "change" },
        h("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" }, bar),
      ),
    );
  });
  const { loss, penalty: part, points, rate } = said;
  const head = [
    [t("inside.batch_points"), String(points)],
    [t("inside.mean_loss"), short(loss ?? NaN)],
    ...(penalty ? [[t("inside.loss_with_penalty"), short((loss ?? NaN) + (part ?? NaN))]] : []),
    [t("training.learning_rate"), short(rate)],
  ];
  return [
    h("p", { class: "small" }, t("inside.batch_about")),
    figures(head),
    h(
      "table",
      { class: "numbers" },
      h("caption", {}, t("inside.largest", { count: rows.length, all: ranked.length })),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ...[
            t("inside.layer"),
            t("inside.from"),
            t("inside.to"),
            t("inside.weight"),
            t("inside.gradient"),
            ...(penalty ? [t("inside.with_penalty")] : []),
            t("inside.update"),
          ].map((name) => h("th", { scope: "col" }, name)),
          h("td", {}),
        ),
      ),
      h("tbody", {}, ...rows),
    ),
  ];
}

/** Names and what they are. @param {string[][]} pairs */
export function figures(pairs) {
  return h(
    "dl",
    { class: "figures" },
    ...pairs.map(([name = "", value = ""]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}
