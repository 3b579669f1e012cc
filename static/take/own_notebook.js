/** A page for a model of the student's own notebook: its link, and the lines that connect the notebook. */

import { copyText, need } from "../dom.js";
import { t } from "../text.js";
import { coloured } from "./highlight.js";
import { ask, createSpeaker } from "./requests.js";

/** @import { Parts } from "./dialog.js" */

/**
 * The lines for a notebook, which may be on another computer.
 * @param {string} address of the server
 * @param {string} token
 */
export function linesFor(address, token) {
  const file = "neural_playground_live.py";
  return `import urllib.request
urllib.request.urlretrieve("${address}/${file}", "${file}")

from neural_playground_live import Live
live = Live("${address}", token="${token}", data=(x, y))
model.fit(x, y, epochs=100, callbacks=[live])
`;
}

/**
 * @param {Document} page
 * @param {Pick<Parts, "root">} parts
 */
export function createOwnNotebook(page, { root }) {
  const made = need(page, "#take-live-made", HTMLElement);
  const link = need(page, "#take-live-link", HTMLAnchorElement);
  const code = need(page, "#take-live-code", HTMLElement);
  const { say, attempt } = createSpeaker(
    need(page, "#take-live-said", HTMLElement),
    need(page, "#take-live-error", HTMLElement),
  );
  let text = "";

  need(page, "#take-live", HTMLButtonElement).addEventListener("click", () => void connect());
  need(page, "#take-live-copy", HTMLButtonElement).addEventListener("click", () => void copy());

  async function connect() {
    const got = await attempt(async () => {
      const answer = await ask(`${root}/api/live`, { method: "POST" });
      return /** @type {Promise<{ token: string, link: string }>} */ (answer.json());
    });
    if (!got) return;
    say("");
    link.href = `${location.origin}${got.link}`;
    link.textContent = link.href;
    text = linesFor(location.origin + root, got.token);
    code.replaceChildren(...coloured(text));
    made.hidden = false;
    link.focus();
    made.scrollIntoView({ block: "nearest" });
  }

  async function copy() {
    say(t((await copyText(text, code)) ? "take.copied" : "take.copy_by_hand"));
  }
}
