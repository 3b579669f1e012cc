/** The connections: one SVG path each, made when the structure changes, its looks updated as weights change. */

import { svg } from "../dom.js";
import { linkFall, linkPath } from "../layout.js";

/** @typedef {{ x: number, y: number }} Port where connections leave or arrive */
/** @typedef {{ sources: Port[], targets: Port[] }} Gap between two layers */
/** @typedef {{ gap: number, source: number, target: number, weight: number, x: number, y: number }} LinkHit */

const THICKEST = 8; // px
const SLIMMEST = 0.5;
const LEVELS = 40; // widths that are told apart: finer changes touch no element
const NEAR = 7; // px within which a pointer is at a connection

/** How far up the scale of widths a weight is, 0 to 1. @param {number} weight */
const strength = (weight) => 1 - Math.exp(-Math.abs(weight) / 2);

/** @param {SVGSVGElement} root */
export function createLinks(root) {
  /** @type {Gap[]} */
  let gaps = [];
  /** @type {SVGPathElement[]} */
  let paths = [];
  let looks = new Int16Array(0); // sign and level of each path as drawn
  /** @type {Float32Array} */
  let weights = new Float32Array(0);
  let marked = -1;
  let drawnLines = 1;
  let thickest = THICKEST;
  let fainter = 1; // where thousands of lines cross

  /** The looks of a connection that no weight is known of. */
  const UNKNOWN = -999;

  return {
    get count() {
      return paths.length;
    },

    /**
     * Draws the connections of another structure or other places.
     * @param {Gap[]} next
     * @param {{ width: number, height: number, spacing: number }} room spacing: the least between two neurons
     */
    place(next, { width, height, spacing }) {
      gaps = next;
      root.setAttribute("viewBox", `0 0 ${width} ${height}`);
      root.style.width = `${width}px`;
      root.style.height = `${height}px`;
      thickest = Math.min(THICKEST, Math.max(1.4, 0.2 * spacing));
      fainter = spacing < 24 ? 0.7 : 1;
      const lines = gaps.flatMap(({ sources, targets }) =>
        sources.flatMap((from) => targets.map((to) => linkPath(from.x, from.y, to.x, to.y))),
      );
      while (paths.length > lines.length) paths.pop()?.remove();
      const added = lines.slice(paths.length).map(() => svg("path"));
      root.append(...added);
      paths.push(...added);
      lines.forEach((line, i) => paths[i]?.setAttribute("d", line));
      looks = new Int16Array(paths.length).fill(UNKNOWN);
      weights = new Float32Array(0);
      for (const path of paths) path.setAttribute("class", "link-unknown");
      marked = -1;
    },

    /**
     * Shows weights: layer by layer kernels (inputs x units, row-major), each followed by its biases.
     * @param {Float32Array} values
     * @param {number} lines how thick the slimmest are, in times the usual
     */
    update(values, lines) {
      weights = values;
      if (lines !== drawnLines) looks.fill(UNKNOWN);
      drawnLines = lines;
      let link = 0;
      let at = 0;
      for (const { sources, targets } of gaps) {
        for (let i = 0; i < sources.length * targets.length; i += 1, at += 1, link += 1) {
          const weight = values[at] ?? NaN;
          if (Number.isNaN(weight)) continue;
          const level = Math.round(LEVELS * strength(weight));
          const look = weight < 0 ? -1 - level : level;
          if (looks[link] === look) continue;
          looks[link] = look;
          const path = /** @type {SVGPathElement} */ (paths[link]);
          const part = level / LEVELS;
          path.setAttribute(
            "class",
            level === 0 ? "link-none" : weight < 0 ? "link-negative" : "link-positive",
          );
          path.setAttribute("stroke-width", (SLIMMEST * lines ** 2 + thickest * part).toFixed(2));
          path.setAttribute("stroke-opacity", Math.min(1, fainter * (0.25 + 0.9 * part)).toFixed(2));
          if (link === marked) path.classList.add("link-marked");
        }
        at += targets.length;
      }
    },

    /**
     * The connection at a place of the diagram, or null. All connections of a gap fall alike, so one
     * solution of the curve serves all of them.
     * @param {number} x
     * @param {number} y
     * @returns {LinkHit | null}
     */
    at(x, y) {
      let first = 0;
      let at = 0;
      for (const [gap, { sources, targets }] of gaps.entries()) {
        const [from, to] = [sources[0]?.x ?? 0, targets[0]?.x ?? 0];
        if (x > from && x < to) {
          const fall = linkFall(from, to, x);
          let best = NEAR;
          /** @type {LinkHit | null} */
          let hit = null;
          sources.forEach((source, s) =>
            targets.forEach((target, t) => {
              const away = Math.abs(source.y + (target.y - source.y) * fall - y);
              if (away >= best) return;
              best = away;
              const index = s * targets.length + t;
              hit = { gap, source: s, target: t, weight: weights[at + index] ?? NaN, x, y };
              mark(first + index);
            }),
          );
          if (!hit) mark(-1);
          return hit;
        }
        first += sources.length * targets.length;
        at += sources.length * targets.length + targets.length;
      }
      mark(-1);
      return null;
    },

    unmark() {
      mark(-1);
    },
  };

  /** @param {number} link */
  function mark(link) {
    if (link === marked) return;
    paths[marked]?.classList.remove("link-marked");
    paths[link]?.classList.add("link-marked");
    marked = link;
  }
}
