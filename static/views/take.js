/** The button "Code and files", and files that are dropped on the page. What it opens is loaded when it is wanted. */

import { need } from "../dom.js";
import { TOKEN } from "../socket.js";
import { t } from "../text.js";

/** @import { Parts } from "../take/dialog.js" */

/** Whether a file is a run or a model, and no table. @param {File} file */
export const isRun = ({ name }) => /\.(keras|json)$/i.test(name);

/**
 * @param {Document} page
 * @param {Omit<Parts, "root" | "token">} parts
 */
export function createTakeView(page, parts) {
  const dialog = need(page, "#take-dialog", HTMLDialogElement);
  const root = page.body.dataset["rootPath"] ?? "";
  const token = () => sessionStorage.getItem(TOKEN) ?? "";
  /** @type {ReturnType<typeof import("../take/dialog.js").createTakeDialog> | null} */
  let made = null;

  /** @param {File} [file] */
  async function open(file) {
    try {
      /** @type {typeof import("../take/dialog.js")} */
      const { createTakeDialog } = await import(`${root}/static/take/dialog.js`);
      made ??= createTakeDialog(page, { ...parts, root, token });
    } catch {
      parts.actions.notify(t("take.not_loaded"));
    }
    made?.open(file);
  }

  need(page, "#take", HTMLButtonElement).addEventListener("click", () => void open());
  page.addEventListener("drop", (event) => {
    const [file] = event.dataTransfer?.files ?? [];
    if (file && (dialog.open || isRun(file))) void open(file);
  });
}
