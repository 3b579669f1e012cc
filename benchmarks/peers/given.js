/** A task as a peer in Node reads it; given.py says what it holds. */

import { readFileSync } from "node:fs";

/**
 * @typedef {{
 *   name: string,
 *   learning_rate: number,
 *   batch: number,
 *   x: number[][],
 *   y: number[][],
 *   orders: number[][],
 *   weights: (number[] | number[][])[],
 * }} Given
 */

/**
 * @param {string} path
 * @returns {Given}
 */
export function read(path) {
  return JSON.parse(readFileSync(path, "utf-8"));
}

/**
 * The point numbers of each batch of all epochs in their order.
 *
 * @param {Given} given
 * @returns {number[][]}
 */
export function batches(given) {
  const rows = given.orders.flat();
  const count = rows.length / given.batch;
  return Array.from({ length: count }, (_, n) => rows.slice(n * given.batch, (n + 1) * given.batch));
}

/**
 * @template T
 * @param {T[]} list
 * @param {number} place
 * @returns {T}
 */
export function at(list, place) {
  const found = list[place];
  if (found === undefined) throw new RangeError(`no place ${place} in a list of ${list.length}`);
  return found;
}

/**
 * Kernel and bias of every layer.
 *
 * @param {Given} given
 * @returns {{ kernel: number[][], bias: number[] }[]}
 */
export function layers(given) {
  return Array.from({ length: given.weights.length / 2 }, (_, layer) => ({
    kernel: /** @type {number[][]} */ (at(given.weights, 2 * layer)),
    bias: /** @type {number[]} */ (at(given.weights, 2 * layer + 1)),
  }));
}
