// The chart: the only file that knows the chart library.

/** @import { Series } from "./series.js" */
/** @import { Band } from "./marks.js" */
/** @import { Paint } from "./rows.js" */
/** @import { View } from "./types.js" */

import * as lib from "./vendor/lightweight-charts.standalone.production.mjs";
import { WINDOWS } from "./averages.js";
import { BandPainter } from "./bands.js";
import * as rows from "./rows.js";
import { axis, merged, place, span, touched } from "./series.js";
import { Track } from "./track.js";

/** @typedef {Paint & {text: string, dim: string, grid: string, line: string, sma_5: string, sma_10: string, sma_15: string, font: string, bands: Record<Band["kind"], string>}} Palette */
/** @typedef {(value: number) => string} Words */
/** @typedef {{time: Words, minute: Words, date: Words, price: Words, lots: Words}} Texts */

const VOLUME_SHARE = [78, 22];
const OPENING_S = 240;
const QUIET = { priceLineVisible: false, lastValueVisible: false, crosshairMarkerVisible: false };

export class Chart {
  /**
   * @param {HTMLElement} box
   * @param {Texts} texts
   * @param {(second: number | null) => void} onPoint the crosshair's second, null when it leaves
   */
  constructor(box, texts, onPoint) {
    this.chart = lib.createChart(box, options(texts));
    this.painter = new BandPainter();
    const price = { priceFormat: { type: "custom", formatter: texts.price, minMove: 0.01 } };
    const add = (/** @type {any} */ kind, /** @type {object} */ more, pane = 0) => new Track(this.chart.addSeries(kind, /** @type {any} */ (more), pane));
    // Every second of the axis is a value of this unseen series, so that "now" is the feed's clock and not the last trade.
    this.clock = add(lib.LineSeries, { ...QUIET, priceScaleId: "clock", lineVisible: false, autoscaleInfoProvider: () => null });
    this.smas = WINDOWS.map(() => add(lib.LineSeries, { ...QUIET, ...price, lineWidth: 1.5 }));
    this.candles = add(lib.CandlestickSeries, { ...price, visible: false, priceLineStyle: 2 });
    this.line = add(lib.LineSeries, { ...price, lineWidth: 1.5, lineType: lib.LineType.WithSteps, priceLineStyle: 2, crosshairMarkerRadius: 3 });
    this.volume = add(lib.HistogramSeries, { ...QUIET, priceFormat: { type: "custom", formatter: texts.lots, minMove: 1 } }, 1);
    this.corrections = [this.line, this.candles].map(({ api }) => lib.createSeriesMarkers(/** @type {any} */ (api), []));
    this.chart.panes()[0]?.attachPrimitive(/** @type {any} */ (this.painter));
    this.chart.panes().forEach((pane, at) => pane.setStretchFactor(VOLUME_SHARE[at] ?? 1));
    this.everySecond = true;
    /** @type {number | null} */
    this.pointed = null;
    /** The second the keyboard chose; without it the library leaves the crosshair at its pixel while bars move on. @type {number | null} */
    this.held = null;
    this.chart.subscribeCrosshairMove(({ time, sourceEvent }) => {
      if (this.held !== null && !sourceEvent) return;
      this.held = null;
      this.pointed = time === undefined ? null : Number(time);
      onPoint(this.pointed);
    });
    /** @type {Paint} */
    this.paint = { up: "", down: "", flat: "", volumeUp: "", volumeDown: "", volumeFlat: "" };
  }

  /** @param {Palette} palette */
  dress(palette) {
    this.paint = palette;
    this.painter.dress(palette.bands, palette.font);
    this.chart.applyOptions({
      layout: { textColor: palette.dim, fontFamily: palette.font, background: { type: lib.ColorType.Solid, color: "transparent" }, panes: { separatorColor: palette.grid } },
      grid: { vertLines: { color: palette.grid }, horzLines: { color: palette.grid } },
      crosshair: { vertLine: { color: palette.dim, labelBackgroundColor: palette.text }, horzLine: { color: palette.dim, labelBackgroundColor: palette.text } },
      rightPriceScale: { borderColor: palette.grid },
      timeScale: { borderColor: palette.grid },
    });
    this.line.api.applyOptions({ color: palette.line });
    this.candles.api.applyOptions({ priceLineColor: palette.line });
    this.smas.forEach((track, at) => track.api.applyOptions({ color: palette[rows.smaKey(WINDOWS[at] ?? 5)] }));
  }

  /** @param {Pick<View, "mode" | "axis">} view */
  shape({ mode, axis: chosen }) {
    this.line.api.applyOptions({ visible: mode === "line" });
    this.candles.api.applyOptions({ visible: mode === "candles" });
    this.everySecond = chosen === "true";
  }

  /** Lays all rows anew. @param {Series} series @param {number} through @param {Set<number>} brokenAfter */
  lay(series, through, brokenAfter) {
    const seconds = axis(series, through, this.everySecond);
    const { bars } = series;
    const shown = rows.windows(series, seconds, through);
    this.clock.lay(this.everySecond ? seconds.map((time) => ({ time, value: 0 })) : []);
    this.candles.lay(bars.map((bar) => rows.candle(bar, this.paint)));
    this.line.lay(bars.map((bar) => rows.point(bar, brokenAfter)));
    this.volume.lay(bars.map((bar, at) => rows.volume(bar, bars[at - 1], this.paint)));
    this.smas.forEach((track, at) => {
      const key = rows.smaKey(WINDOWS[at] ?? 5);
      track.lay(seconds.map((time, index) => rows.smaPoint(time, shown[index]?.[key] ?? null, this.everySecond ? shown[index + 1]?.[key] : undefined)));
    });
  }

  /**
   * Draws only what changed: bars, averages, and the seconds from `since` (the last `through`) to `through`.
   * Says whether it could; a late bar in a second that had none needs `lay`.
   * @param {Series} series @param {{seconds: Set<number>, averages: Set<number>}} changed @param {number} since @param {number} through @param {Set<number>} brokenAfter
   */
  update(series, changed, since, through, brokenAfter) {
    const fresh = [...changed.seconds].sort((one, other) => one - other);
    const drawn = this.putClock(since, through) && fresh.every((second) => this.putBar(series, second, brokenAfter));
    const seconds = touched([...fresh, ...span(since, through)], through);
    return drawn && this.putAverages(series, merged(seconds, changed.averages), through);
  }

  /** @param {Series} series @param {number} second @param {Set<number>} brokenAfter */
  putBar(series, second, brokenAfter) {
    const at = place(series.bars, second);
    const bar = series.bars[at];
    if (!bar || bar.second !== second) return false;
    const next = series.bars[at + 1];
    const puts = [
      this.candles.put(rows.candle(bar, this.paint)),
      this.line.put(rows.point(bar, brokenAfter)),
      this.volume.put(rows.volume(bar, series.bars[at - 1], this.paint)),
      next ? this.volume.put(rows.volume(next, bar, this.paint)) : true,
    ];
    return puts.every(Boolean);
  }

  /** @param {number} since @param {number} through */
  putClock(since, through) {
    return !this.everySecond || span(since, through).every((time) => this.clock.put({ time, value: 0 }));
  }

  /** @param {Series} series @param {number[]} seconds ascending @param {number} through */
  putAverages(series, seconds, through) {
    const shown = this.everySecond ? seconds.filter((second) => second <= through) : seconds.filter((second) => series.barAt(second));
    const at = (/** @type {number} */ second) => (second > through ? undefined : series.averageAt(second));
    return shown.every((time) => {
      const [before, here, after] = [at(time - 1), series.averageAt(time), at(time + 1)];
      return this.smas.every((track, index) => {
        const key = rows.smaKey(WINDOWS[index] ?? 5);
        const closes = !this.everySecond || here[key] !== null || !track.valued.has(time - 1) || track.put(rows.smaPoint(time - 1, before?.[key] ?? null, null));
        return closes && track.put(rows.smaPoint(time, here[key], this.everySecond ? after?.[key] : undefined));
      });
    });
  }

  /** @param {Band[]} bands @param {Iterable<number>} corrected @param {string} colour @param {(band: Band) => string} caption */
  mark(bands, corrected, colour, caption) {
    this.painter.show(bands.map((band) => ({ ...band, caption: caption(band) })), this.chart.timeScale());
    const markers = [...corrected].sort((one, other) => one - other)
      .map((time) => ({ time: /** @type {lib.UTCTimestamp} */ (time), position: /** @type {const} */ ("aboveBar"), shape: /** @type {const} */ ("circle"), size: 0.6, color: colour }));
    for (const corrections of this.corrections) corrections.setMarkers(markers);
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
    this.chart.timeScale().scrollToRealTime();
  }

  /** Whether the newest second is in sight. */
  get follows() { return this.chart.timeScale().scrollPosition() > -3; }

  /** Height of the price pane, for the legend of the one below. */
  get priceHeight() { return this.chart.panes()[0]?.getHeight() ?? 0; }

  /** Puts the crosshair on a bar and keeps it there. @param {import("./types.js").Bar} bar */
  point(bar) {
    this.held = this.pointed = bar.second;
    this.chart.setCrosshairPosition(bar.close, /** @type {lib.UTCTimestamp} */ (bar.second), this.line.api);
  }

  /** No bar is chosen any more. */
  unpoint() {
    this.held = this.pointed = null;
    this.chart.clearCrosshairPosition();
  }
}

/** @param {Texts} texts @returns {lib.DeepPartial<lib.TimeChartOptions>} */
function options({ time, minute, date }) {
  const { DayOfMonth, Time } = lib.TickMarkType;
  return {
    autoSize: true,
    layout: { attributionLogo: true, fontSize: 11 },
    crosshair: { mode: lib.CrosshairMode.Normal },
    localization: { timeFormatter: (/** @type {lib.Time} */ at) => time(Number(at)) },
    rightPriceScale: { scaleMargins: { top: 0.12, bottom: 0.08 }, minimumWidth: 64 },
    timeScale: {
      secondsVisible: true, timeVisible: true, rightOffset: 6, minBarSpacing: 0.05, allowShiftVisibleRangeOnWhitespaceReplacement: true,
      tickMarkFormatter: (/** @type {lib.Time} */ at, /** @type {lib.TickMarkType} */ kind) =>
        (kind <= DayOfMonth ? date : kind === Time ? minute : time)(Number(at)),
    },
    kineticScroll: { mouse: false, touch: true },
  };
}
