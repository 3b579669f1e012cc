/** Training settings: what may change while the network learns, and how it starts. */

import { lossesFor, withLoss, withNetwork, withTraining } from "../edits.js";
import { disable, el, need, setText } from "../dom.js";
import { plain } from "../format.js";
import { t } from "../text.js";

/** @import { Actions, Catalogue, Experiment, View } from "../types.js" */

const OTHER = "other"; // the entry of a menu of numbers that opens a field

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
    select.addEventListener("change", () => {
      if (select.value !== OTHER) actions.edit((e) => write(e, select.value));
    });
    shows.push((experiment) => {
      const value = read(experiment);
      // A link may hold a number that the menu does not offer.
      const offered = [...select.options].find(
        (option) => option.value === value || Number(option.value) === Number(value),
      );
      if (!offered) select.prepend(el("option", { value }, plain(Number(value))));
      select.value = offered?.value ?? value;
    });
    return select;
  }

  /**
   * A menu of numbers whose last entry opens a field for any other.
   * @param {string} id
   * @param {(experiment: Experiment) => number} read
   * @param {(experiment: Experiment, value: number) => Experiment} write
   */
  function numbers(id, read, write) {
    const select = menu(
      id,
      (e) => String(read(e)),
      (e, v) => write(e, Number(v)),
    );
    const typed = need(page, `#${id}-number`, HTMLInputElement);
    const hint = need(page, `#${id}-hint`, HTMLElement);
    const [low, high] = [Number(typed.min), Number(typed.max)];
    /** @type {Experiment | null} */
    let latest = null;
    shows.push((experiment) => (latest = experiment));
    select.addEventListener("change", () => {
      if (select.value !== OTHER || !latest) return;
      typed.value = plain(read(latest));
      swap(true);
      typed.focus();
      typed.select();
    });
    typed.addEventListener("input", () => {
      const value = typed.valueAsNumber;
      const fits = value >= low && value <= high;
      typed.setAttribute("aria-invalid", String(!fits));
      hint.hidden = fits;
      setText(hint, fits ? "" : t("training.number", { low: plain(low), high: plain(high) }));
      if (fits) actions.edit((e) => write(e, value));
    });
    typed.addEventListener("keydown", ({ key }) => {
      if (key !== "Enter" && key !== "Escape") return;
      swap(false);
      select.focus();
    });
    typed.addEventListener("blur", () => swap(false));

    /** @param {boolean} typing */
    function swap(typing) {
      typed.hidden = !typing;
      select.hidden = typing;
      hint.hidden = true;
      typed.setAttribute("aria-invalid", "false");
      if (latest) for (const show of shows) show(latest);
    }
    return select;
  }

  numbers(
    "learning-rate",
    (e) => e.training.learning_rate,
    (e, v) => withTraining(e, { learning_rate: v }),
  );
  menu(
    "optimizer",
    (e) => e.training.optimizer,
    (e, v) => withTraining(e, { optimizer: v }),
  );
  const loss = menu(
    "loss",
    (e) => e.training.loss,
    (e, v) => withLoss(catalogue, e, v),
  );
  menu(
    "regularization",
    (e) => e.training.regularization,
    (e, v) => withTraining(e, { regularization: v }),
  );
  const rate = numbers(
    "regularization-rate",
    (e) => e.training.regularization_rate,
    (e, v) => withTraining(e, { regularization_rate: v }),
  );
  menu(
    "initializer",
    (e) => e.network.initializer,
    (e, v) => withNetwork(e, { initializer: v }),
  );

  const slider = need(page, "#batch-size", HTMLInputElement);
  const typed = need(page, "#batch-size-number", HTMLInputElement);
  const hint = need(page, "#batch-size-hint", HTMLElement);
  const [fewest, most] = catalogue.limits.batch_size;
  let size = catalogue.defaults.training.batch_size;
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
    typed.value = String(size);
    typed.setAttribute("aria-invalid", "false");
    hint.hidden = true;
  });

  return {
    update({ edited }) {
      const losses = lossesFor(catalogue, edited).map((row) => row.name);
      for (const option of loss.options) {
        option.hidden = !losses.includes(option.value);
        option.disabled = option.hidden;
      }
      for (const show of shows) show(edited);
      const none = edited.training.regularization === "none";
      disable(rate, none ? t("training.no_penalty") : null);
      size = edited.training.batch_size;
      const largest = Number(slider.max); // larger batches are for the field beside it
      slider.value = String(Math.min(size, largest));
      const filled = (Math.min(size, largest) - fewest) / (largest - fewest);
      slider.style.setProperty("--filled", `${100 * filled}%`);
      if (page.activeElement !== typed) typed.value = String(size);
    },
  };
}
