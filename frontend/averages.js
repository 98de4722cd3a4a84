// The law of an average (semantics: an average), in whole ten-thousandths so that no float is ever summed.

/** @import { Bar, Windows } from "./types.js" */

export const WINDOWS = /** @type {const} */ ([5, 10, 15]);
export const LONGEST = 15;
const SCALE = 10_000;
const TAIPEI_S = 8 * 3600;

/** A price of at most four decimals as a whole number of ten-thousandths; exact below 9·10¹¹. @param {number} value */
export const toUnits = (value) => Math.round(value * SCALE);

/** @param {number} units */
export const fromUnits = (units) => units / SCALE;

/** The trading day a second belongs to, as a count of Taipei days. @param {number} second */
export const day = (second) => Math.floor((second + TAIPEI_S) / 86_400);

/** Its first second. @param {number} second */
export const dayStart = (second) => day(second) * 86_400 - TAIPEI_S;

/** sum / count for whole non-negative numbers, half to even. @param {number} sum @param {number} count */
export function halfEven(sum, count) {
  const rest = sum % count;
  const floor = (sum - rest) / count;
  if (rest * 2 === count) return floor + (floor % 2);
  return rest * 2 > count ? floor + 1 : floor;
}

/**
 * The three averages at `second`: the mean of the published vwaps of the traded seconds in each window, null when
 * none traded. A window never reaches into another trading day.
 * @param {(second: number) => Bar | undefined} barAt
 * @param {number} second
 * @returns {Windows}
 */
export function averageAt(barAt, second) {
  const sums = [0, 0, 0];
  const counts = [0, 0, 0];
  let trades = 0;
  for (let back = 0; back < LONGEST && day(second - back) === day(second); back++) {
    const bar = barAt(second - back);
    if (!bar) continue;
    trades += bar.trades;
    WINDOWS.forEach((window, at) => {
      if (back >= window) return;
      sums[at] = (sums[at] ?? 0) + toUnits(bar.vwap);
      counts[at] = (counts[at] ?? 0) + 1;
    });
  }
  return row(sums, counts, trades);
}

/** @param {number[]} sums @param {number[]} counts @param {number} trades @returns {Windows} */
function row([sum5 = 0, sum10 = 0, sum15 = 0], [count_5 = 0, count_10 = 0, count_15 = 0], trades) {
  return {
    sma_5: mean(sum5, count_5), count_5,
    sma_10: mean(sum10, count_10), count_10,
    sma_15: mean(sum15, count_15), count_15,
    trades,
  };
}

/** @param {number} sum @param {number} count */
const mean = (sum, count) => (count === 0 ? null : fromUnits(halfEven(sum, count)));

/** Whether two rows of the same `trades` say the same. @param {Windows} one @param {Windows} other */
export const agrees = (one, other) =>
  one.sma_5 === other.sma_5 && one.count_5 === other.count_5
  && one.sma_10 === other.sma_10 && one.count_10 === other.count_10
  && one.sma_15 === other.sma_15 && one.count_15 === other.count_15;
