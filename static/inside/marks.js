/** Rings on the plane, around the point or the points that are looked into. */

import { isCurve } from "../curve.js";
import { svg } from "../dom.js";
import { PLANE } from "../picture.js";

/** @import { Snapshot } from "../types.js" */

/** @typedef {[x: number, y: number]} Spot on the plane, -6 to 6 */

const [LARGE, SMALL, MANY] = [10, 6, 12]; // px; rings are small if there are many

/**
 * Where a point with this label is drawn.
 * @param {Snapshot} snapshot
 * @param {number} x1
 * @param {number} x2
 * @param {number | null} label of a curve, how high it is
 * @returns {Spot}
 */
export function spotFor(snapshot, x1, x2, label) {
  if (!isCurve(snapshot)) return [x1, x2];
  const [low = -1, high = 1] = snapshot.boundary.ranges;
  return [x1, label === null ? 0 : ((label - low) / (high - low)) * 2 * PLANE - PLANE];
}

/**
 * @param {HTMLElement} plane
 * @param {(x1: number, x2: number) => [number, number]} spotOf a place in CSS pixels
 * @returns {(spots: Spot[]) => void} shows rings there, and no others
 */
export function createMarks(plane, spotOf) {
  const overlay = svg("svg", { class: "marks", "aria-hidden": "true" });
  const rings = [svg("path", { class: "mark-halo" }), svg("path", { class: "mark" })];
  overlay.append(...rings);
  /** @type {Spot[]} */
  let shown = [];

  function place() {
    const radius = shown.length > MANY ? SMALL : LARGE;
    const inside = shown.filter((spot) => spot.every((x) => Math.abs(x) <= PLANE));
    const circles = inside.map((spot) => {
      const [x, y] = spotOf(...spot);
      const arc = `a${radius} ${radius} 0 1 0`;
      return `M${(x - radius).toFixed(1)} ${y.toFixed(1)}${arc} ${2 * radius} 0${arc} ${-2 * radius} 0`;
    });
    for (const ring of rings) ring.setAttribute("d", circles.join(""));
    overlay.dataset["marks"] = String(inside.length);
  }
  const resized = new ResizeObserver(place);

  return (spots) => {
    if (spots.length === 0) {
      if (shown.length > 0) {
        overlay.remove();
        resized.disconnect();
      }
      shown = [];
      return;
    }
    if (!overlay.isConnected) {
      plane.append(overlay);
      resized.observe(plane);
    }
    shown = spots;
    place();
  };
}
