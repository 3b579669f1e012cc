/** `node serve.js NAME`: a peer in a process of its own, asked by lines of JSON, as serve.py says. */

import process from "node:process";
import { createInterface } from "node:readline";

import { Measured } from "./measured.js";

const modules = { convnet: () => import("./convnet.js"), tfjs: () => import("./tfjs.js") };
const name = process.argv[2];
if (name !== "convnet" && name !== "tfjs") throw new Error(`no peer ${name}; expected convnet or tfjs`);
const { prepare, Trainer } = await modules[name]();
const asked = new Measured(
  /** @type {(given: import("./given.js").Given) => unknown} */ (prepare),
  (given, prepared) => new Trainer(given, /** @type {any} */ (prepared)),
);

/**
 * @param {string} what
 * @param {string} path
 * @param {number} number
 * @returns {number | number[]}
 */
function answer(what, path, number) {
  switch (what) {
    case "losses":
      return asked.losses(path, number);
    case "first":
      return asked.first(path);
    case "rate":
      return asked.rate(path, number);
    default:
      throw new Error(`no question ${what}; expected losses, first or rate`);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const [what, path, number] = /** @type {[string, string, number]} */ (JSON.parse(line));
  process.stdout.write(`${JSON.stringify({ value: answer(what, path, number), pid: process.pid })}\n`);
}
