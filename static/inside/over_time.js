/** The layers over time: one sentence on what their figures mean, and small charts. Pure, for patch.js. */

import { percent } from "../format.js";
import { h } from "../patch.js";
import { t } from "../text.js";
import { brief } from "./numbers.js";
import { AT, EXPLODING, VANISHING, stretches } from "./series.js";
import { epochText } from "./small_charts.js";

/** @import { Part } from "../patch.js" */
/** @import { Series } from "./series.js" */

const MANY_DEAD = 0.1; // of a layer's neurons
const MANY_SATURATED = 0.25;
const OTHERWISE = 3; // by what factor gradients are of another size

/**
 * What is worst about these figures, or how the gradients' size went: a message and its values.
 * @param {Series} series
 * @param {string[]} names of the layers
 * @returns {{ key: string, values: Record<string, string>, verdict: "vanishing" | "exploding" | "stuck" | "sound" }}
 */
export function finding(series, names) {
  const last = series.count - 1;
  if (last < 1) return { key: "begin", values: {}, verdict: "sound" };
  for (const [mark, name] of /** @type {const} */ ([
    [EXPLODING, "exploding"],
    [VANISHING, "vanishing"],
  ])) {
    const found = stretches(series, mark).at(-1);
    if (found?.[1] === last) {
      return { key: name, values: { from: epochText(series.epoch(found[0])) }, verdict: name };
    }
  }
  for (const [place, key, many] of /** @type {const} */ ([
    [AT.dead, "dead", MANY_DEAD],
    [AT.saturated, "saturated", MANY_SATURATED],
  ])) {
    const now = names.map((_, layer) => series.value(layer, place, last) || 0);
    const layer = now.indexOf(Math.max(...now));
    if ((now[layer] ?? 0) < many) continue;
    const [before, share] = [series.value(layer, place, 0), now[layer] ?? 0].map(percent);
    return {
      key,
      values: { layer: names[layer] ?? "", before: before ?? "", share: share ?? "" },
      verdict: "stuck",
    };
  }
  for (const [mark, key] of /** @type {const} */ ([
    [EXPLODING, "exploded"],
    [VANISHING, "vanished"],
  ])) {
    const found = stretches(series, mark).at(-1);
    if (found) return { key, values: { to: epochText(series.epoch(found[1])) }, verdict: "sound" };
  }
  const [begin = NaN, now = NaN] = [0, last].map((i) =>
    Math.hypot(...names.map((_, layer) => series.value(layer, AT.gradientNorm, i))),
  );
  if (begin > now * OTHERWISE) {
    return now > 0
      ? { key: "smaller", values: { factor: brief(begin / now) }, verdict: "sound" }
      : { key: "none", values: {}, verdict: "sound" };
  }
  return now > begin * OTHERWISE
    ? { key: "larger", values: { factor: brief(now / begin) }, verdict: "sound" }
    : { key: "steady", values: {}, verdict: "sound" };
}

/**
 * @param {Series} series that has rows
 * @param {string[]} names of the layers
 * @param {(layer: number, row: number) => Part[]} charts
 * @param {number} row whose figures are told
 * @returns {Part[]}
 */
export function overTimeParts(series, names, charts, row) {
  const { key, values, verdict } = finding(series, names);
  const marks = [
    { mark: VANISHING, key: "inside.time.key_vanishing", style: "when-vanishing" },
    { mark: EXPLODING, key: "inside.time.key_exploding", style: "when-exploding" },
  ].filter(({ mark }) => stretches(series, mark).length > 0);
  return [
    h("p", { class: "verdict-line", "data-verdict": verdict }, t(`inside.time.${key}`, values)),
    marks.length > 0 &&
      h(
        "p",
        { class: "chart-keys" },
        ...marks.map(({ key: words, style }) =>
          h(
            "span",
            {},
            h(
              "svg",
              { viewBox: "0 0 10 10", "aria-hidden": "true" },
              h("rect", { width: 10, height: 10, class: style }),
            ),
            t(words),
          ),
        ),
      ),
    ...names.map((name, layer) =>
      h(
        "section",
        { class: "layer-row" },
        h("h3", {}, name),
        h("div", { class: "small-charts" }, ...charts(layer, row)),
      ),
    ),
    h("p", { class: "small" }, t("inside.time.about")),
  ].filter((part) => part !== false);
}
