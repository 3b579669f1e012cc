/** Numbers of a calculation, short enough for a line and long enough to follow it. Pure. */

import { DASH, MINUS } from "../format.js";

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const LARGE = 1e5;
const SMALL = 1e-4; // below and from LARGE on, there is a power of ten
const FINE = 0.01; // below, three figures that count

/** @param {number} power */
function raised(power) {
  const digits = [...String(Math.abs(power))].map((digit) => RAISED[Number(digit)]).join("");
  return `${power < 0 ? "⁻" : ""}${digits}`;
}

/**
 * Two to four decimals, as many as there are: 0.30, 1.52, 0.8205; 3.21·10⁻⁵ for what is tiny.
 * @param {number} value
 */
export const short = (value) => written(value, true);

/** The same with all four decimals, for numbers under one another. @param {number} value */
export const aligned = (value) => written(value, false);

/** @param {number} value @param {boolean} trimmed whether zeros at the end go */
function written(value, trimmed) {
  if (Number.isNaN(value)) return DASH;
  const sign = value < 0 ? MINUS : "";
  const size = Math.abs(value);
  if (size === Infinity) return `${sign}∞`;
  if (size === 0) return trimmed ? "0.00" : "0.0000";
  if (size >= LARGE || size < SMALL) {
    const [figures = "", power = ""] = size.toExponential(2).split("e");
    return `${sign}${figures}·10${raised(Number(power))}`;
  }
  if (size < FINE) return `${sign}${size.toPrecision(3)}`;
  return sign + (size >= 1000 ? size.toFixed(1) : size.toFixed(4).replace(trimmed ? /0{1,2}$/ : "", ""));
}

/** Two figures that count, for the ends of an axis: 1.5, −0.023, 2·10⁻⁵. @param {number} value */
export function brief(value) {
  if (!Number.isFinite(value)) return written(value, true);
  const size = Math.abs(value);
  const sign = value < 0 ? MINUS : "";
  if (size !== 0 && (size >= LARGE || size < 0.001)) {
    const [figures = "", power = ""] = size.toExponential(0).split("e");
    return `${sign}${figures}·10${raised(Number(power))}`;
  }
  return sign + String(size >= 10 ? Math.round(size) : Number(size.toPrecision(2)));
}

/** A power of ten: 10⁻³. @param {number} power */
export const tenTo = (power) => `10${raised(power)}`;

/** As `short`, in parentheses if it has a sign. @param {number} value */
export const factor = (value) => (value < 0 ? `(${short(value)})` : short(value));

/**
 * A sum of products: "1.00 + 0.30·1.00 − 0.10·2.20".
 * @param {[number, ...number[]][]} terms the factors of each
 * @param {number} most terms; after them an ellipsis stands for the others
 */
export function sum(terms, most = Infinity) {
  const shown = terms.slice(0, most).map(([first, ...others], i) => {
    const product = [i === 0 ? short(first) : short(Math.abs(first)), ...others.map(factor)].join("·");
    return i === 0 ? product : `${first < 0 ? MINUS : "+"} ${product}`;
  });
  return terms.length > most ? `${shown.join(" ")} + …` : shown.join(" ");
}

/** A number in Python, with the digits that a float32 has. @param {number} value */
export function python(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "np.nan" : value > 0 ? "np.inf" : "-np.inf";
  const text = String(Number(value.toPrecision(7)));
  return /[.e]/.test(text) ? text : `${text}.0`;
}
