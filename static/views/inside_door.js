/** The button "Look inside". What it opens is loaded when it is first wanted, so that the page is there sooner. */

import { need } from "../dom.js";
import { t } from "../text.js";

/** @import { Actions, Catalogue, State, View } from "../types.js" */

/**
 * @param {Document} page
 * @param {Catalogue} catalogue
 * @param {Actions} actions
 * @param {Parameters<typeof import("./inside.js").createInsideView>[3]} plane
 * @returns {View}
 */
export function createInsideDoor(page, catalogue, actions, plane) {
  const opener = need(page, "#inside-open", HTMLButtonElement);
  const root = page.body.dataset["rootPath"] ?? "";
  /** @type {View | null} */
  let view = null;
  /** @type {State | null} */
  let latest = null;

  async function open() {
    opener.removeEventListener("click", open);
    try {
      /** @type {typeof import("./inside.js")} */
      const { createInsideView } = await import(`${root}/static/views/inside.js`);
      view = createInsideView(page, catalogue, actions, plane);
    } catch {
      opener.addEventListener("click", open);
      actions.notify(t("inside.not_loaded"));
      return;
    }
    if (latest) view.update(latest);
    opener.click(); // which is the view's own from now on
  }
  opener.addEventListener("click", open);

  return {
    update(state) {
      latest = state;
      view?.update(state);
    },
  };
}
