/** The tab of the layers: as they are now, or over time, with the figures of the epoch that is pointed at. */

import { need, setText } from "../dom.js";
import { h, patch } from "../patch.js";
import { t } from "../text.js";
import { layersParts } from "./layers.js";
import { overTimeParts } from "./over_time.js";
import { block, layerName } from "./reading.js";
import { createSeries, nearest } from "./series.js";
import { epochText, smallCharts } from "./small_charts.js";

/** @import { Snapshot } from "../types.js" */

/** @param {Document} page */
export function createLayers(page) {
  const bar = need(page, "#inside-layers-bar", HTMLElement);
  const overTime = need(bar, "input[value='time']", HTMLInputElement);
  const field = need(page, "#inside-epoch-field", HTMLElement);
  const range = need(page, "#inside-epoch", HTMLInputElement);
  const value = need(page, "#inside-epoch-value", HTMLOutputElement);
  const body = need(page, "#inside-layers-body", HTMLElement);

  const series = createSeries();
  /** @type {Snapshot | null} */
  let latest = null;
  /** @type {unknown} what came last */
  let taken = null;
  /** @type {number | null} the epoch that was chosen; null for the newest, whichever that is */
  let chosen = null;
  /** @type {number | null} the epoch that is pointed at */
  let pointed = null;
  /** @type {ReturnType<typeof smallCharts> | null} of the rows as they are */
  let charts = null;

  const names = () =>
    Array.from({ length: series.layers }, (_, i) => layerName(/** @type {Snapshot} */ (latest), i + 1));

  /** The row whose figures are told. */
  function row() {
    const epoch = pointed ?? chosen;
    return epoch === null ? series.count - 1 : nearest(series, epoch);
  }

  function render() {
    const shown = overTime.checked && series.count > 0 && latest !== null;
    field.hidden = !shown;
    if (!latest) return;
    if (!shown) {
      const parts = layersParts(latest);
      patch(body, parts.length > 0 ? parts : [h("p", { class: "small" }, t("inside.waiting"))]);
      return;
    }
    charts ??= smallCharts(series, names());
    const at = row();
    const epoch = epochText(series.epoch(at));
    range.max = String(series.count - 1);
    range.value = String(at);
    range.setAttribute("aria-valuetext", t("inside.time.epoch", { epoch }));
    setText(value, epoch);
    patch(body, overTimeParts(series, names(), charts, at));
  }

  /** The epoch under the pointer, over a chart. @param {PointerEvent | MouseEvent} event */
  function epochUnder(event) {
    const chart = event.target instanceof Element ? event.target.closest(".small-chart svg") : null;
    if (!chart) return null;
    const { left, width } = chart.getBoundingClientRect();
    const [first, last] = [series.epoch(0), series.epoch(series.count - 1)];
    return first + Math.min(1, Math.max(0, (event.clientX - left) / width)) * (last - first);
  }

  /** @param {number | null} epoch */
  function point(epoch) {
    if (epoch === pointed) return;
    pointed = epoch;
    render();
  }

  bar.addEventListener("change", render);
  range.addEventListener("input", () => {
    const at = range.valueAsNumber;
    chosen = at >= series.count - 1 ? null : series.epoch(at);
    pointed = null;
    render();
  });
  body.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse") point(epochUnder(event));
  });
  body.addEventListener("pointerleave", () => point(null));
  body.addEventListener("click", (event) => {
    const epoch = epochUnder(event);
    if (epoch === null) return;
    chosen = nearest(series, epoch) === series.count - 1 ? null : epoch;
    render();
  });

  return {
    /** Nobody looks any more. */
    rest() {
      series.rest();
      taken = null;
    },

    /** @param {Snapshot} snapshot */
    update(snapshot) {
      const said = snapshot.panels.layers;
      const [weights, gradients] = ["weight", "gradient"].map((name) =>
        block(snapshot, `layers.${name}_quantiles`),
      );
      const first = latest === null;
      latest = snapshot;
      if (
        said &&
        weights &&
        gradients &&
        said !== taken &&
        said.layers.length === snapshot.layers.length - 1
      ) {
        const before = series.count;
        taken = said;
        series.take(snapshot, said, weights, gradients);
        if (series.count < before && series.count === 1) chosen = null; // another run
        charts = null;
      } else if (!first && said === taken) return;
      render();
    },
  };
}
