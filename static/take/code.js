/** The experiment as code: in a style, coloured, kept up to date while the dialog is open. */

import { copyText, need, setText } from "../dom.js";
import { count } from "../format.js";
import { t } from "../text.js";
import { coloured } from "./highlight.js";
import { ask, createSpeaker, nameOf, posted, save } from "./requests.js";
import { epochsOf, wishOf } from "./wish.js";

/** @import { Experiment, State } from "../types.js" */
/** @import { Parts } from "./dialog.js" */

const PAUSE = 150; // ms: what changes again sooner is asked for once

/**
 * @typedef {object} Basis what code is made of
 * @property {string} style
 * @property {Experiment | undefined} experiment
 * @property {number} epochs
 * @property {Float32Array | null} weights
 */

/**
 * @param {Document} page
 * @param {Parts} parts
 */
export function createCode(page, { catalogue, root, store }) {
  const radios = [...need(page, "#take-styles", HTMLElement).querySelectorAll("input")];
  const block = need(page, "#take-block", HTMLElement);
  const code = need(page, "#take-code", HTMLElement);
  const about = need(page, "#take-style-about", HTMLElement);
  const refresh = need(page, "#take-refresh", HTMLButtonElement);
  const { say, attempt } = createSpeaker(
    need(page, "#take-code-said", HTMLElement),
    need(page, "#take-code-error", HTMLElement),
  );
  let text = "";
  let name = "";
  /** @type {Basis | null} */
  let shown = null;
  let timer = 0;
  /** @type {AbortController | null} */
  let running = null;

  for (const radio of radios) radio.addEventListener("change", () => void get());
  refresh.addEventListener("click", () => void get());
  need(page, "#take-copy", HTMLButtonElement).addEventListener("click", () => void copy());
  need(page, "#take-code-save", HTMLButtonElement).addEventListener("click", () => {
    if (text) save(new Blob([text], { type: "text/x-python" }), name);
  });

  const style = () => radios.find((radio) => radio.checked)?.value ?? "";
  const row = () => catalogue.code_styles.find((known) => known.name === style());

  /** @param {State} state @returns {Basis} */
  function basisOf(state) {
    const trains = row()?.trains !== false;
    const { snapshot, edited } = state;
    return {
      style: style(),
      experiment: trains ? edited : snapshot?.experiment,
      epochs: epochsOf(state, catalogue),
      weights: trains ? null : (snapshot?.weights ?? null),
    };
  }

  /** Asks for the code of what the page shows now; an answer that was overtaken is dropped. */
  async function get() {
    clearTimeout(timer);
    const state = store.get();
    const basis = basisOf(state);
    const { trains = true } = row() ?? {};
    shown = basis;
    refresh.hidden = trains;
    running?.abort();
    const mine = new AbortController();
    running = mine;
    block.setAttribute("aria-busy", "true");
    const got = await attempt(async () => {
      const wish = wishOf(state, catalogue, basis.style, !trains);
      try {
        const answer = await ask(`${root}/api/code`, { ...posted(wish), signal: mine.signal });
        return { text: await answer.text(), name: nameOf(answer, "experiment.py") };
      } catch (error) {
        if (mine.signal.aborted) return null;
        throw error;
      }
    });
    if (mine !== running) return;
    block.removeAttribute("aria-busy");
    if (!got) return;
    say("");
    ({ text, name } = got);
    code.replaceChildren(...coloured(text));
    const n = state.snapshot?.epoch ?? 0;
    setText(
      about,
      [row()?.help, trains ? "" : t("take.weights_of", { n, count: count(n) })].join(" ").trim(),
    );
  }

  async function copy() {
    if (!text) return;
    say(t((await copyText(text, code)) ? "take.copied" : "take.copy_by_hand"));
  }

  return {
    style,
    open() {
      void get();
    },
    /** Weights and epochs of a network that trains change all the time; they wait until it pauses. @param {State} state */
    follow(state) {
      const basis = basisOf(state);
      const still = !state.playing && (basis.epochs !== shown?.epochs || basis.weights !== shown.weights);
      if (!still && basis.experiment === shown?.experiment) return;
      clearTimeout(timer);
      timer = setTimeout(() => void get(), PAUSE);
    },
    close() {
      clearTimeout(timer);
      running?.abort();
    },
  };
}
