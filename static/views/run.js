/** Run controls, counters and the state in words. */

import { need, setText } from "../dom.js";
import { count, DASH, loss, percent } from "../format.js";
import { statusWords } from "../words.js";

/** @import { Actions, State, View } from "../types.js" */
/** @import { History } from "../history.js" */

/**
 * @param {Document} page
 * @param {Actions} actions
 * @param {{ history: History, newWeights: () => void }} parts
 * @returns {View}
 */
export function createRunView(page, actions, { history, newWeights }) {
  const play = need(page, "#play", HTMLButtonElement);
  const state = need(page, "#state", HTMLElement);
  const status = need(page, "[data-testid=status]", HTMLElement);
  const speed = need(page, "#speed", HTMLSelectElement);
  const theme = need(page, "#theme", HTMLButtonElement);
  const [epoch, train, test] = ["epoch", "train-loss", "test-loss"].map((name) =>
    need(page, `[data-testid=${name}]`, HTMLElement),
  );
  const [epochMore, trainMore, testMore] = ["epoch", "train", "test"].map((name) =>
    need(page, `#${name}-more`, HTMLElement),
  );

  play.addEventListener("click", () => actions.togglePlay());
  need(page, "#step", HTMLButtonElement).addEventListener("click", () => actions.step());
  need(page, "#rewind", HTMLButtonElement).addEventListener("click", () => actions.rewind());
  need(page, "#new-weights", HTMLButtonElement).addEventListener("click", newWeights);
  speed.addEventListener("change", () => actions.setSpeed(speed.value));
  theme.addEventListener("click", () => {
    actions.show({ theme: theme.getAttribute("aria-pressed") === "true" ? "light" : "dark" });
  });

  /** @param {HTMLElement | undefined} element @param {string} text */
  const put = (element, text) => element && setText(element, text);

  /** @param {State} now */
  function counters(now) {
    const { snapshot } = now;
    const row = history.newest;
    put(epoch, snapshot ? String(snapshot.epoch) : "0");
    put(train, row ? loss(row.loss) : DASH);
    put(test, row ? loss(row.testLoss) : DASH);
    put(trainMore, row && Number.isFinite(row.accuracy) ? `${percent(row.accuracy)} right` : "");
    put(testMore, row && Number.isFinite(row.testAccuracy) ? `${percent(row.testAccuracy)} right` : "");
    put(epochMore, snapshot ? `${count(snapshot.step)} ${snapshot.step === 1 ? "step" : "steps"}` : "");
  }

  return {
    update(now) {
      const words = statusWords(now);
      const kind = words.split(":")[0]?.toLowerCase().replaceAll(" ", "-") ?? "";
      setText(status, words);
      state.dataset["state"] = kind;
      const rounded = now.snapshot && !now.snapshot.exact;
      state.title = rounded
        ? `${words}. Exact to rounding; rewind for a run that is exact to the bit.`
        : words;
      play.setAttribute("aria-label", now.playing ? "Pause" : "Play");
      play.title = now.playing ? "Pause (Space)" : "Play (Space)";
      play.classList.toggle("playing", now.playing);
      if (speed.value !== now.speed) speed.value = now.speed;
      theme.setAttribute("aria-pressed", String(now.theme === "dark"));
      counters(now);
    },
  };
}
