/** A canvas that writes down what is drawn on it, as the text of an SVG: the page's own drawings stay sharp. */

import { svg } from "../dom.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const ALIGN = /** @type {Record<string, string>} */ ({ center: "middle", right: "end", end: "end" });
/** How far below the given height a text's base is, in times the font's size. */
const DROP = /** @type {Record<string, number>} */ ({ top: 0.84, middle: 0.35, bottom: -0.2 });

/** @param {number} value */
const short = (value) => String(Number(value.toFixed(2)));

/**
 * What of CanvasRenderingContext2D the page's drawings use; transforms are passed over, so the numbers are
 * those of the picture.
 */
class Recorder {
  fillStyle = "#000";
  strokeStyle = "#000";
  lineWidth = 1;
  /** @type {CanvasLineJoin} */
  lineJoin = "miter";
  font = "10px sans-serif";
  textAlign = "start";
  textBaseline = "alphabetic";
  /** @type {{ place: SVGElement, looks: object }[]} */
  #saved = [];
  /** @type {SVGElement} where what is drawn goes */
  #place;
  #path = "";
  #clips = 0;
  /** @type {{ element: SVGElement, path: string } | null} the stroke that was drawn last */
  #stroked = null;

  /** @param {SVGElement} root @param {number} width in pixels, which some drawings ask for */
  constructor(root, width) {
    this.canvas = { width };
    this.#place = root;
  }

  setTransform() {}
  clearRect() {}

  beginPath() {
    this.#path = "";
  }

  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.#path += `M${short(x)} ${short(y)}`;
  }

  /** @param {number} x @param {number} y */
  lineTo(x, y) {
    this.#path += `${this.#path ? "L" : "M"}${short(x)} ${short(y)}`;
  }

  closePath() {
    this.#path += "Z";
  }

  /** A whole circle. @param {number} x @param {number} y @param {number} radius */
  arc(x, y, radius) {
    const [r, d] = [short(radius), short(2 * radius)];
    this.#path += `M${short(x - radius)} ${short(y)}a${r} ${r} 0 1 0 ${d} 0a${r} ${r} 0 1 0 -${d} 0`;
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  rect(x, y, width, height) {
    this.#path += `M${short(x)} ${short(y)}h${short(width)}v${short(height)}h${short(-width)}Z`;
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  strokeRect(x, y, width, height) {
    const path = this.#path;
    this.#path = "";
    this.rect(x, y, width, height);
    this.stroke();
    this.#path = path;
    this.#stroked = null;
  }

  stroke() {
    const element = this.#add("path", { d: this.#path, fill: "none", ...this.#pen() });
    this.#stroked = { element, path: this.#path };
  }

  fill() {
    const before = this.#stroked;
    this.#stroked = null;
    if (before?.path === this.#path) {
      before.element.setAttribute("fill", this.fillStyle);
      before.element.setAttribute("paint-order", "stroke");
    } else this.#add("path", { d: this.#path, fill: this.fillStyle });
  }

  clip() {
    const id = `clip${(this.#clips += 1)}`;
    const shape = this.#add("clipPath", { id });
    shape.append(svg("path", { d: this.#path }));
    this.#place = this.#add("g", { "clip-path": `url(#${id})` });
  }

  save() {
    const { fillStyle, strokeStyle, lineWidth, lineJoin, font, textAlign, textBaseline } = this;
    const looks = { fillStyle, strokeStyle, lineWidth, lineJoin, font, textAlign, textBaseline };
    this.#saved.push({ place: this.#place, looks });
  }

  restore() {
    const last = this.#saved.pop();
    if (!last) return;
    this.#place = last.place;
    Object.assign(this, last.looks);
  }

  /** @param {string} text @param {number} x @param {number} y */
  strokeText(text, x, y) {
    this.#text(text, x, y, { fill: "none", ...this.#pen() });
  }

  /** @param {string} text @param {number} x @param {number} y */
  fillText(text, x, y) {
    this.#text(text, x, y, { fill: this.fillStyle });
  }

  #pen() {
    const join = this.lineJoin === "miter" ? {} : { "stroke-linejoin": this.lineJoin };
    return { stroke: this.strokeStyle, "stroke-width": short(this.lineWidth), ...join };
  }

  /** @param {string} text @param {number} x @param {number} y @param {Record<string, string>} looks */
  #text(text, x, y, looks) {
    const [, weight = "400", size = "10", family = "sans-serif"] =
      /^(?:(\d+) )?([\d.]+)px (.*)$/.exec(this.font) ?? [];
    const drop = (DROP[this.textBaseline] ?? 0) * Number(size);
    const element = this.#add("text", {
      x: short(x),
      y: short(y + drop),
      "font-family": family,
      "font-size": short(Number(size)),
      ...(weight === "400" ? {} : { "font-weight": weight }),
      ...(ALIGN[this.textAlign] ? { "text-anchor": String(ALIGN[this.textAlign]) } : {}),
      ...looks,
    });
    element.textContent = text;
  }

  /**
   * @template {keyof SVGElementTagNameMap} K
   * @param {K} tag @param {Record<string, string | number>} attributes
   */
  #add(tag, attributes) {
    const element = svg(tag, attributes);
    this.#place.append(element);
    this.#stroked = null;
    return element;
  }
}

/**
 * What draws into an element as a canvas's context would.
 * @param {SVGElement} root
 * @param {number} width of the picture
 */
export function recorder(root, width) {
  return /** @type {CanvasRenderingContext2D} */ (/** @type {unknown} */ (new Recorder(root, width)));
}

/**
 * An empty picture on its paper.
 * @param {number} width
 * @param {number} height
 * @param {string} paper
 * @param {number} [left] where it begins
 */
export function sheet(width, height, paper, left = 0) {
  const root = svg("svg", { xmlns: NAMESPACE, viewBox: `${left} 0 ${width} ${height}`, width, height });
  root.append(svg("rect", { x: left, width, height, fill: paper }));
  return root;
}

/**
 * A picture of pixels within a drawing, in the file itself.
 * @param {HTMLCanvasElement} canvas
 * @param {{ x: number, y: number, width: number, height: number }} place
 */
export const embedded = (canvas, { x, y, width, height }) =>
  svg("image", { x, y, width, height, preserveAspectRatio: "none", href: canvas.toDataURL("image/png") });

/** @param {SVGElement} root */
export const written = (root) =>
  new Blob([new XMLSerializer().serializeToString(root)], { type: "image/svg+xml" });
