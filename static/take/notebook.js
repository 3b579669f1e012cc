/** The experiment as a notebook. */

import { disable, need, setText } from "../dom.js";
import { count } from "../format.js";
import { t } from "../text.js";
import { ask, createSpeaker, nameOf, posted, save } from "./requests.js";
import { epochsOf, figuresOf, wishOf } from "./wish.js";

/** @import { State } from "../types.js" */
/** @import { Parts } from "./dialog.js" */

/**
 * @param {Document} page
 * @param {Parts} parts
 * @param {() => string} style that is chosen for code
 */
export function createNotebook(page, { catalogue, root, store, history }, style) {
  const about = need(page, "#take-notebook-about", HTMLElement);
  const trained = need(page, "#take-trained", HTMLInputElement);
  const { say, attempt } = createSpeaker(
    need(page, "#take-notebook-said", HTMLElement),
    need(page, "#take-notebook-error", HTMLElement),
  );

  trained.addEventListener("change", () => follow(store.get()));
  need(page, "#take-notebook-save", HTMLButtonElement).addEventListener("click", () => void get());

  const goesOn = () => trained.checked && !trained.disabled;

  async function get() {
    const state = store.get();
    const rows = catalogue.code_styles.filter((row) => row.trains);
    const { name = "" } = rows.find((row) => row.name === style()) ?? rows[0] ?? {};
    const wish = wishOf(state, catalogue, name, goesOn());
    const figures = figuresOf(state, history.newest, goesOn());
    const got = await attempt(async () => {
      const answer = await ask(`${root}/api/notebook`, posted({ ...wish, history_row: figures }));
      return { blob: await answer.blob(), name: nameOf(answer, "experiment.ipynb") };
    });
    if (!got) return;
    save(got.blob, got.name);
    say(t("take.saved", { name: got.name }));
  }

  /** @param {State} state */
  function follow(state) {
    const { snapshot } = state;
    const fresh = !snapshot || (snapshot.step === 0 && !snapshot.touched);
    disable(trained, fresh ? t("take.untrained") : null);
    const n = goesOn() ? (snapshot?.epoch ?? 0) : epochsOf(state, catalogue);
    setText(about, t(goesOn() ? "take.notebook_on" : "take.notebook_epochs", { n, count: count(n) }));
  }

  return { follow };
}
