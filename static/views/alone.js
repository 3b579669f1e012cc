/** The menu that has the plane show the probability of one of several classes alone. */

import { classNamesOf, classesOf } from "../edits.js";
import { el } from "../dom.js";
import { t } from "../text.js";

/** @import { Actions, Catalogue, State } from "../types.js" */

/**
 * @param {HTMLSelectElement} select in a field of its own
 * @param {Catalogue} catalogue
 * @param {Pick<Actions, "show">} actions
 * @returns {(state: State) => void}
 */
export function createAlone(select, catalogue, actions) {
  const field = /** @type {HTMLElement} */ (select.closest(".field"));
  let offered = "";
  select.addEventListener("change", () =>
    actions.show({ alone: select.value === "" ? null : Number(select.value) }),
  );

  return ({ edited, alone }) => {
    const classes = classesOf(catalogue, edited);
    field.hidden = classes <= 2;
    if (field.hidden) return;
    const known = classNamesOf(catalogue, edited.data);
    const names = Array.from({ length: classes }, (_, i) => known[i] ?? t("output.class", { n: i + 1 }));
    const key = names.join("\n");
    if (key !== offered) {
      offered = key;
      select.replaceChildren(
        el("option", { value: "" }, t("output.all_classes")),
        ...names.map((name, i) => el("option", { value: i }, t("output.only_class", { name }))),
      );
    }
    select.value = alone !== null && alone < classes ? String(alone) : "";
  };
}
