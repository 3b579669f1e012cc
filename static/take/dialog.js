/**
 * The dialog "Code and files". It is loaded when it is first wanted, beside the page's script, so its modules
 * share none of the page's state: they get it from `Parts`.
 */

import { need } from "../dom.js";
import { createCode } from "./code.js";
import { createFiles } from "./files.js";
import { createNotebook } from "./notebook.js";
import { createOpening } from "./opening.js";
import { createOwnNotebook } from "./own_notebook.js";
import { createReport } from "./report.js";

/** @import { Actions, Catalogue } from "../types.js" */
/** @import { History } from "../history.js" */
/** @import { Store } from "../store.js" */

/**
 * @typedef {object} Parts
 * @property {Catalogue} catalogue
 * @property {Store} store
 * @property {Actions} actions
 * @property {History} history
 * @property {string} root path under which the server is
 * @property {() => string} token of the session
 */

/**
 * @param {Document} page
 * @param {Parts} parts
 */
export function createTakeDialog(page, parts) {
  const dialog = need(page, "#take-dialog", HTMLDialogElement);
  const code = createCode(page, parts);
  const notebook = createNotebook(page, parts, code.style);
  createFiles(page, parts);
  createOwnNotebook(page, parts);
  createReport(page, parts, code.style);
  const opening = createOpening(page, parts);
  const { store } = parts;

  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });
  dialog.addEventListener("close", code.close);
  store.watch(["edited", "snapshot", "playing"], (state) => {
    if (!dialog.open) return;
    code.follow(state);
    notebook.follow(state);
  });

  return {
    /** Shows the dialog, and opens a file where there is one. @param {File} [file] */
    open(file) {
      if (!dialog.open) {
        opening.clear();
        notebook.follow(store.get());
        dialog.showModal();
        code.open();
      }
      if (file) void opening.read(file);
    },
  };
}
