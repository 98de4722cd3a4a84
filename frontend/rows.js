// A series as the rows a chart draws; pure, and without a chart.

/** @import { Bar } from "./types.js" */

import { WINDOWS } from "./averages.js";

/** @typedef {{up: string, down: string, flat: string, volumeUp: string, volumeDown: string, volumeFlat: string}} Paint */

const CLEAR = "transparent";
const HIDDEN = { lineColor: CLEAR, topColor: CLEAR, bottomColor: CLEAR };

/** By direction. @param {number} sign @param {string} up @param {string} down @param {string} flat */
const bySign = (sign, up, down, flat) => (sign > 0 ? up : sign < 0 ? down : flat);

/** @param {Bar} bar @param {Paint} paint */
export function candle(bar, paint) {
  const color = bySign(Math.sign(bar.close - bar.open), paint.up, paint.down, paint.flat);
  return { time: bar.second, open: bar.open, high: bar.high, low: bar.low, close: bar.close, color, borderColor: color, wickColor: color };
}

/** A point of the price line; the stroke that leaves it is not drawn where the counter shows that something is missing. @param {Bar} bar @param {Set<number>} brokenAfter */
export const point = (bar, brokenAfter) => ({ time: bar.second, value: bar.close, ...(brokenAfter.has(bar.second) ? HIDDEN : {}) });

/** @param {Bar} bar @param {Bar | undefined} before @param {Paint} paint */
export const volume = (bar, before, paint) =>
  ({ time: bar.second, value: bar.volume, color: bySign(direction(bar, before), paint.volumeUp, paint.volumeDown, paint.volumeFlat) });

/**
 * The average lines over `seconds`: null windows leave a hole, and no stroke crosses it.
 * @param {import("./series.js").Series} series @param {number[]} seconds @param {number} through @returns {import("./types.js").Windows[]}
 */
export const windows = (series, seconds, through) => seconds.map((second) => (second > through ? EMPTY : series.averageAt(second)));

const EMPTY = { sma_5: null, count_5: 0, sma_10: null, count_10: 0, sma_15: null, count_15: 0, trades: 0 };

/** @param {number} time @param {number | null} value @param {number | null | undefined} next the value one second later; undefined when that is not known yet */
export const smaPoint = (time, value, next) => (value === null ? { time } : { time, value, ...(next === null ? { color: CLEAR } : {}) });

/** @param {(typeof WINDOWS)[number]} window */
export const smaKey = (window) => /** @type {"sma_5" | "sma_10" | "sma_15"} */ (`sma_${window}`);

/** Up, down or flat against the bar before (its own open for the first). @param {Bar} bar @param {Bar | undefined} before */
export const direction = (bar, before) => Math.sign(bar.close - (before ? before.close : bar.open));
