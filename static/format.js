/** Numbers as the page writes them. */

export const DASH = "–";
export const MINUS = "−";
const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/**
 * A loss: four decimals while it is small; "–" where there is none.
 * @param {number} value
 */
export function loss(value) {
  if (Number.isNaN(value)) return DASH;
  if (!Number.isFinite(value)) return "∞";
  if (value !== 0 && Math.abs(value) < 0.0001) return value.toExponential(1);
  return value < 100 ? value.toFixed(4) : value.toPrecision(5);
}

/** @param {number} value a fraction */
export function percent(value) {
  return Number.isNaN(value) ? DASH : `${(100 * value).toFixed(value > 0.995 && value < 1 ? 1 : 0)} %`;
}

/** @param {number} value */
export function count(value) {
  return grouped.format(value);
}

/**
 * A signed number with a true minus sign.
 * @param {number} value
 * @param {number} [digits]
 */
export function signed(value, digits = 2) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? DASH : value > 0 ? "∞" : `${MINUS}∞`;
  const text = Math.abs(value) >= 1000 ? Math.abs(value).toExponential(1) : Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? MINUS + text : text;
}

/**
 * Short text for a number of a menu or a tick: 0.00001, 0.03, 10.
 * @param {number} value
 */
export function plain(value) {
  const text = String(Number(value.toPrecision(6)));
  return text.includes("e-") ? value.toFixed(10).replace(/0+$/, "") : text;
}
