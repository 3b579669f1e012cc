/** Run controls, counters and the state in words. */

import { need, setText } from "../dom.js";
import { count, DASH, loss, percent } from "../format.js";
import { figuresOf } from "../history.js";
import { statusKind, statusWords } from "../words.js";
import { t } from "../text.js";

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
  const reason = need(page, "#stop-reason", HTMLElement);
  const speed = need(page, "#speed", HTMLSelectElement);
  const [epoch, train, test] = ["epoch", "train-loss", "test-loss"].map((name) =>
    need(page, `[data-testid=${name}]`, HTMLElement),
  );
  const [epochMore, trainMore, testMore] = ["epoch", "train", "test"].map((name) =>
    need(page, `#${name}-more`, HTMLElement),
  );

  play.addEventListener("click", () => actions.togglePlay());
  need(page, "#step", HTMLButtonElement).addEventListener("click", () => actions.step());
  need(page, "#step-batch", HTMLButtonElement).addEventListener("click", () => actions.step("batch"));
  need(page, "#rewind", HTMLButtonElement).addEventListener("click", () => actions.rewind());
  need(page, "#new-weights", HTMLButtonElement).addEventListener("click", newWeights);
  speed.addEventListener("change", () => actions.setSpeed(speed.value));

  /** @param {HTMLElement | undefined} element @param {string} text */
  const put = (element, text) => element && setText(element, text);

  /** @param {State} now */
  function counters(now) {
    const { snapshot } = now.past ?? now;
    const row = now.past ? now.past.row : snapshot && figuresOf(snapshot, history.newest);
    put(epoch, snapshot ? String(snapshot.epoch) : "0");
    put(train, row ? loss(row.loss) : DASH);
    put(test, row ? loss(row.testLoss) : DASH);
    put(
      trainMore,
      row && Number.isFinite(row.accuracy) ? t("run.accuracy", { share: percent(row.accuracy) }) : "",
    );
    put(
      testMore,
      row && Number.isFinite(row.testAccuracy) ? t("run.accuracy", { share: percent(row.testAccuracy) }) : "",
    );
    put(epochMore, snapshot ? t("run.steps", { n: snapshot.step, count: count(snapshot.step) }) : "");
  }

  return {
    update(now) {
      const words = statusWords(now);
      setText(status, words);
      state.dataset["state"] = statusKind(now);
      const notes = [now.snapshot?.exact === false && "run.rounded", now.snapshot?.touched && "run.touched"];
      const told = notes.filter((key) => typeof key === "string").map((key) => t(key));
      state.title = [words, ...told].join(". ");
      const { stopped = null } = now.snapshot ?? {};
      setText(reason, stopped ? t(`stop.reason.${stopped.reason}`, { epoch: count(stopped.epoch) }) : "");
      reason.hidden = stopped === null;
      play.setAttribute("aria-label", t(now.playing ? "run.pause" : "run.play"));
      play.title = t(now.playing ? "run.pause_title" : "run.play_title");
      play.classList.toggle("playing", now.playing);
      if (speed.value !== now.speed) speed.value = now.speed;
      counters(now);
    },
  };
}
