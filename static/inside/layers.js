/** How large weights and gradients are, layer by layer. Pure: descriptions for patch.js. */

import { percent } from "../format.js";
import { h } from "../patch.js";
import { t } from "../text.js";
import { figures } from "./batch.js";
import { short } from "./numbers.js";
import { block, layerName } from "./reading.js";

/** @import { LayerSaid, Snapshot } from "../types.js" */
/** @import { Part } from "../patch.js" */

const [WIDTH, HEIGHT] = [200, 48];

/**
 * Bars from -reach to reach; those left of zero have the colour of what is negative.
 * @param {string} label
 * @param {Float32Array} counts
 * @param {number} reach
 */
function histogram(label, counts, reach) {
  const most = Math.max(1, ...counts);
  const step = WIDTH / counts.length;
  const bars = Array.from(counts, (count, i) =>
    h("rect", {
      x: (i * step + 0.5).toFixed(1),
      y: (HEIGHT * (1 - count / most)).toFixed(1),
      width: (step - 1).toFixed(1),
      height: ((HEIGHT * count) / most).toFixed(1),
      class: i < counts.length / 2 ? "bar-negative" : "bar-positive",
    }),
  );
  const zero = h("path", { d: `M${WIDTH / 2} 0V${HEIGHT}`, class: "zero" });
  return h(
    "figure",
    { class: "histogram" },
    h("figcaption", {}, label),
    h(
      "svg",
      {
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        preserveAspectRatio: "none",
        role: "img",
        "aria-label": t("inside.histogram", { what: label, reach: short(reach) }),
      },
      zero,
      ...bars,
    ),
    h(
      "p",
      { class: "histogram-ticks", "aria-hidden": "true" },
      ...[-reach, 0, reach].map((value) => h("span", {}, value === 0 ? "0" : short(value))),
    ),
  );
}

/** @param {LayerSaid} said @returns {string[][]} */
function about({ norm, mean, gradient_norm: gradient, dead, saturated, ...normalized }) {
  const { scale_gradient_norm: scale, shift_gradient_norm: shift } = normalized;
  return [
    [t("inside.norm"), short(norm)],
    [t("inside.mean"), short(mean)],
    [t("inside.gradient_norm"), short(gradient ?? NaN)],
    ...(scale === null ? [] : [[t("inside.scale_gradient_norm"), short(scale)]]),
    ...(shift === null ? [] : [[t("inside.shift_gradient_norm"), short(shift)]]),
    [t("inside.dead"), percent(dead ?? NaN)],
    [t("inside.saturated"), percent(saturated ?? NaN)],
  ];
}

/**
 * @param {Snapshot} snapshot
 * @returns {Part[]}
 */
export function layersParts(snapshot) {
  const said = snapshot.panels.layers;
  const [weights, gradients] = ["weights", "gradients"].map((name) => block(snapshot, `layers.${name}`));
  if (!said || !weights || !gradients || said.layers.length !== snapshot.layers.length - 1) return [];
  const bins = weights.length / said.layers.length;
  /** @param {Float32Array} values @param {number} i */
  const of = (values, i) => values.subarray(i * bins, (i + 1) * bins);
  const ratio = said.ratio === null ? "" : ` ${t("inside.ratio", { ratio: short(said.ratio) })}`;
  const verdict = said.verdict ? t(`inside.${said.verdict}`) : t("inside.sound");
  return [
    h("p", { class: "verdict-line", "data-verdict": said.verdict ?? "sound" }, verdict + ratio),
    h(
      "div",
      { class: "layer-cards" },
      ...said.layers.map((layer, i) =>
        h(
          "section",
          { class: "layer-card" },
          h("h3", {}, layerName(snapshot, i + 1)),
          h(
            "div",
            { class: "histograms" },
            histogram(t("inside.weights"), of(weights, i), layer.reach),
            histogram(t("inside.gradients"), of(gradients, i), layer.gradient_reach),
          ),
          figures(about(layer)),
        ),
      ),
    ),
    h("p", { class: "small" }, t("inside.layers_about", { points: said.points })),
  ];
}
