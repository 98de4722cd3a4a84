// One symbol's chart kept up with its series: only what is new is drawn, all of it anew when that is not enough.

/** @import { Chart } from "./chart.js" */
/** @import { Series } from "./series.js" */
/** @import { Market } from "./market.js" */

import * as format from "./format.js";
import { place } from "./series.js";

const MANY = 300;
const NONE = new Set();

/**
 * @typedef {object} Fresh
 * @property {Set<number>} seconds whose bar changed
 * @property {Set<number>} averages
 * @property {boolean} anew everything changed
 * @property {number} through the last second of the axis
 * @property {() => number[]} axis all of its seconds
 * @property {Set<number>} [broken] seconds after which the counter breaks
 */

export class Plot {
  /** @param {Chart} chart */
  constructor(chart) {
    this.chart = chart;
    this.through = 0;
    this.opened = false;
  }

  /** @param {Series} series @param {Fresh} fresh */
  draw(series, { seconds, averages, anew, through, axis, broken = NONE }) {
    const { layers } = this.chart;
    const moved = through > this.through || seconds.size + averages.size > 0;
    const much = seconds.size + averages.size > MANY || through - this.through > MANY;
    if (anew || much || (moved && !layers.update(series, { seconds, averages }, this.through, through, broken))) layers.lay(series, axis(), through, broken);
    this.through = through;
    if (this.chart.held !== null && (anew || moved)) this.point(series, this.chart.held);
  }

  /** The crosshair on a second, at the last price there was. @param {Series} series @param {number} second */
  point(series, second) {
    const at = place(series.bars, second + 1) - 1;
    const bar = series.bars[at];
    if (bar) this.chart.point(second, bar.close);
  }

  /** The session's end is only worth seeing with the session before it. @param {Market} market @param {Series} series */
  open(market, series) {
    const { last } = series;
    if (this.opened || !last || !market.status) return;
    this.opened = market.runs || (series.completeFrom !== null && series.keepFrom !== null && series.completeFrom <= series.keepFrom);
    this.chart.opening(!market.runs, Math.max(format.tickDecimals(last.close, last.symbol), format.decimalsOf(last.close)));
  }
}
