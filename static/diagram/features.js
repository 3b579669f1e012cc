/** The features: checkboxes with their pictures, and the input nodes of the network at the same time. */

import { featureLabel, featuresFor, withFeature } from "../edits.js";
import { colorTable, scaleOf } from "../colors.js";
import { context2d, disable, need, setText } from "../dom.js";
import { paintCells } from "../picture.js";
import { drawFeature } from "../thumbnails.js";
import { t } from "../text.js";

/** @import { Actions, Catalogue, Experiment, Look, Pictures, Snapshot } from "../types.js" */
/** @import { Column } from "../layout.js" */

/**
 * @param {HTMLElement} root
 * @param {Catalogue} catalogue
 * @param {Actions} actions
 */
export function createFeatures(root, catalogue, actions) {
  const rows = [...root.querySelectorAll(".feature")].map((label) => {
    const box = need(label, "input", HTMLInputElement);
    const canvas = need(label, "canvas", HTMLCanvasElement);
    const element = /** @type {HTMLElement} */ (label);
    const { title } = element;
    box.addEventListener("change", () =>
      actions.edit((e) => withFeature(catalogue, e, box.value, box.checked)),
    );
    const text = need(label, ".feature-symbol", HTMLElement);
    const spoken = box.getAttribute("aria-label") ?? "";
    return { element, box, canvas, title, spoken, label: text, symbol: text.textContent, name: box.value };
  });
  /** @type {Pictures | null} */
  let drawn = null;
  /** @type {Look | null} */
  let drawnLook = null;

  return {
    /**
     * @param {Experiment} experiment
     * @param {Column} column
     */
    update({ data, features }, { x, size, centers }) {
      const [fewest, most] = catalogue.limits.features;
      const offered = featuresFor(catalogue, data).map((row) => row.name);
      for (const { element, name } of rows) element.hidden = !offered.includes(name);
      offered.forEach((name, i) => {
        const row = rows.find((candidate) => candidate.name === name);
        if (!row) return;
        const { element, box, canvas, label } = row;
        const column = catalogue.features.find((known) => known.name === name)?.column ?? null;
        const named = featureLabel(catalogue, data, name);
        const isNamed = column !== null && named !== row.symbol;
        const title = isNamed ? named : row.title;
        setText(label, named);
        element.classList.toggle("named", isNamed);
        box.setAttribute("aria-label", isNamed ? named : row.spoken);
        const used = features.includes(name);
        box.checked = used;
        const last = used && features.length <= fewest;
        const full = !used && features.length >= most;
        const refused = last ? t("net.last_feature") : full ? t("net.most_features", { most }) : null;
        disable(box, refused, title);
        element.title = box.title;
        element.classList.toggle("unused", !used);
        element.style.top = `${Number(centers[i]) - size / 2}px`;
        element.style.height = `${size}px`;
        element.style.width = `${x + size / 2}px`;
        canvas.style.width = `${size}px`;
        canvas.style.height = `${size}px`;
      });
    },

    /**
     * Draws what the network's inputs are; the others as they would be.
     * @param {Snapshot | null} snapshot
     * @param {Look} look
     */
    draw(snapshot, look) {
      const inputs = snapshot?.inputs ?? null;
      if (inputs === drawn && look === drawnLook) return;
      drawn = inputs;
      drawnLook = look;
      for (const { name, canvas } of rows) {
        const index = snapshot?.experiment.features.indexOf(name) ?? -1;
        if (!inputs || index < 0) {
          drawFeature(canvas, name, look);
          continue;
        }
        const [low = 0, high = 0] = inputs.ranges.subarray(2 * index, 2 * index + 2);
        canvas.width = inputs.side;
        canvas.height = inputs.side;
        const image = new ImageData(inputs.side, inputs.side);
        const table = colorTable(look, scaleOf(low, high, "linear"), 1);
        paintCells(image, inputs.data, index * inputs.side ** 2, table);
        context2d(canvas).putImageData(image, 0, 0);
      }
    },
  };
}
