/** Training settings: what may change while the network learns, and how it starts. */

import { lossesFor, withLoss, withNetwork, withTraining } from "../edits.js";
import { disable, el, need, setText } from "../dom.js";
import { plain } from "../format.js";
import { t } from "../text.js";

/** @import { Actions, Catalogue, Experiment, Row, View } from "../types.js" */

/**
 * @param {Document} page
 * @param {Catalogue} catalogue
 * @param {Actions} actions
 * @returns {View}
 */
export function createTrainingView(page, catalogue, actions) {
  /** @type {((experiment: Experiment) => void)[]} */
  const shows = [];

  /**
   * @param {string} id
   * @param {(experiment: Experiment) => string} read
   * @param {(experiment: Experiment, value: string) => Experiment} write
   */
  function menu(id, read, write) {
    const select = need(page, `#${id}`, HTMLSelectElement);
    select.addEventListener("change", () => actions.edit((e) => write(e, select.value)));
    shows.push((experiment) => {
      const value = read(experiment);
      // A link may hold a number that the menu does not offer.
      const offered = [...select.options].find(
        (option) => option.value === value || Number(option.value) === Number(value),
      );
      if (!offered) select.append(el("option", { value }, plain(Number(value))));
      select.value = offered?.value ?? value;
    });
    return select;
  }

  menu(
    "learning-rate",
    (e) => String(e.training.learning_rate),
    (e, v) => withTraining(e, { learning_rate: Number(v) }),
  );
  const optimizer = menu(
    "optimizer",
    (e) => e.training.optimizer,
    (e, v) => withTraining(e, { optimizer: v }),
  );
  const loss = menu(
    "loss",
    (e) => e.training.loss,
    (e, v) => withLoss(catalogue, e, v),
  );
  const regularization = menu(
    "regularization",
    (e) => e.training.regularization,
    (e, v) => withTraining(e, { regularization: v }),
  );
  const rate = menu(
    "regularization-rate",
    (e) => String(e.training.regularization_rate),
    (e, v) => withTraining(e, { regularization_rate: Number(v) }),
  );
  const initializer = menu(
    "initializer",
    (e) => e.network.initializer,
    (e, v) => withNetwork(e, { initializer: v }),
  );

  const slider = need(page, "#batch-size", HTMLInputElement);
  const typed = need(page, "#batch-size-number", HTMLInputElement);
  const hint = need(page, "#batch-size-hint", HTMLElement);
  const [fewest, most] = catalogue.limits.batch_size;
  slider.addEventListener("input", () =>
    actions.edit((e) => withTraining(e, { batch_size: slider.valueAsNumber })),
  );
  typed.addEventListener("input", () => {
    const value = typed.valueAsNumber;
    const fits = Number.isInteger(value) && value >= fewest && value <= most;
    typed.setAttribute("aria-invalid", String(!fits));
    hint.hidden = fits;
    setText(hint, fits ? "" : t("training.whole_number", { low: fewest, high: most }));
    if (fits) actions.edit((e) => withTraining(e, { batch_size: value }));
  });
  typed.addEventListener("blur", () => {
    typed.value = slider.value;
    typed.setAttribute("aria-invalid", "false");
    hint.hidden = true;
  });

  /**
   * @param {HTMLSelectElement} select
   * @param {Row[]} rows
   */
  function explain(select, rows) {
    const row = rows.find((candidate) => candidate.name === select.value);
    select.title = [row?.formula, row?.help].filter(Boolean).join("\n");
  }

  return {
    update({ edited }) {
      const losses = lossesFor(catalogue, edited).map((row) => row.name);
      for (const option of loss.options) {
        option.hidden = !losses.includes(option.value);
        option.disabled = option.hidden;
      }
      for (const show of shows) show(edited);
      explain(optimizer, catalogue.optimizers);
      explain(loss, catalogue.losses);
      explain(regularization, catalogue.regularizations);
      explain(initializer, catalogue.initializers);
      const none = edited.training.regularization === "none";
      disable(rate, none ? t("training.no_penalty") : null);
      const size = edited.training.batch_size;
      slider.value = String(size);
      slider.style.setProperty("--filled", `${(100 * (size - fewest)) / (most - fewest)}%`);
      if (page.activeElement !== typed) typed.value = String(size);
    },
  };
}
