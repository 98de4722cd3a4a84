// Numbers and times as a Taiwanese investor reads them. What is unknown is a dash, never a zero.

export const UNKNOWN = "—";
const ZONE = "Asia/Taipei";

/** Price below which a share's tick has so many decimals; funds tick finer (exchange rules). @type {[number, number][]} */
const SHARE_DECIMALS = [[50, 2], [500, 1], [Infinity, 0]];

/** Taiwanese fund codes start with 00. @param {string} symbol */
export const isFund = (symbol) => symbol.startsWith("00");

/** Decimals of the tick at a price. @param {number} price @param {string} symbol */
export function tickDecimals(price, symbol) {
  if (isFund(symbol)) return 2;
  return (SHARE_DECIMALS.find(([below]) => price < below) ?? [0, 0])[1];
}

/** Decimals a number of at most four carries. @param {number} value */
export function decimalsOf(value) {
  let units = Math.round(value * 10_000);
  let decimals = 4;
  while (decimals > 0 && units % 10 === 0) {
    units /= 10;
    decimals -= 1;
  }
  return decimals;
}

/** @type {Map<number, Intl.NumberFormat>} */
const fixed = new Map();

/** @param {number | null | undefined} value @param {number} decimals */
export function decimal(value, decimals) {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  let shape = fixed.get(decimals);
  if (!shape) {
    shape = new Intl.NumberFormat("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    fixed.set(decimals, shape);
  }
  return shape.format(value);
}

/** A price with its tick's decimals, more if it has more: no digit is hidden. @param {number | null | undefined} value @param {string} symbol */
export function price(value, symbol) {
  if (value === null || value === undefined) return UNKNOWN;
  return decimal(value, Math.max(tickDecimals(value, symbol), decimalsOf(value)));
}

/** A point of the price axis: rounded to the digits that the symbol's prices have. @param {number} value @param {string} symbol @param {number[]} prices */
export const axisPrice = (value, symbol, prices) => decimal(value, Math.max(tickDecimals(value, symbol), ...prices.map(decimalsOf)));

/** Board lots or counts. @param {number | null | undefined} value */
export const whole = (value) => decimal(value, 0);

/** A time in milliseconds, short; below zero two clocks differ, and nothing is known. @param {number | null | undefined} value */
export function milliseconds(value) {
  if (value === null || value === undefined || value < 0) return UNKNOWN;
  return value < 10_000 ? `${decimal(value, value < 10 ? 1 : 0)} ms` : `${decimal(value / 1000, 0)} s`;
}

/** @typedef {{sign: -1 | 0 | 1, mark: string, difference: number, percent: number}} Change */

/** Against the reference price, and against nothing else; null when either is unknown. @param {number | null | undefined} last @param {number | null | undefined} reference @returns {Change | null} */
export function change(last, reference) {
  if (!last || !reference) return null;
  const units = Math.round(last * 10_000) - Math.round(reference * 10_000);
  const sign = /** @type {-1 | 0 | 1} */ (Math.sign(units));
  return { sign, mark: mark(sign), difference: units / 10_000, percent: units / Math.round(reference * 10_000) * 100 };
}

/** @param {number} sign */
export const mark = (sign) => (sign > 0 ? "▲" : sign < 0 ? "▼" : "");

/** "+15.0"; a true minus; zero has no sign. @param {number} value @param {number} decimals */
export function signed(value, decimals) {
  const text = decimal(Math.abs(value), decimals);
  return value > 0 ? `+${text}` : value < 0 ? `−${text}` : text;
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const MINUTES = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const DATE = new Intl.DateTimeFormat("en-CA", { timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit" });

/** HH:mm:ss in Taipei, wherever the reader is. @param {number | null | undefined} second epoch seconds */
export const clock = (second) => (second === null || second === undefined ? UNKNOWN : CLOCK.format(second * 1000));

/** HH:mm in Taipei. @param {number} second */
export const minutes = (second) => MINUTES.format(second * 1000);

/** YYYY-MM-DD in Taipei. @param {number} second */
export const date = (second) => DATE.format(second * 1000);
