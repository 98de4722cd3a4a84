// What a day's bars add up to, and whether that is the whole day.

/** @import { Bar } from "./types.js" */

import { dayStart, fromUnits, halfEven, toUnits } from "./averages.js";
import { breaks, place } from "./series.js";

/**
 * @typedef {object} Session
 * @property {number | null} open null unless the day's first trade is held
 * @property {number} high
 * @property {number} low
 * @property {number | null} volume lots of the day, by the exchange's counter where the feed gives it
 * @property {number | null} vwap null unless the day is held whole
 * @property {number} buy lots at or above the ask
 * @property {number} sell
 * @property {number} since the first second held
 * @property {boolean} whole from the day's first trade without a break in the counter
 */

/**
 * The trading day of the last bar. What cannot be known from the bars held is null.
 * @param {Bar[]} bars ascending @returns {Session | null}
 */
export function session(bars) {
  const last = bars.at(-1);
  if (!last) return null;
  const today = sameDay(bars, last.second);
  const first = /** @type {Bar} */ (today[0]);
  const whole = first.prior_volume === 0 && breaks(today, Infinity).length === 0;
  return { ...sums(today), ...extremes(today), open: first.prior_volume === 0 ? first.open : null,
    volume: last.day_volume ?? (whole ? total(today) : null), vwap: whole ? vwap(today) : null, since: first.second, whole };
}

/** The bars of the trading day of `second`; the array itself when it holds no other. @param {Bar[]} bars @param {number} second */
function sameDay(bars, second) {
  const from = place(bars, dayStart(second));
  return from === 0 ? bars : bars.slice(from);
}

/** @param {Bar[]} bars */
const total = (bars) => bars.reduce((lots, bar) => lots + bar.volume, 0);

/** @param {Bar[]} bars */
const vwap = (bars) => fromUnits(halfEven(bars.reduce((units, bar) => units + toUnits(bar.turnover), 0), total(bars)));

/** @param {Bar[]} bars */
function sums(bars) {
  let buy = 0;
  let sell = 0;
  for (const bar of bars) {
    buy += bar.buy_volume ?? 0;
    sell += bar.sell_volume ?? 0;
  }
  return { buy, sell };
}

/** @param {Bar[]} bars */
function extremes(bars) {
  let high = -Infinity;
  let low = Infinity;
  for (const bar of bars) {
    if (bar.high > high) high = bar.high;
    if (bar.low < low) low = bar.low;
  }
  return { high, low };
}

/** Up, down or flat against the bar before (its own open for the first). @param {Bar} bar @param {Bar | undefined} before */
export const direction = (bar, before) => Math.sign(bar.close - (before ? before.close : bar.open));
