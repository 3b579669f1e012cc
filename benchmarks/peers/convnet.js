/** Training with ConvNetJS, which takes one example at a time and updates at the end of each batch. */

import convnetjs from "convnetjs";

import { at, batches, layers } from "./given.js";

/** @typedef {import("./given.js").Given} Given */
/** @typedef {{ x: import("convnetjs").Vol, y: number[] }[]} Batch */

/** It takes the gradient of half the squared error, and reports four times as much: 2 (o - t)². */
const REPORTED = 4;

/**
 * @param {Given} given
 * @returns {Batch[]}
 */
export function prepare(given) {
  const points = given.x.map((numbers, n) => ({ x: new convnetjs.Vol(numbers), y: at(given.y, n) }));
  return batches(given).map((rows) => rows.map((row) => at(points, row)));
}

export class Trainer {
  /**
   * @param {Given} given
   * @param {Batch[]} prepared
   */
  constructor(given, prepared) {
    this.batches = prepared;
    this.next = 0;
    const known = layers(given);
    const net = new convnetjs.Net();
    net.makeLayers([
      { type: "input", out_sx: 1, out_sy: 1, out_depth: at(given.x, 0).length },
      ...known.slice(0, -1).map(({ bias }) => ({ type: "fc", num_neurons: bias.length, activation: "tanh" })),
      { type: "regression", num_neurons: 1 },
    ]);
    net.layers
      .filter((layer) => layer.layer_type === "fc")
      .forEach((layer, n) => {
        const { kernel, bias } = at(known, n);
        layer.biases.w.set(bias);
        layer.filters.forEach((filter, unit) => filter.w.set(kernel.map((from) => at(from, unit))));
      });
    this.trainer = new convnetjs.Trainer(net, {
      method: "sgd",
      learning_rate: given.learning_rate,
      momentum: 0,
      batch_size: given.batch,
    });
  }

  /**
   * So many steps more; the mean of their losses.
   *
   * @param {number} steps
   * @returns {number}
   */
  train(steps) {
    let total = 0;
    let points = 0;
    for (let step = 0; step < steps; step += 1) {
      const batch = at(this.batches, this.next);
      this.next = (this.next + 1) % this.batches.length;
      for (const { x, y } of batch) total += this.trainer.train(x, y).cost_loss;
      points += batch.length;
    }
    return total / REPORTED / points;
  }
}
