/** What the page says of a notebook's model beside its pictures: state, figures, layers. */

import { el, need, setText } from "../dom.js";
import { count, loss, percent } from "../format.js";
import { t } from "../text.js";

/** @import { HistoryRow } from "../types.js" */
/** @import { About, Known } from "./types.js" */

/** What the state's dot shows, in the words of the playground's own page. */
const DOTS = /** @type {const} */ ({
  connecting: "connecting",
  waiting: "connecting",
  learning: "playing",
  diverged: "diverged",
  finished: "paused",
  quiet: "lost",
  lost: "lost",
  refused: "lost",
  over: "lost",
});

/** @param {Document} page */
export function createHead(page) {
  const state = need(page, "#state", HTMLElement);
  const status = need(page, "[data-testid=status]", HTMLElement);
  const epoch = need(page, "[data-testid=epoch]", HTMLElement);
  const epochs = need(page, "#live-epochs", HTMLElement);
  const figures = /** @type {const} */ ([
    ["train", "loss", "accuracy"],
    ["test", "testLoss", "testAccuracy"],
  ]).map(([name, of, right]) => ({
    of,
    right,
    value: need(page, `[data-testid=${name}-loss]`, HTMLElement),
    more: need(page, `#live-${name}`, HTMLElement),
  }));
  const waiting = need(page, "#live-waiting", HTMLElement);
  const waitingTitle = need(page, "#live-waiting-title", HTMLElement);
  const waitingText = need(page, "#live-waiting-text", HTMLElement);
  const panels = ["#output", "#curves", "#live-model"].map((panel) => need(page, panel, HTMLElement));
  const title = need(page, "#live-title", HTMLElement);
  const model = need(page, "#live-model-title", HTMLElement);
  const parameters = need(page, "#live-parameters", HTMLElement);
  const layers = need(page, "#live-layers", HTMLElement);

  return {
    /** @param {Known} known @param {boolean} shown whether there is anything to see */
    tell(known, shown) {
      state.dataset["state"] = DOTS[known];
      setText(status, t(`live.state_${known}`));
      waiting.hidden = shown;
      for (const panel of panels) panel.hidden = !shown;
      if (known === "over") {
        setText(waitingTitle, t("live.gone_title"));
        setText(waitingText, t("live.gone_text"));
      }
    },

    /** @param {About} about */
    describe({ model: name, layers: rows, parameters: all }) {
      page.title = `${name} – ${t("page.title")}`;
      setText(title, t("live.title_of", { name }));
      setText(model, name);
      setText(parameters, t("live.parameters_of", { n: all, count: count(all) }));
      layers.replaceChildren(
        ...rows.map((row) =>
          el(
            "tr",
            {},
            el("th", { scope: "row" }, row.name),
            el("td", {}, row.kind),
            el("td", {}, row.shape.replaceAll("None", "n")),
            el("td", {}, count(row.parameters)),
          ),
        ),
      );
    },

    /** @param {number} now @param {number} planned @param {HistoryRow | null} row the newest */
    count(now, planned, row) {
      setText(epoch, count(now));
      setText(epochs, planned > 0 ? t("live.of_epochs", { count: count(planned) }) : "");
      for (const { of, right, value, more } of figures) {
        setText(value, loss(row?.[of] ?? NaN));
        const share = row?.[right] ?? NaN;
        setText(more, Number.isNaN(share) ? "" : t("run.accuracy", { share: percent(share) }));
      }
    },
  };
}
