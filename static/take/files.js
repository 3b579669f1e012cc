/** The run as files, and its figures. */

import { need } from "../dom.js";
import { t } from "../text.js";
import { boundaryDrawing, chartDrawing, inPixels, networkDrawing } from "./figures.js";
import { ask, createSpeaker, save } from "./requests.js";

/** @import { Parts } from "./dialog.js" */

/**
 * @param {Document} page
 * @param {Parts} parts
 */
export function createFiles(page, { catalogue, root, store, token }) {
  const list = need(page, "#take-files", HTMLElement);
  const { say, attempt } = createSpeaker(
    need(page, "#take-files-said", HTMLElement),
    need(page, "#take-files-error", HTMLElement),
  );

  /**
   * @param {Element} button
   * @param {string} name of the file
   * @param {() => Promise<Blob>} make
   */
  async function give(button, name, make) {
    say("");
    button.setAttribute("aria-busy", "true");
    const blob = await attempt(make);
    button.removeAttribute("aria-busy");
    if (!blob) return;
    save(blob, name);
    say(t("take.saved", { name }));
  }

  for (const { name, file } of catalogue.exports) {
    const button = need(list, `[data-export="${name}"]`, HTMLButtonElement);
    button.addEventListener("click", () => {
      const request = { method: "POST", headers: { "X-Session": token() } };
      void give(button, file, async () => (await ask(`${root}/api/exports/${name}`, request)).blob());
    });
  }

  /** @type {Record<string, () => Blob>} by the name of the file */
  const drawings = {
    output: () => boundaryDrawing(page, store.get()),
    network: () => networkDrawing(page, store.get(), catalogue),
    curves: () => chartDrawing(page, store.get()),
  };
  for (const [name, draw] of Object.entries(drawings)) {
    for (const kind of ["svg", "png"]) {
      const button = need(page, `[data-figure="${name}.${kind}"]`, HTMLButtonElement);
      button.addEventListener("click", () => {
        void give(button, `${name}.${kind}`, async () => (kind === "svg" ? draw() : inPixels(draw())));
      });
    }
  }
}
