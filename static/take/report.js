/** The report for handing in: what is typed, and the file. */

import { need } from "../dom.js";
import { t } from "../text.js";
import { boundaryDrawing, networkDrawing } from "./figures.js";
import { reportOf } from "./report_page.js";
import { Refused, ask, createSpeaker, posted, save } from "./requests.js";
import { wishOf } from "./wish.js";

/** @import { Look, Snapshot, State } from "../types.js" */
/** @import { Parts } from "./dialog.js" */
/** @import { Recorded } from "./report_page.js" */

const PATIENCE = 10_000; // ms for the page to have what the server has said
const NAME = "report.html";

/**
 * @param {Document} page
 * @param {Parts} parts
 * @param {() => string} style that is chosen for code
 */
export function createReport(page, { catalogue, root, store, actions, token }, style) {
  const author = need(page, "#take-report-author", HTMLInputElement);
  const title = need(page, "#take-report-heading", HTMLInputElement);
  const notes = need(page, "#take-report-remarks", HTMLTextAreaElement);
  const button = need(page, "#take-report-save", HTMLButtonElement);
  const { say, attempt } = createSpeaker(
    need(page, "#take-report-said", HTMLElement),
    need(page, "#take-report-error", HTMLElement),
  );
  /** @type {Set<(state: State) => void>} */
  const waiting = new Set();
  store.watch(["snapshot", "playing"], (state) => {
    for (const look of waiting) look(state);
  });

  button.addEventListener("click", async () => {
    if (button.hasAttribute("aria-busy")) return;
    say(t("report.making"));
    button.setAttribute("aria-busy", "true");
    const text = await attempt(make);
    button.removeAttribute("aria-busy");
    if (text === null) return;
    save(new Blob([text], { type: "text/html" }), NAME);
    say(t("take.saved", { name: NAME }));
  });

  /**
   * The page's state when this holds; Refused if it does not come to that.
   * @param {(snapshot: Snapshot, state: State) => boolean} holds
   * @returns {Promise<State & { snapshot: Snapshot }>}
   */
  function until(holds) {
    return new Promise((resolve, reject) => {
      /** @param {State} state */
      const look = (state) => {
        const { snapshot } = state;
        if (!snapshot || !holds(snapshot, state)) return;
        done();
        resolve({ ...state, snapshot });
      };
      const timer = setTimeout(() => {
        done();
        reject(new Refused(t("take.unanswered")));
      }, PATIENCE);
      const done = () => {
        clearTimeout(timer);
        waiting.delete(look);
      };
      waiting.add(look);
      look(store.get());
    });
  }

  async function make() {
    // One moment: what trains on would show other numbers in every part.
    if (store.get().playing) actions.togglePlay();
    const rests = (/** @type {Snapshot} */ { state }) => state !== "playing";
    const { snapshot } = await until((now, { playing }) => !playing && rests(now));
    if (snapshot.offset > 0 && snapshot.state === "paused") {
      actions.step(); // to the epoch's end: an experiment gives only what is after whole epochs again
      await until((now) => rests(now) && (now.epoch > snapshot.epoch || now.state === "diverged"));
    }
    const request = { method: "POST", headers: { "X-Session": token() } };
    const recorded = /** @type {Recorded} */ (await (await ask(`${root}/api/runs/record`, request)).json());
    const judging = "verdict" in store.get().panels;
    if (!judging) actions.openPanel("verdict", {});
    let state;
    try {
      state = await until(
        ({ step, offset, panels }) =>
          step === recorded.step && offset === recorded.offset && panels.verdict !== undefined,
      );
    } finally {
      if (!judging) actions.closePanel("verdict");
    }
    const trains = catalogue.code_styles.filter((row) => row.trains);
    const { name = "" } = trains.find((row) => row.name === style()) ?? trains[0] ?? {};
    const wish = { ...wishOf(state, catalogue, name, false), experiment: recorded.experiment };
    const [code, sheet] = await Promise.all([
      ask(`${root}/api/code`, posted(wish)).then((answer) => answer.text()),
      ask(`${root}/static/take/report.css`, {}).then((answer) => answer.text()),
    ]);
    /** @type {Look} paper is light, whatever the screen is */
    const look = { ...state.look, theme: "light" };
    const [network, output] = await Promise.all(
      [networkDrawing(page, state, catalogue, look), boundaryDrawing(page, state, look)].map(asAddress),
    );
    return reportOf(catalogue, {
      typed: { title: title.value.trim(), author: author.value.trim(), notes: notes.value.trim() },
      recorded,
      state,
      look,
      code,
      sheet,
      pictures: { network: network ?? "", output: output ?? "" },
    });
  }
}

/**
 * An address that holds the file itself.
 * @param {Blob} blob
 * @returns {Promise<string>}
 */
function asAddress(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(String(reader.result)));
    reader.addEventListener("error", () => reject(new Refused(t("take.no_picture"))));
    reader.readAsDataURL(blob);
  });
}
