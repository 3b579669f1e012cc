/** The neurons of the hidden layers and the output: a picture and a bias each. */

import { FINE, colorTable, scaleOf } from "../colors.js";
import { context2d, el } from "../dom.js";
import { signed } from "../format.js";
import { paint, paintCells } from "../picture.js";
import { t } from "../text.js";

/** @import { Look, NeuronPlace, Snapshot } from "../types.js" */
/** @import { Column } from "../layout.js" */

const OUTPUT_PIXELS = 50; // the output's picture is finer than it is shown here

/**
 * @typedef {object} Neuron
 * @property {HTMLButtonElement} button
 * @property {CanvasRenderingContext2D} context
 * @property {HTMLElement} bias
 */

/**
 * @param {HTMLElement} root
 * @param {{ enter: (place: NeuronPlace) => void, leave: () => void, open: (place: NeuronPlace) => void }} listener
 */
export function createNeurons(root, { enter, leave, open }) {
  /** @type {Neuron[][]} hidden layers, then the output */
  let layers = [];
  /** @type {ImageData | null} */
  let small = null;
  /** @type {ImageData | null} */
  let large = null;
  /** @type {NeuronPlace} the one that Tab reaches; arrow keys go on from there */
  let reachable = { layer: 1, unit: 0 };

  /** @param {NeuronPlace} place @returns {Neuron} */
  function make(place) {
    const canvas = el("canvas", { class: "picture", width: 1, height: 1, "aria-hidden": "true" });
    const bias = el("span", { class: "bias", "aria-hidden": "true" });
    const button = el(
      "button",
      { type: "button", class: "neuron", "data-testid": "neuron", "aria-haspopup": "dialog" },
      canvas,
      bias,
    );
    button.dataset["layer"] = String(place.layer);
    button.dataset["unit"] = String(place.unit);
    root.append(button);
    return { button, context: context2d(canvas), bias };
  }

  /** @param {EventTarget | null} target @returns {NeuronPlace | null} */
  function placeOf(target) {
    const button = target instanceof Element ? target.closest(".neuron") : null;
    if (!(button instanceof HTMLElement)) return null;
    return { layer: Number(button.dataset["layer"]), unit: Number(button.dataset["unit"]) };
  }

  root.addEventListener("pointerover", (event) => {
    const place = placeOf(event.target);
    if (place) enter(place);
  });
  root.addEventListener("pointerout", (event) => {
    if (placeOf(event.target) && !placeOf(event.relatedTarget)) leave();
  });
  root.addEventListener("focusin", (event) => {
    const place = placeOf(event.target);
    if (!place) return;
    reach(place);
    enter(place);
  });
  root.addEventListener("focusout", ({ relatedTarget }) => {
    // Of a neuron whose card was opened, the picture stays large: a finger cannot hover.
    if (!(relatedTarget instanceof Element && relatedTarget.closest("#card"))) leave();
  });
  root.addEventListener("click", (event) => {
    const place = placeOf(event.target);
    if (place) open(place);
  });
  root.addEventListener("keydown", (event) => {
    const place = placeOf(event.target);
    const move = MOVES[event.key];
    if (!place || !move) return;
    event.preventDefault();
    const layer = Math.min(layers.length, Math.max(1, place.layer + move[0]));
    const units = layers[layer - 1]?.length ?? 1;
    reach({ layer, unit: Math.min(units - 1, Math.max(0, place.unit + move[1])) });
    layers[reachable.layer - 1]?.[reachable.unit]?.button.focus();
  });

  /** @param {NeuronPlace} place */
  function reach(place) {
    const before = layers[reachable.layer - 1]?.[reachable.unit];
    if (before) before.button.tabIndex = -1;
    reachable = place;
    const now = layers[place.layer - 1]?.[place.unit];
    if (now) now.button.tabIndex = 0;
  }

  return {
    /**
     * @param {Column[]} columns hidden layers, then the output
     */
    place(columns) {
      for (const layer of layers.splice(columns.length)) for (const { button } of layer) button.remove();
      columns.forEach(({ x, size, centers }, i) => {
        const layer = (layers[i] ??= []);
        for (const { button } of layer.splice(centers.length)) button.remove();
        while (layer.length < centers.length) layer.push(make({ layer: i + 1, unit: layer.length }));
        const output = i === columns.length - 1;
        layer.forEach(({ button }, unit) => {
          button.style.left = `${x - size / 2}px`;
          button.style.top = `${Number(centers[unit]) - size / 2}px`;
          button.style.width = `${size}px`;
          button.style.height = `${size}px`;
          button.classList.toggle("neuron-small", size < 22);
          button.tabIndex = -1;
          button.setAttribute(
            "aria-label",
            !output
              ? t("net.neuron", { unit: unit + 1, layer: i + 1 })
              : centers.length === 1
                ? t("net.output_neuron")
                : t("net.output_of", { unit: unit + 1 }),
          );
        });
      });
      // In the order of the layers, whatever was made first.
      root.append(...layers.flat().map(({ button }) => button));
      const units = layers[reachable.layer - 1]?.length ?? 0;
      reach(reachable.unit < units ? reachable : { layer: 1, unit: 0 });
    },

    /** No pictures are known of this structure yet. */
    blank() {
      for (const { context, bias } of layers.flat()) {
        context.clearRect(0, 0, context.canvas.width, context.canvas.height);
        bias.dataset["sign"] = "none";
      }
    },

    /**
     * @param {Snapshot} snapshot of this very structure
     * @param {Look} look
     */
    update({ neurons, boundary, activations, weights, layers: units }, look) {
      const { side } = neurons;
      if (!small || small.width !== side) small = new ImageData(Math.max(1, side), Math.max(1, side));
      large ??= new ImageData(OUTPUT_PIXELS, OUTPUT_PIXELS);
      let at = 0; // in the weights
      let picture = 0;
      for (const [i, layer] of layers.entries()) {
        const output = i === layers.length - 1 && layer.length === 1; // of several, each has its picture
        const activation = activations[i] ?? "linear";
        at += Number(units[i]) * Number(units[i + 1]);
        for (const { context, bias } of layer) {
          const pictures = output ? boundary : neurons;
          const image = output ? large : small;
          const index = output ? 0 : picture;
          const [low = 0, high = 0] = pictures.ranges.subarray(2 * index, 2 * index + 2);
          const table = colorTable(look, scaleOf(low, high, activation), output ? FINE : 1);
          if (output) paint(image, pictures.data, 0, pictures.side, table);
          else paintCells(image, pictures.data, index * pictures.side ** 2, table);
          if (context.canvas.width !== image.width) {
            context.canvas.width = image.width;
            context.canvas.height = image.height;
          }
          if (!output && pictures.absent?.has(index)) {
            context.clearRect(0, 0, image.width, image.height); // of a moment at which nobody saw it
          } else {
            context.putImageData(image, 0, 0);
          }
          showBias(bias, weights[at] ?? 0);
          at += 1;
          if (!output) picture += 1;
        }
      }
    },

    /** @param {NeuronPlace | null} place */
    inspect(place) {
      root.querySelector(".inspected")?.classList.remove("inspected");
      if (place) layers[place.layer - 1]?.[place.unit]?.button.classList.add("inspected");
    },
  };
}

/** @type {Record<string, [number, number]>} layers and units to go */
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @param {HTMLElement} mark
 * @param {number} value
 */
function showBias(mark, value) {
  const text = signed(value, 2);
  if (mark.dataset["value"] === text) return;
  mark.dataset["value"] = text;
  mark.dataset["sign"] = value < 0 ? "negative" : "positive";
  mark.style.opacity = (0.2 + 0.8 * (1 - Math.exp(-Math.abs(value) * 1.5))).toFixed(2);
  mark.title = t("net.bias", { value: text });
}
