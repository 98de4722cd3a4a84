// A chart: the only file that knows the chart library.

/** @import { Band } from "./marks.js" */
/** @import { Paint } from "./rows.js" */
/** @import { View } from "./types.js" */

import * as lib from "./vendor/lightweight-charts.standalone.production.mjs";
import { WINDOWS } from "./averages.js";
import { BandPainter } from "./bands.js";
import { Layers } from "./layers.js";
import { Levels } from "./levels.js";
import * as look from "./look.js";
import { smaKey } from "./rows.js";
import { Track } from "./track.js";

/** @typedef {Paint & {text: string, dim: string, grid: string, line: string, fill: string, sma_5: string, sma_10: string, sma_15: string, font: string, bands: Record<Band["kind"], string>}} Palette */
/** @typedef {(value: number) => string} Words */
/** @typedef {{time: Words, minute: Words, date: Words, price: Words, lots: Words}} Texts */
/** @typedef {{from: number, to: number}} Range in places of the axis, 0 being its newest second */

/**
 * @typedef {object} Hands what the viewer does to the chart
 * @property {(second: number | null) => void} onPoint the crosshair's second, null when it leaves
 * @property {(second: number) => void} onPick a click on a second
 * @property {(price: number) => void} [onLevel] one with Shift, on a price
 * @property {() => void} onRange another stretch is in sight
 */

const VOLUME_SHARE = [78, 22];
const OPENING_S = 240;
const QUIET = { priceLineVisible: false, lastValueVisible: false, crosshairMarkerVisible: false };
/** Scrolled so far beyond the first bar, the viewer wants what is before it. */
const BEYOND = -4;
/** Below so many pixels a second, averages of seconds are one smear over the price. */
const SMEARED_PX = 0.6;

export class Chart {
  /** @param {HTMLElement} box @param {Texts} texts @param {Hands} hands @param {{plain?: boolean}} [how] plain: without averages */
  constructor(box, texts, hands, { plain = false } = {}) {
    this.chart = lib.createChart(box, look.options(lib, texts));
    this.painter = new BandPainter();
    const price = { priceFormat: { type: "custom", formatter: texts.price, minMove: 0.01 } };
    const add = (/** @type {any} */ kind, /** @type {object} */ more, pane = 0) => new Track(this.chart.addSeries(kind, /** @type {any} */ (more), pane));
    // Every second of the axis is a value of this unseen series, so that "now" is the feed's clock and not the last trade.
    const clock = add(lib.LineSeries, { ...QUIET, priceScaleId: "clock", lineVisible: false, autoscaleInfoProvider: () => null });
    const line = add(lib.AreaSeries, { ...price, lineWidth: 1.5, lineType: lib.LineType.WithSteps, priceLineStyle: 2, crosshairMarkerRadius: 3, bottomColor: "transparent" });
    const candles = add(lib.CandlestickSeries, { ...price, visible: false, priceLineStyle: 2 });
    const smas = plain ? [] : WINDOWS.map(() => add(lib.LineSeries, { ...QUIET, ...price, lineWidth: 1.5 }));
    const volume = add(lib.HistogramSeries, { ...QUIET, priceFormat: { type: "custom", formatter: texts.lots, minMove: 1 } }, 1);
    this.layers = new Layers({ clock, smas, candles, line, volume });
    this.line = line;
    this.candles = candles;
    this.smas = smas;
    this.smasVisible = true;
    this.corrections = [line, candles].map(({ api }) => lib.createSeriesMarkers(/** @type {any} */ (api), []));
    this.chart.panes()[0]?.attachPrimitive(/** @type {any} */ (this.painter));
    this.chart.priceScale("right", 1).applyOptions({ scaleMargins: { top: 0.28, bottom: 0 } });
    this.chart.panes().forEach((pane, at) => pane.setStretchFactor(VOLUME_SHARE[at] ?? 1));
    /** @type {number | null} */
    this.pointed = null;
    /** The second the keyboard chose; without it the library leaves the crosshair at its pixel while bars move on. @type {number | null} */
    this.held = null;
    this.levels = new Levels([line.api, candles.api]);
    /** The price pointed at. @type {number | null} */
    this.level = null;
    /** Whether the viewer took the chart in hand since it opened. */
    this.moved = false;
    for (const name of ["wheel", "pointerdown"]) box.addEventListener(name, () => { this.moved = true; }, { passive: true, capture: true });
    this.hear(hands);
  }

  /** @param {Hands} hands */
  hear({ onPoint, onPick, onLevel, onRange }) {
    this.chart.subscribeCrosshairMove(({ time, point, paneIndex, sourceEvent }) => {
      this.level = point && paneIndex === 0 ? this.line.api.coordinateToPrice(point.y) : null;
      if (this.held !== null && !sourceEvent) return;
      this.held = null;
      const second = time === undefined ? null : Number(time);
      if (second === this.pointed) return;
      this.pointed = second;
      onPoint(second);
    });
    this.chart.subscribeClick(({ time, sourceEvent }) => (sourceEvent?.shiftKey && this.level !== null ? onLevel?.(this.level) : time !== undefined && onPick(Number(time))));
    this.chart.timeScale().subscribeVisibleLogicalRangeChange(() => onRange());
  }

  /** @param {Palette} palette */
  dress(palette) {
    this.layers.paint = palette;
    this.painter.dress(palette.bands, palette.font);
    this.chart.applyOptions(look.colours(palette));
    this.line.api.applyOptions(/** @type {any} */ ({ lineColor: palette.line, topColor: palette.fill }));
    this.candles.api.applyOptions({ priceLineColor: palette.line });
    this.smas.forEach((track, at) => track.api.applyOptions({ color: palette[smaKey(WINDOWS[at] ?? 5)] }));
  }

  /** @param {Pick<View, "mode">} view @param {boolean} everySecond */
  shape({ mode }, everySecond) {
    this.line.api.applyOptions({ visible: mode !== "candles" });
    this.candles.api.applyOptions({ visible: mode === "candles" });
    this.layers.everySecond = everySecond;
  }

  /** @param {Band[]} bands @param {Iterable<number>} corrected @param {string} colour @param {(band: Band) => string} caption */
  mark(bands, corrected, colour, caption) {
    this.painter.show(bands.map((band) => ({ ...band, caption: caption(band) })), this.chart.timeScale());
    const markers = [...corrected].sort((one, other) => one - other)
      .map((time) => ({ time: /** @type {lib.UTCTimestamp} */ (time), position: /** @type {const} */ ("aboveBar"), shape: /** @type {const} */ ("circle"), size: 0.6, color: colour }));
    for (const corrections of this.corrections) corrections.setMarkers(markers);
  }

  /** A price that is no trade's: a dashed line and no point. @param {number | null} price @param {string} title @param {string} colour */
  ghost(price, title, colour) {
    this.levels.show("trial", price === null ? [] : [{ price, title, color: colour }]);
  }

  /** The first sight of a symbol: its last few minutes, or the whole session when that is over. @param {boolean} whole @param {number} decimals of its prices */
  opening(whole, decimals) {
    const scale = this.chart.timeScale();
    const priceFormat = { minMove: 10 ** -decimals };
    for (const track of [this.line, this.candles, ...this.smas]) track.api.applyOptions(/** @type {any} */ ({ priceFormat }));
    this.chart.priceScale("right").applyOptions({ autoScale: true });
    if (whole) return scale.fitContent();
    scale.applyOptions({ barSpacing: Math.max(2, scale.width() / OPENING_S) });
    this.now();
  }

  now() {
    this.moved = false;
    this.chart.timeScale().scrollToPosition(look.AHEAD_S, false);
  }

  /** Whether the newest second is in sight. */
  get follows() { return this.chart.timeScale().scrollPosition() > -3; }

  /** Height of the price pane, for the legend of the one below. */
  get priceHeight() { return this.chart.panes()[0]?.getHeight() ?? 0; }

  /** The stretch in sight: seconds, both included; null before there is one. @returns {{from: number, to: number} | null} */
  get seconds() {
    const range = this.chart.timeScale().getVisibleRange();
    return range && { from: Number(range.from), to: Number(range.to) };
  }

  /** The places in sight. @returns {Range | null} */
  get range() {
    const range = this.chart.timeScale().getVisibleLogicalRange();
    return range && { from: range.from - this.newest, to: range.to - this.newest };
  }

  /** Shows the same places of the axis as another chart. @param {Range} range */
  step(range) {
    const own = this.range;
    if (own && Math.abs(own.from - range.from) + Math.abs(own.to - range.to) < 0.01) return;
    this.chart.timeScale().setVisibleLogicalRange({ from: range.from + this.newest, to: range.to + this.newest });
  }

  /** Draws the averages only where they can be told apart. */
  clear() {
    const visible = this.chart.timeScale().options().barSpacing >= SMEARED_PX;
    if (visible === this.smasVisible) return;
    this.smasVisible = visible;
    for (const track of this.smas) track.api.applyOptions({ visible });
  }

  /** Whether the viewer, and not a day that has just begun, looks for what is before the first bar. */
  get isBeyond() {
    return this.moved && (this.chart.timeScale().getVisibleLogicalRange()?.from ?? 0) < BEYOND;
  }

  /** The library's place of the newest second. */
  get newest() {
    return this.layers.tracks.clock.count - 1;
  }

  /** Puts the crosshair on a second and keeps it there; on one that is not drawn yet, with the next frame. @param {number} second @param {number} price */
  point(second, price) {
    this.held = this.pointed = second;
    if (!this.hasPriceAt(second)) return;
    this.chart.setCrosshairPosition(price, /** @type {lib.UTCTimestamp} */ (second), this.line.api);
  }

  /** The library cannot place a crosshair on a second it has not, nor where no price is in sight. @param {number} second */
  hasPriceAt(second) {
    const scale = this.chart.timeScale();
    const range = scale.getVisibleLogicalRange();
    const known = scale.timeToIndex(/** @type {lib.UTCTimestamp} */ (second)) !== null;
    return known && range !== null && this.line.api.dataByIndex(Math.ceil(range.from), lib.MismatchDirection.NearestRight) !== null;
  }

  /** No bar is chosen any more. */
  unpoint() {
    this.held = this.pointed = null;
    this.chart.clearCrosshairPosition();
  }

  remove() {
    this.chart.remove();
  }
}
