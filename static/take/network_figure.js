/** The network as an SVG: what goes in, every neuron with its picture, every weight as a line. */

import { createLinks } from "../diagram/links.js";
import { FINE, colorTable, linesOf, scaleOf } from "../colors.js";
import { context2d, el, svg } from "../dom.js";
import { featureLabel } from "../edits.js";
import { percent } from "../format.js";
import { gapsBetween, layOut, spacingOf } from "../layout.js";
import { paint, paintCells } from "../picture.js";
import { t } from "../text.js";
import { embedded, sheet } from "./vector.js";

/** @import { Catalogue, Look, Pictures, Snapshot } from "../types.js" */
/** @import { Column } from "../layout.js" */
/** @import { Colors } from "./figures.js" */

const FONT = 15; // px
const SMALL = 12.5;
const WIDTH = 720; // at least; a deep network is wider
const LAYER = 95;
const LETTER = 0.62; // of a text's size, about
const LONGEST = 18; // characters of a table's column
const PITCH = 62; // px from neuron to neuron, where the column's length decides on the height
const LEAST = 300;
const OUTPUT_PIXELS = 100;
const MARGIN = 10;

/**
 * @param {Snapshot} snapshot
 * @param {Catalogue} catalogue
 * @param {Look} look
 * @param {Colors} colors
 * @param {string} fontFamily
 */
export function networkFigure(snapshot, catalogue, look, colors, fontFamily) {
  const { layers, experiment, activations } = snapshot;
  const { data, features, network } = experiment;
  const most = Math.max(...layers);
  const hidden = network.hidden.map((layer) => layer.neurons);
  const head = 3.2 * FONT; // names stand in it
  const layout = layOut({
    width: Math.max(WIDTH, LAYER * (hidden.length + 3)),
    height: head + Math.max(LEAST, Math.min(12, most) * PITCH),
    plain: false,
    font: head / 6.5,
    features: features.length,
    hidden,
    outputs: Number(layers.at(-1)),
  });
  const { width, inputs, output } = layout;
  const labels = features.map((feature) => cut(featureLabel(catalogue, data, feature), LONGEST));
  const longest = LETTER * SMALL * Math.max(...labels.map((label) => label.length));
  const before = Math.max(0, Math.ceil(longest + 8 + MARGIN - (inputs.x - inputs.size / 2))); // px more
  const height = layout.height + MARGIN;
  const columns = [inputs, ...layout.hidden, output];
  const root = sheet(width + before, height, colors.surface, -before);
  root.setAttribute("font-family", fontFamily);
  const clip = svg("clipPath", { id: "corners", clipPathUnits: "objectBoundingBox" });
  clip.append(svg("rect", { width: 1, height: 1, rx: 0.12 }));
  root.append(clip, linksOf(snapshot, columns, layout, look, colors));

  /** @param {string} text @param {number} x @param {number} y @param {Record<string, string | number>} looks */
  const write = (text, x, y, looks) => {
    const line = svg("text", { x, y, "font-size": SMALL, fill: colors.ink, ...looks });
    line.textContent = text;
    root.append(line);
  };
  const middle = { "text-anchor": "middle" };
  const name = { "font-size": FONT, "font-weight": 600 };
  const soft = { fill: colors.soft };
  const [first, second] = [1.4 * FONT, 2.6 * FONT];
  write(t("net.features"), MARGIN - before, first, name);
  /** @param {string} activation */
  const called = (activation) =>
    [...catalogue.activations, ...catalogue.output_activations].find((row) => row.name === activation)
      ?.label ?? activation;
  network.hidden.forEach(({ neurons, batch_normalization: normal, dropout }, i) => {
    const { x } = /** @type {Column} */ (layout.hidden[i]);
    const more = [...(normal ? ["BN"] : []), ...(dropout > 0 ? [`−${percent(dropout)}`] : [])];
    const number = layout.compact ? String(i + 1) : t("net.layer", { n: i + 1 });
    write([number, ...more].join(" · "), x, first, { ...middle, ...name });
    const short = layout.compact ? String(neurons) : `${neurons} · ${called(activations[i] ?? "")}`;
    write(short, x, second, { ...middle, ...soft });
  });
  const right = Math.min(output.x, width - 3 * FONT - MARGIN);
  write(t("net.output"), right, first, { ...middle, ...name });
  write(called(activations.at(-1) ?? ""), right, second, { ...middle, ...soft });

  features.forEach((_, i) => {
    const y = Number(inputs.centers[i]);
    write(String(labels[i]), inputs.x - inputs.size / 2 - 8, y + 0.35 * SMALL, { "text-anchor": "end" });
    node(root, inputs, y, pixels(snapshot.inputs, i, "linear", look), colors);
  });
  let at = 0; // in the weights
  let picture = 0;
  columns.slice(1).forEach((column, i) => {
    const whole = column === output && column.centers.length === 1;
    at += Number(layers[i]) * Number(layers[i + 1]);
    for (const y of column.centers) {
      const canvas = whole
        ? pixels(snapshot.boundary, 0, activations[i] ?? "linear", look, OUTPUT_PIXELS)
        : pixels(snapshot.neurons, picture, activations[i] ?? "linear", look);
      if (!whole) picture += 1;
      node(root, column, y, canvas, colors);
      bias(root, column, y, snapshot.weights[at] ?? 0, colors);
      at += 1;
    }
  });
  return root;
}

/** @param {string} text @param {number} most characters */
const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/**
 * The diagram's own lines, with colours in place of classes.
 * @param {Snapshot} snapshot
 * @param {Column[]} columns
 * @param {{ width: number, height: number }} room
 * @param {Look} look
 * @param {Colors} colors
 */
function linksOf({ weights }, columns, { width, height }, look, colors) {
  const drawn = svg("svg");
  const links = createLinks(drawn);
  const spacing = spacingOf(columns.slice(0, -1));
  links.place(gapsBetween(columns), { width, height, spacing });
  links.update(weights, linesOf(look));
  const group = svg("g", { fill: "none" });
  for (const path of [...drawn.children]) {
    const kind = path.getAttribute("class");
    path.removeAttribute("class");
    if (kind === "link-none") path.setAttribute("stroke", "none");
    else path.setAttribute("stroke", kind === "link-negative" ? colors.negative : colors.positive);
    group.append(path);
  }
  return group;
}

/**
 * @param {Pictures} pictures
 * @param {number} index
 * @param {string} activation
 * @param {Look} look
 * @param {number} [side] other than the picture's own
 */
function pixels(pictures, index, activation, look, side = pictures.side) {
  const canvas = el("canvas", { width: side, height: side });
  const image = new ImageData(side, side);
  const [low = 0, high = 0] = pictures.ranges.subarray(2 * index, 2 * index + 2);
  const scale = scaleOf(low, high, activation);
  const start = index * pictures.side ** 2;
  if (pictures.absent?.has(index)) return canvas; // of a moment at which nobody saw it
  if (side === pictures.side) paintCells(image, pictures.data, start, colorTable(look, scale, 1));
  else paint(image, pictures.data, start, pictures.side, colorTable(look, scale, FINE));
  context2d(canvas).putImageData(image, 0, 0);
  return canvas;
}

/**
 * @param {SVGElement} root
 * @param {Column} column
 * @param {number} y its middle
 * @param {HTMLCanvasElement} canvas
 * @param {Colors} colors
 */
function node(root, { x, size }, y, canvas, colors) {
  const place = { x: x - size / 2, y: y - size / 2, width: size, height: size };
  const image = embedded(canvas, place);
  image.setAttribute("clip-path", "url(#corners)");
  const rim = svg("rect", { ...place, rx: 0.12 * size, fill: "none", stroke: colors.line });
  rim.setAttribute("stroke-width", size < 22 ? "1" : "1.5");
  root.append(image, rim);
}

/** @param {SVGElement} root @param {Column} column @param {number} y @param {number} value @param {Colors} colors */
function bias(root, { x, size }, y, value, colors) {
  const side = size < 22 ? 5 : 9;
  const opacity = (0.2 + 0.8 * (1 - Math.exp(-Math.abs(value) * 1.5))).toFixed(2);
  const [left, top] = [x - size / 2 - side / 3, y + size / 2 - (2 * side) / 3];
  const place = { x: left, y: top, width: side, height: side, rx: 2 };
  root.append(
    svg("rect", { ...place, fill: colors.surface, stroke: colors.surface, "stroke-width": 2 }),
    svg("rect", {
      ...place,
      fill: value < 0 ? colors.negative : colors.positive,
      "fill-opacity": opacity,
    }),
  );
}
