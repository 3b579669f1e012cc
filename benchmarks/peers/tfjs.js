/** Training with TensorFlow.js in Node, on its backend "cpu", which is the one that the package has for Node. */

import * as tf from "@tensorflow/tfjs";

import { at, batches, layers } from "./given.js";

/** @typedef {import("./given.js").Given} Given */
/** @typedef {{ x: tf.Tensor, y: tf.Tensor }} Batch */

await tf.setBackend("cpu");
await tf.ready();

/**
 * @param {Given} given
 * @returns {Batch[]}
 */
export function prepare(given) {
  return batches(given).map((rows) => ({
    x: tf.tensor(rows.map((row) => at(given.x, row))),
    y: tf.tensor(rows.map((row) => at(given.y, row))),
  }));
}

export class Trainer {
  /**
   * @param {Given} given
   * @param {Batch[]} prepared
   */
  constructor(given, prepared) {
    this.batches = prepared;
    this.next = 0;
    this.layers = layers(given).map(({ kernel, bias }) => ({
      kernel: tf.variable(tf.tensor(kernel)),
      bias: tf.variable(tf.tensor(bias)),
    }));
    this.optimizer = tf.train.sgd(given.learning_rate);
  }

  /**
   * So many steps more; the mean of their losses.
   *
   * @param {number} steps
   * @returns {number}
   */
  train(steps) {
    let total = 0;
    for (let step = 0; step < steps; step += 1) {
      const batch = at(this.batches, this.next);
      this.next = (this.next + 1) % this.batches.length;
      const loss = this.optimizer.minimize(() => this.loss(batch), true);
      total += loss.dataSync()[0] ?? NaN;
      loss.dispose();
    }
    return total / steps;
  }

  /**
   * @param {Batch} batch
   * @returns {tf.Tensor}
   */
  loss({ x, y }) {
    let a = x;
    this.layers.forEach(({ kernel, bias }, layer) => {
      const z = a.matMul(kernel).add(bias);
      a = layer === this.layers.length - 1 ? z : z.tanh();
    });
    return a.sub(y).square().mean().mul(0.5);
  }
}
