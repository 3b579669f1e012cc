/** A run, a network or an experiment opened from a file. */

import { el, need } from "../dom.js";
import { count } from "../format.js";
import { t } from "../text.js";
import { ask, createSpeaker } from "./requests.js";

/** @import { Experiment } from "../types.js" */
/** @import { Parts } from "./dialog.js" */

/** @typedef {{ kind: "run" | "network" | "experiment", experiment: Experiment, epoch: number, notes: string[] }} Loaded */

/**
 * @param {Document} page
 * @param {Parts} parts
 */
export function createOpening(page, { actions, root, token }) {
  const dialog = need(page, "#take-dialog", HTMLDialogElement);
  const section = need(page, "#take-opening", HTMLElement);
  const drop = need(page, "#take-drop", HTMLElement);
  const file = need(page, "#take-file", HTMLInputElement);
  const notes = need(page, "#take-notes", HTMLUListElement);
  const { say, attempt } = createSpeaker(
    need(page, "#take-opening-said", HTMLElement),
    need(page, "#take-opening-error", HTMLElement),
  );

  file.addEventListener("change", () => {
    const [given] = file.files ?? [];
    if (given) void read(given);
    file.value = ""; // the same file again is a change, too
  });
  dialog.addEventListener("dragover", () => drop.classList.add("over"));
  for (const type of ["dragleave", "drop"]) {
    dialog.addEventListener(type, () => drop.classList.remove("over"));
  }

  /** @param {File} given */
  async function read(given) {
    notes.replaceChildren();
    const most = Number(dialog.dataset["mostBytes"]);
    if (given.size > most) {
      const size = count(Math.ceil(given.size / 1000));
      say("", t("take.too_large", { size, most: count(most / 1000) }));
      section.scrollIntoView({ block: "nearest" });
      return;
    }
    say(t("take.reading", { name: given.name }));
    const request = { method: "POST", headers: { "X-Session": token() }, body: given };
    const loaded = await attempt(() =>
      actions.load(async () => {
        const answer = await ask(`${root}/api/runs/import`, request);
        return /** @type {Promise<Loaded>} */ (answer.json());
      }),
    );
    if (loaded) {
      const { kind, epoch } = loaded;
      say(t(`take.opened_${kind}`, { name: given.name, n: epoch, count: count(epoch) }));
      notes.replaceChildren(...loaded.notes.map((note) => el("li", {}, note)));
    }
    section.scrollIntoView({ block: "nearest" });
  }

  return {
    read,
    clear() {
      say("");
      notes.replaceChildren();
    },
  };
}
