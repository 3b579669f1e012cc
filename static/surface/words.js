/** What a loss surface says in words: figures, sentences, and the picture's text. Pure: descriptions for patch.js. */

import { loss as lossText } from "../format.js";
import { figures } from "../inside/batch.js";
import { short } from "../inside/numbers.js";
import { h } from "../patch.js";
import { t } from "../text.js";
import { rangeOf } from "./grid.js";
import { holds } from "./path.js";

/** @import { Catalogue, Snapshot, SurfaceSaid } from "../types.js" */
/** @import { Part } from "../patch.js" */
/** @import { Shown } from "./picture.js" */

/**
 * The lowest of what is shown, and where: between the grid's points the network itself may be lower.
 * @param {SurfaceSaid} said
 * @param {Shown} shown
 * @returns {{ value: number, at: (number | null)[] }}
 */
export function lowestOf(said, { loss, side, low, high }) {
  const { low: value, lowest } = rangeOf(loss);
  if (said.loss !== null && !(said.loss >= value) && holds({ low, high }, said.at.map(Number))) {
    return { value: said.loss, at: said.at };
  }
  const spots = [lowest % side, Math.floor(lowest / side)].slice(0, low.length);
  return {
    value,
    at: spots.map((at, i) => Number(low[i]) + ((Number(high[i]) - Number(low[i])) * at) / (side - 1)),
  };
}

/** @param {(number | null)[]} place */
function placeText(place) {
  const texts = place.map((value) => short(value ?? NaN));
  return texts.length > 1 ? `(${texts.join("; ")})` : texts.join("");
}

/**
 * The picture's text alternative.
 * @param {SurfaceSaid} said
 * @param {Shown} shown
 */
export function described(said, shown) {
  const { value, at } = lowestOf(said, shown);
  const values = {
    first: shown.names[0] ?? "",
    second: shown.names[1] ?? "",
    loss: lossText(said.loss ?? NaN),
    at: placeText(said.at),
    lowest: lossText(value),
    place: placeText(at),
  };
  return t(shown.low.length > 1 ? "surface.described_two" : "surface.described_one", values);
}

/**
 * What stands beside the picture.
 * @param {Catalogue} catalogue
 * @param {Snapshot} snapshot
 * @param {SurfaceSaid} said
 * @param {Shown} shown
 * @returns {Part[]}
 */
export function surfaceParts(catalogue, snapshot, said, shown) {
  const { training } = snapshot.experiment;
  const { value, at } = lowestOf(said, shown);
  const single = shown.low.length === 1;
  const rows = [
    [t("surface.now"), lossText(said.loss ?? NaN)],
    [t("surface.lowest"), `${lossText(value)} · ${placeText(at)}`],
    ...(single ? [[t("surface.slope"), short(said.slope[0] ?? NaN)]] : []),
    [`${t("training.learning_rate")} η`, short(said.rate)],
  ];
  const optimizer = catalogue.optimizers.find(({ name }) => name === training.optimizer);
  const about = single
    ? [
        t("surface.about_steps", { rate: short(said.rate) }),
        training.optimizer === "sgd" ? "" : t("surface.optimizer", { name: optimizer?.label ?? "" }),
      ]
    : [t(said.weights.length > 0 ? "surface.about_weights" : "surface.about_random")];
  return [
    figures(rows),
    ...(said.loss === null
      ? [h("p", { class: "verdict-line", "data-verdict": "overflow" }, t("surface.overflow"))]
      : []),
    ...(said.course ? [courseLine(said)] : []),
    h("p", { class: "small" }, about.filter((text) => text !== "").join(" ")),
    h("p", { class: "small" }, t("surface.sample", { points: said.points, all: snapshot.trainPoints })),
  ];
}

/** @param {SurfaceSaid} said */
function courseLine({ course, ratio }) {
  const verdict = course === "grow" ? "grow" : "sound";
  const size = ratio === null ? "" : ` ${t("surface.ratio", { ratio: short(Math.abs(ratio)) })}`;
  return h(
    "p",
    { class: "verdict-line", "data-verdict": verdict, "data-course": course ?? "" },
    t(`surface.${course}`) + size,
  );
}
