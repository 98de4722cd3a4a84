// A symbol's trading day added up second by second, in memory that does not grow: sums, extremes, and the counter's chain.

/** @import { Bar } from "./types.js" */

import { dayStart, fromUnits, halfEven, toUnits } from "./averages.js";

const SECONDS = 86_400;
const UNKNOWN = -1;

/**
 * @typedef {object} Totals
 * @property {number | null} open null unless the day's first trade is held
 * @property {number} high
 * @property {number} low
 * @property {number | null} volume lots of the day, by the exchange's counter where the feed gives it
 * @property {number | null} vwap null unless the day is held whole
 * @property {number} buy lots at or above the ask
 * @property {number} sell
 * @property {number} since the first second held
 * @property {boolean} whole from the day's first trade without a break in the counter
 * @property {number} breaks how many neighbouring bars the counter does not join
 */

/** Rows that count more trades contain the others, so the extremes only widen and the sums change by differences. */
export class Day {
  constructor() {
    this.start = 0;
    this.trades = new Uint32Array(SECONDS);
    const column = () => new Float64Array(SECONDS);
    this.volume = column();
    this.turnover = column();
    this.buy = column();
    this.sell = column();
    this.prior = column();
    this.total = column();
    this.sums = nothing();
    this.high = -Infinity;
    this.low = Infinity;
    this.breaks = 0;
    /** Offsets of the first and the last bar; -1 when there is none. */
    this.first = -1;
    this.last = -1;
    /** @type {number | null} */
    this.open = null;
  }

  /** @param {number} start the day's first second */
  clear(start) {
    this.start = start;
    for (const column of [this.trades, this.volume, this.turnover, this.buy, this.sell, this.prior, this.total]) column.fill(0);
    Object.assign(this, { sums: nothing(), high: -Infinity, low: Infinity, breaks: 0, first: -1, last: -1, open: null });
  }

  /** A version of a bar; one of an earlier day, or with no more trades than the held one, is nothing. @param {Bar} bar */
  put(bar) {
    const start = dayStart(bar.second);
    if (start < this.start) return;
    if (start > this.start) this.clear(start);
    const at = bar.second - start;
    if (bar.trades <= (this.trades[at] ?? 0)) return;
    const { before, after } = this.neighbours(at);
    this.breaks -= this.joints(before, at, after);
    this.store(at, bar);
    this.breaks += this.joints(before, at, after);
    this.high = Math.max(this.high, bar.high);
    this.low = Math.min(this.low, bar.low);
    if (at === this.first) this.open = bar.open;
  }

  /** @param {number} at @param {Bar} bar */
  store(at, bar) {
    const turnover = toUnits(bar.turnover);
    const [buy, sell] = [bar.buy_volume ?? 0, bar.sell_volume ?? 0];
    this.sums.volume += bar.volume - (this.volume[at] ?? 0);
    this.sums.turnover += turnover - (this.turnover[at] ?? 0);
    this.sums.buy += buy - (this.buy[at] ?? 0);
    this.sums.sell += sell - (this.sell[at] ?? 0);
    [this.trades[at], this.volume[at], this.turnover[at], this.buy[at], this.sell[at]] = [bar.trades, bar.volume, turnover, buy, sell];
    [this.prior[at], this.total[at]] = [bar.prior_volume ?? UNKNOWN, bar.day_volume ?? UNKNOWN];
    this.first = this.first < 0 ? at : Math.min(this.first, at);
    this.last = Math.max(this.last, at);
  }

  /** The nearest bars on both sides of an offset, -1 where there is none. @param {number} at */
  neighbours(at) {
    let before = Math.min(at - 1, this.last);
    while (before >= 0 && this.trades[before] === 0) before -= 1;
    let after = at + 1;
    while (after <= this.last && this.trades[after] === 0) after += 1;
    return { before, after: after > this.last ? -1 : after };
  }

  /** Broken joints around an offset, whether or not a bar is there. @param {number} before @param {number} at @param {number} after */
  joints(before, at, after) {
    return this.trades[at] === 0 ? this.joint(before, after) : this.joint(before, at) + this.joint(at, after);
  }

  /** 1 when both counters are known and differ. @param {number} one @param {number} other */
  joint(one, other) {
    if (one < 0 || other < 0) return 0;
    const [total, prior] = [this.total[one], this.prior[other]];
    return total === UNKNOWN || prior === UNKNOWN || total === prior ? 0 : 1;
  }

  /** What cannot be known from the bars held is null. @returns {Totals | null} */
  get totals() {
    if (this.last < 0) return null;
    const fromFirst = this.prior[this.first] === 0;
    const whole = fromFirst && this.breaks === 0;
    const counted = this.total[this.last] ?? UNKNOWN;
    return {
      open: fromFirst ? this.open : null, high: this.high, low: this.low, buy: this.sums.buy, sell: this.sums.sell,
      volume: counted !== UNKNOWN ? counted : whole ? this.sums.volume : null,
      vwap: whole ? fromUnits(halfEven(this.sums.turnover, this.sums.volume)) : null,
      since: this.start + this.first, whole, breaks: this.breaks,
    };
  }
}

const nothing = () => ({ volume: 0, turnover: 0, buy: 0, sell: 0 });
