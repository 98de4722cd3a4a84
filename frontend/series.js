// One symbol's rows, merged by the one rule: for the same second the row with more trades is the newer.

/** @import { Average, Bar, Windows } from "./types.js" */

import { LONGEST, agrees, averageAt, day } from "./averages.js";

/** What is kept while trades come: older bars are asked for when they are looked at, so that a session costs no more than its first hour. */
export const KEPT_S = 1_800;
/** Trimmed a minute at a time, as the chart is then laid anew. */
const SLACK_S = 60;
const SETTLES_US = 500_000;

export class Series {
  /** @param {string} symbol */
  constructor(symbol) {
    this.symbol = symbol;
    /** Ascending by second. @type {Bar[]} */
    this.bars = [];
    /** @type {Map<number, Bar>} */
    this.bySecond = new Map();
    /** @type {Map<number, Average>} */
    this.averages = new Map();
    /** Seconds whose bar changed after it was settled. @type {Set<number>} */
    this.corrected = new Set();
    /** From this second on every bar is here, as far as the server knows; null before the first snapshot. @type {number | null} */
    this.completeFrom = null;
    /** From this second on bars are kept, as they are looked at; null: the last half hour. @type {number | null} */
    this.keepFrom = null;
    this.audit = { checked: 0, differing: 0 };
    this.barAt = (/** @type {number} */ second) => this.bySecond.get(second);
  }

  /** @returns {Bar | undefined} */
  get last() { return this.bars.at(-1); }

  /**
   * Merges a bar; says whether it is news. `clockUs` is the feed's clock for a live bar, null for history:
   * only a live change can be a correction.
   * @param {Bar} bar @param {number | null} clockUs
   */
  upsert(bar, clockUs) {
    if (bar.second < this.floor - SLACK_S) return false;
    const held = this.bySecond.get(bar.second);
    if (held && held.trades >= bar.trades) return false;
    if (held && clockUs !== null && isSettled(bar.second, clockUs)) this.corrected.add(bar.second);
    this.bySecond.set(bar.second, bar);
    const at = place(this.bars, bar.second);
    this.bars.splice(at, held ? 1 : 0, bar);
    return true;
  }

  /** The first second that is kept. */
  get floor() {
    return this.keepFrom ?? (this.last ? this.last.second - KEPT_S : -Infinity);
  }

  /** Merges a published average and checks it against the bars held. @param {Average} average */
  upsertAverage(average) {
    const held = this.averages.get(average.second);
    if (average.second < this.floor - SLACK_S || (held && held.trades >= average.trades)) return false;
    this.averages.set(average.second, average);
    const own = averageAt(this.barAt, average.second);
    if (own.trades !== average.trades) return true;
    this.audit.checked += 1;
    if (!agrees(own, average)) this.audit.differing += 1;
    return true;
  }

  /** The averages at any second: the published row, or the bars' own where they count as many trades or more. @param {number} second @returns {Windows} */
  averageAt(second) {
    const own = averageAt(this.barAt, second);
    const published = this.averages.get(second);
    return published && published.trades > own.trades ? published : own;
  }

  /** Forgets what is older than the floor; says whether it did. */
  trim() {
    const { floor } = this;
    const oldest = this.bars[0];
    if (!oldest || oldest.second >= floor - SLACK_S) return false;
    for (const bar of this.bars.splice(0, place(this.bars, floor))) this.bySecond.delete(bar.second);
    for (const second of this.averages.keys()) if (second < floor) this.averages.delete(second);
    for (const second of this.corrected) if (second < floor) this.corrected.delete(second);
    this.completeFrom = this.completeFrom === null ? null : Math.max(this.completeFrom, floor);
    return true;
  }
}

/** Live until the feed's clock is half a second past its end. @param {number} second @param {number} clockUs */
export const isSettled = (second, clockUs) => clockUs > (second + 1) * 1_000_000 + SETTLES_US;

/** Index of the first bar at or after `second`. @param {Bar[]} bars @param {number} second */
export function place(bars, second) {
  let low = 0;
  let high = bars.length;
  const newest = bars[high - 1];
  if (!newest || newest.second < second) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (/** @type {Bar} */ (bars[middle]).second < second) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The seconds of the time axis, ascending, through `through`: only traded ones (compressed), or every second of a
 * trading day from its first bar (or from `from`) on, so that silence takes its place.
 * @param {Series} series @param {number} through @param {boolean} everySecond @param {number | null} [from] @returns {number[]}
 */
export function axis(series, through, everySecond, from = null) {
  const traded = series.bars.map((bar) => bar.second);
  if (!everySecond || traded.length === 0) return traded;
  if (from !== null && from < (traded[0] ?? 0)) traded.unshift(from);
  /** @type {number[]} */
  const seconds = [];
  traded.push(Math.max(through + 1, (traded.at(-1) ?? 0) + 1));
  for (let at = 0; at + 1 < traded.length; at++) {
    const [from, to] = [traded[at] ?? 0, traded[at + 1] ?? 0];
    seconds.push(from);
    if (day(from) !== day(to - 1)) continue;
    for (let second = from + 1; second < to; second++) seconds.push(second);
  }
  return seconds;
}

/**
 * Where the exchange's own counter says that something is missing: between `from` and `to`, `missing` lots
 * (negative: counted twice). Only settled bars speak.
 * @param {Bar[]} bars @param {number} clockUs @returns {{from: number, to: number, missing: number}[]}
 */
export function breaks(bars, clockUs) {
  const found = [];
  for (let at = 1; at < bars.length; at++) {
    const [before, after] = [/** @type {Bar} */ (bars[at - 1]), /** @type {Bar} */ (bars[at])];
    if (after.prior_volume === null || before.day_volume === null || after.prior_volume === before.day_volume) continue;
    if (day(before.second) !== day(after.second) || !isSettled(after.second, clockUs)) continue;
    found.push({ from: before.second, to: after.second, missing: after.prior_volume - before.day_volume });
  }
  return found;
}

/** The seconds whose averages a changed bar changes. @param {Iterable<number>} changed @param {number} through */
export function touched(changed, through) {
  /** @type {Set<number>} */
  const seconds = new Set();
  for (const second of changed) {
    for (let at = second; at < second + LONGEST && at <= Math.max(through, second); at++) seconds.add(at);
  }
  return [...seconds].sort((one, other) => one - other);
}

/** @param {number[]} seconds @param {Iterable<number>} more */
export const merged = (seconds, more) => [...new Set([...seconds, ...more])].sort((one, other) => one - other);

/** @param {number} after @param {number} through the seconds after the one, through the other */
export const span = (after, through) => Array.from({ length: Math.max(0, through - after) }, (_, at) => after + 1 + at);
