/**
 * The curves of a report. The function's own text goes into the report, where nothing else of the page is: it
 * uses only what is in itself and in the report.
 */

/**
 * Draws the report's run into every `[data-chart]`; a pointer over a chart, or the slider, reads its values.
 */
export function drawCharts() {
  /** @typedef {{ name: string, kind: string, color: string, dash: string, values: (number | null)[] }} Line */
  /** @typedef {{ percent: boolean, lines: Line[] }} Chart */
  /** @type {{ epochs: number[], epoch: string, charts: Record<string, Chart> }} */
  const run = JSON.parse(document.querySelector("#run-data")?.textContent ?? "");
  const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [480, 260, 50, 10, 10, 34];
  const { epochs } = run;
  const last = Number(epochs[epochs.length - 1]);

  /** @param {string} tag @param {Record<string, string | number>} attributes @param {string} [text] */
  function shape(tag, attributes, text) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
    if (text !== undefined) element.textContent = text;
    return element;
  }

  /** Round numbers, about five. @param {number} low @param {number} high @param {number} least apart */
  function ticks(low, high, least) {
    const rough = (high - low) / 5 || 1;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = Math.max(least, power * ([1, 2, 5, 10].find((times) => times * power >= rough) ?? 10));
    const found = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high * (1 + 1e-9); i += 1)
      found.push(Number((i * step).toPrecision(12)));
    return found;
  }

  /** @param {HTMLElement} place @param {Chart} chart */
  function draw(place, { percent, lines }) {
    const known = lines.flatMap(({ values }) => values.filter((value) => value !== null));
    const high = percent ? 1 : Math.max(1e-9, ...known) * 1.05;
    /** @param {number} epoch */
    const x = (epoch) => LEFT + ((WIDTH - LEFT - RIGHT) * epoch) / Math.max(1, last);
    /** @param {number} value */
    const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / high);
    /** @param {number} value */
    const say = (value) => (percent ? `${(100 * value).toFixed(1)} %` : value.toFixed(4));
    const root = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
    root.setAttribute("aria-label", place.dataset["chart"] ?? "");
    for (const tick of ticks(0, high, 0)) {
      root.append(
        shape("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick), class: "grid" }),
        shape(
          "text",
          { x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" },
          percent ? `${Math.round(100 * tick)} %` : String(tick),
        ),
      );
    }
    for (const tick of ticks(0, last, 1)) {
      root.append(
        shape("text", { x: x(tick), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, String(tick)),
      );
    }
    const middle = (LEFT + WIDTH - RIGHT) / 2;
    root.append(shape("text", { x: middle, y: HEIGHT - 3, "text-anchor": "middle" }, run.epoch));
    for (const { color, dash, values } of lines) {
      let path = "";
      let pen = "M";
      values.forEach((value, i) => {
        if (value !== null) path += `${pen}${x(Number(epochs[i])).toFixed(1)} ${y(value).toFixed(1)}`;
        pen = value === null ? "M" : "L";
      });
      root.append(shape("path", { d: path, class: "curve", stroke: color, "stroke-dasharray": dash }));
    }
    const mark = shape("g", { class: "mark" });
    const rule = shape("line", { y1: TOP, y2: HEIGHT - BOTTOM, class: "rule" });
    const dots = lines.map(({ color }) => shape("circle", { r: 4, fill: color }));
    mark.append(rule, ...dots);
    root.append(mark);
    place.append(root);
    const said = document.createElement("p");
    said.className = "values";
    place.append(said);
    root.addEventListener("pointermove", (event) => {
      const { left, width } = root.getBoundingClientRect();
      const at = ((((event.clientX - left) / width) * WIDTH - LEFT) / (WIDTH - LEFT - RIGHT)) * last;
      let nearest = 0;
      epochs.forEach((epoch, i) => {
        if (Math.abs(epoch - at) < Math.abs(Number(epochs[nearest]) - at)) nearest = i;
      });
      read(nearest);
    });

    return (/** @type {number} */ i) => {
      const across = x(Number(epochs[i]));
      rule.setAttribute("x1", String(across));
      rule.setAttribute("x2", String(across));
      said.replaceChildren(`${run.epoch} ${epochs[i]}`);
      lines.forEach(({ name, kind, values }, k) => {
        const value = values[i] ?? null;
        dots[k]?.setAttribute("visibility", value === null ? "hidden" : "visible");
        if (value === null) return;
        dots[k]?.setAttribute("cx", String(across));
        dots[k]?.setAttribute("cy", String(y(value)));
        const text = document.createElement("span");
        text.className = kind;
        text.textContent = `${name} ${say(value)}`;
        said.append(" ", text);
      });
    };
  }

  const shows = [...document.querySelectorAll("[data-chart]")].map((place) => {
    const element = /** @type {HTMLElement} */ (place);
    return draw(element, /** @type {Chart} */ (run.charts[element.id]));
  });
  const slider = /** @type {HTMLInputElement | null} */ (document.querySelector("#reader"));

  /** @param {number} i of the rows */
  function read(i) {
    for (const show of shows) show(i);
    if (!slider) return;
    slider.value = String(i);
    slider.setAttribute(
      "aria-valuetext",
      [...document.querySelectorAll(".values")].map((p) => p.textContent).join("; "),
    );
  }

  slider?.addEventListener("input", () => read(Number(slider.value)));
  read(epochs.length - 1);
}
