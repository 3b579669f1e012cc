/** The weights that the loss can be shown over, by name. Pure. */

import { featureLabel } from "../edits.js";
import { t } from "../text.js";

/** @import { Catalogue, Snapshot, WeightPlace } from "../types.js" */

/** @typedef {{ key: string, place: WeightPlace, name: string }} Choice */

const MANY = 800; // weights, more than a menu can hold
const FEW = 8; // neurons and inputs that are offered of each layer then

/** @param {WeightPlace} place */
const keyOf = ({ layer, source, unit }) => `${layer}.${source ?? "bias"}.${unit}`;

/** Whether not all of the network's weights are offered. @param {Snapshot} snapshot */
export const isLimited = ({ weights }) => weights.length > MANY;

/**
 * Neuron by neuron, the weights into it and its bias.
 * @param {Catalogue} catalogue
 * @param {Snapshot} snapshot
 * @returns {Choice[]}
 */
export function choicesOf(catalogue, snapshot) {
  const { layers, experiment } = snapshot;
  const most = isLimited(snapshot) ? FEW : Infinity;
  /** @type {Choice[]} */
  const choices = [];
  for (let layer = 1; layer < layers.length; layer += 1) {
    const sources = Math.min(most, Number(layers[layer - 1]));
    // Batch normalization has a shift in the bias's place.
    const hasBias = !experiment.network.hidden[layer - 1]?.batch_normalization;
    for (let unit = 0; unit < Math.min(most, Number(layers[layer])); unit += 1) {
      const neuron = neuronName(snapshot, layer, unit);
      for (let source = 0; source < sources; source += 1) {
        const place = { layer, source, unit };
        const from =
          layer === 1
            ? featureLabel(catalogue, experiment.data, experiment.features[source] ?? "")
            : t("card.neuron_from", { unit: source + 1 });
        choices.push({ key: keyOf(place), place, name: t("surface.of_weight", { neuron, from }) });
      }
      const place = { layer, source: null, unit };
      if (hasBias) choices.push({ key: keyOf(place), place, name: t("surface.of_bias", { neuron }) });
    }
  }
  return choices;
}

/** As its card names it. @param {Snapshot} snapshot @param {number} layer @param {number} unit */
function neuronName({ layers }, layer, unit) {
  if (layer < layers.length - 1) return t("card.title_neuron", { layer, unit: unit + 1 });
  return Number(layers[layer]) > 1 ? t("card.title_output_of", { unit: unit + 1 }) : t("card.title_output");
}
