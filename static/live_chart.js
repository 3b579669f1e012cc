/**
 * Plotly's chart of a run that goes on. Plotly takes 25 ms and more for a drawing, however little has changed.
 * So while a network plays its lines are moved here, in less than 1 ms, and Plotly draws new axes, in some
 * 10 ms, only when the lines leave them.
 */

import { el } from "./dom.js";

/** @import { PlotlyApi } from "./types.js" */

/** @typedef {{ x: number[], y: number[] }} Series */
/** @typedef {{ range: [number, number], d2p: (value: number) => number, type: string, _offset: number, _length: number }} PlotlyAxis */
/** @typedef {HTMLElement & { _fullLayout?: { xaxis: PlotlyAxis, yaxis: PlotlyAxis }, on?: (name: string, tell: (change: Record<string, unknown>) => void) => void }} PlotlyElement */

const AHEAD = 1.5; // how far the axis of epochs goes beyond the newest, so that it is not renewed too often
const UPWARDS = 1.2;
const DECADES = 0.2; // of room above and below on a logarithmic axis
const FEW = 6; // epochs: Plotly's own ticks are fractions of an epoch on a shorter axis

/** What sets the ticks (`dtick` 1 apart, or as Plotly chooses) of an axis of so many epochs. @param {number} epochs */
export const tickMode = (epochs) => (epochs < FEW ? "linear" : "auto");

/** @param {HTMLElement} element */
export function createLiveChart(element) {
  const chart = /** @type {PlotlyElement} */ (element);
  let zoomed = false; // whether the axes are the learner's own choice
  let revision = "";
  let listening = false;
  const mark = el("div", { class: "chart-mark", hidden: true });
  /** @type {number | null} */
  let marked = null;

  /** Where the axes are now. */
  function placeMark() {
    const axes = chart._fullLayout;
    const left = marked === null || !axes ? NaN : axes.xaxis.d2p(marked);
    mark.hidden = !axes || !(left >= 0 && left <= axes.xaxis._length);
    if (!axes || mark.hidden) return;
    if (mark.parentNode !== chart) chart.append(mark);
    mark.style.left = `${axes.xaxis._offset + left}px`;
    mark.style.top = `${axes.yaxis._offset}px`;
    mark.style.height = `${axes.yaxis._length}px`;
  }

  /** The learner's own changes name both ends of an axis, ours (one may be under way) the axis. @param {Record<string, unknown>} change */
  function relaid(change) {
    placeMark();
    const names = Object.keys(change);
    if (names.some((name) => name.endsWith("range[0]"))) zoomed = true;
    else if (names.some((name) => name.endsWith("autorange"))) zoomed = false;
  }

  return {
    /**
     * All of it, drawn by Plotly.
     * @param {PlotlyApi} plotly
     * @param {object[]} traces
     * @param {{ uirevision: string }} layout
     * @param {object} config
     */
    async draw(plotly, traces, layout, config) {
      if (layout.uirevision !== revision) zoomed = false;
      revision = layout.uirevision;
      await plotly.react(chart, traces, layout, config);
      if (!listening) chart.on?.("plotly_relayout", relaid);
      listening = true;
      placeMark();
    },

    /** Marks an epoch with a line from top to bottom; null: none. @param {number | null} epoch */
    mark(epoch) {
      marked = epoch;
      placeMark();
    },

    /**
     * The lines alone; false if they are not there, so that Plotly has to draw them.
     * @param {PlotlyApi} plotly
     * @param {Series[]} series
     */
    async move(plotly, series) {
      const paths = chart.querySelectorAll(".scatterlayer .trace path.js-line");
      const lines = series.filter(({ x }) => x.length > 1); // Plotly makes no path of less
      const axes = chart._fullLayout;
      if (!axes || paths.length !== lines.length) return false;
      const ranges = zoomed ? null : roomier(axes.xaxis, axes.yaxis, lines);
      if (ranges) await plotly.relayout(chart, ranges);
      const { xaxis, yaxis } = chart._fullLayout ?? axes;
      lines.forEach(({ x, y }, i) => paths[i]?.setAttribute("d", pathOf(x.map(xaxis.d2p), y.map(yaxis.d2p))));
      return true;
    },
  };
}

/**
 * Axes with room for what comes, if these have none for what is there.
 * @param {PlotlyAxis} across
 * @param {PlotlyAxis} upwards
 * @param {Series[]} series
 */
function roomier(across, upwards, series) {
  const logarithmic = upwards.type === "log";
  let last = 0;
  let [low, high] = [Infinity, -Infinity];
  for (const { x, y } of series) {
    last = Math.max(last, x.at(-1) ?? 0);
    for (const value of y) {
      if (logarithmic && value <= 0) continue; // has no place there
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (logarithmic) [low, high] = [Math.log10(low), Math.log10(high)];
  /** @type {Record<string, [number, number] | string>} */
  const ranges = {};
  if (last > across.range[1]) {
    ranges["xaxis.range"] = [0, AHEAD * last];
    // A tick at every epoch would be measured for each of some hundred labels, which stops the page for seconds.
    // A change of `dtick` itself, to null too, has Plotly set the mode back to "linear".
    ranges["xaxis.tickmode"] = tickMode(AHEAD * last);
  }
  const [bottom, top] = upwards.range;
  if (Number.isFinite(high) && (high > top || (logarithmic && low < bottom))) {
    ranges["yaxis.range"] = logarithmic ? [low - DECADES, high + DECADES] : [bottom, UPWARDS * high];
  }
  return Object.keys(ranges).length > 0 ? ranges : null;
}

/**
 * @param {number[]} x in pixels
 * @param {number[]} y NaN where there is no place
 */
function pathOf(x, y) {
  let path = "";
  let pen = "M";
  for (const [i, left] of x.entries()) {
    const top = Number(y[i]);
    if (!Number.isFinite(top)) continue;
    path += `${pen}${left.toFixed(1)},${top.toFixed(1)}`;
    pen = "L";
  }
  return path;
}
