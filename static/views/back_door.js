/** The strip to look back on. It is loaded when there is something behind the newest frame. */

import { need } from "../dom.js";
import { t } from "../text.js";

/** @import { Parts } from "./back.js" */

/**
 * @param {Document} page
 * @param {Omit<Parts, "root">} parts
 */
export function createBackDoor(page, parts) {
  const { store, actions, recorder } = parts;
  const root = page.body.dataset["rootPath"] ?? "";
  const strip = need(page, "#back", HTMLElement);
  let asked = false;
  let told = false;

  async function load() {
    asked = true;
    try {
      /** @type {typeof import("./back.js")} */
      const { createBackView } = await import(`${root}/static/views/back.js`);
      createBackView(page, strip, { ...parts, root });
    } catch {
      asked = false; // the next frame shows that there is a connection again
      if (!told) actions.notify(t("back.not_loaded"));
      told = true;
    }
  }

  store.watch(["snapshot"], () => {
    if (!asked && recorder.some) void load();
  });
  // Where there is no strip there is no way back.
  store.watch(["presenting", "hidden"], ({ presenting, hidden, past }) => {
    if (past && (presenting || hidden.includes("back"))) actions.lookBack(null);
  });
}
