/** What is asked of a peer in Node, as measured.py does it in Python. */

import { read } from "./given.js";

/** @typedef {import("./given.js").Given} Given */
/** @typedef {{ train(steps: number): number }} Trainer */

const SETTLING_SECONDS = 0.3;

/**
 * @param {Given} given
 * @returns {number} steps of an epoch
 */
const epochOf = (given) => given.y.length / given.batch;

/**
 * @param {Trainer} trainer
 * @param {number} steps
 * @returns {number}
 */
function secondsOf(trainer, steps) {
  const began = performance.now();
  trainer.train(steps);
  return (performance.now() - began) / 1000;
}

export class Measured {
  /**
   * @param {(given: Given) => unknown} prepare lays out a task's batches
   * @param {(given: Given, prepared: unknown) => Trainer} make begins a network on them
   */
  constructor(prepare, make) {
    this.prepare = prepare;
    this.make = make;
    /** @type {Map<string, { given: Given, prepared: unknown }>} */
    this.tasks = new Map();
    /** @type {Map<string, { trainer: Trainer, pace: number }>} */
    this.known = new Map();
  }

  /**
   * @param {string} path
   * @returns {{ given: Given, prepared: unknown }}
   */
  task(path) {
    let task = this.tasks.get(path);
    if (task === undefined) {
      const given = read(path);
      task = { given, prepared: this.prepare(given) };
      this.tasks.set(path, task);
    }
    return task;
  }

  /**
   * Of a new network the mean training loss of each of so many epochs, as the library gives it.
   *
   * @param {string} path
   * @param {number} epochs
   * @returns {number[]}
   */
  losses(path, epochs) {
    const { given, prepared } = this.task(path);
    const trainer = this.make(given, prepared);
    return Array.from({ length: epochs }, () => trainer.train(epochOf(given)));
  }

  /**
   * Seconds until a new network has made its first step; in a process that has trained others before.
   *
   * @param {string} path
   * @returns {number}
   */
  first(path) {
    const { given, prepared } = this.task(path);
    const began = performance.now();
    this.make(given, prepared).train(1);
    return (performance.now() - began) / 1000;
  }

  /**
   * Steps a second, over about so many seconds without a pause.
   *
   * @param {string} path
   * @param {number} seconds
   * @returns {number}
   */
  rate(path, seconds) {
    const { given, prepared } = this.task(path);
    let known = this.known.get(path);
    if (known === undefined) {
      const trainer = this.make(given, prepared);
      let steps = epochOf(given);
      while (secondsOf(trainer, steps) < SETTLING_SECONDS) steps *= 2;
      known = { trainer, pace: steps / secondsOf(trainer, steps) };
      this.known.set(path, known);
    }
    const epoch = epochOf(given);
    const steps = epoch * Math.max(1, Math.round((known.pace * seconds) / epoch));
    return steps / secondsOf(known.trainer, steps);
  }
}
