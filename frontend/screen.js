// Paints what is new, at most once a frame.

/** @import { Scene } from "./header.js" */
/** @import { News } from "./news.js" */
/** @import { Series } from "./series.js" */

import { Chart } from "./chart.js";
import { Comparison } from "./compare.js";
import { byId, mark, show, write } from "./dom.js";
import * as format from "./format.js";
import { Header } from "./header.js";
import { HopsView } from "./hops.js";
import { Legend } from "./legend.js";
import { bands, caption } from "./marks.js";
import { Plot } from "./plot.js";
import { place } from "./series.js";
import { Speech } from "./speech.js";
import { isTrial, standing } from "./standing.js";
import { Paints, StatusStrip } from "./status.js";
import { Table } from "./table.js";
import { palette } from "./theme.js";
import { WatchList } from "./watchlist.js";

/** @typedef {Scene & {quietMs: number, view: import("./types.js").View, historyFails: boolean}} Whole */

/**
 * @typedef {object} Acts
 * @property {(symbol: string) => void} choose
 * @property {(watch: string[]) => void} keep
 * @property {(symbol: string) => void} beside shows or hides a symbol beside the chosen one
 * @property {(second: number) => void} explain
 * @property {(price: number) => void} alert
 * @property {() => void} older
 */

export class Screen {
  /** @param {Acts} acts @param {() => Whole} scene */
  constructor(acts, scene) {
    this.scene = scene;
    this.acts = acts;
    this.chart = new Chart(byId("chart"), texts(scene), { onPoint: () => this.wake(), onPick: acts.explain, onLevel: acts.alert, onRange: () => this.wake() });
    this.plot = new Plot(this.chart);
    this.comparison = new Comparison(byId("compared"), { ...acts, wake: () => this.wake() }, texts);
    this.header = new Header(byId("symbol"));
    this.legend = new Legend(byId("legend"), byId("volume-legend"));
    this.legend.onHeight = (below) => { this.chart.painter.top = below + 4; };
    this.strip = new StatusStrip(byId("status"), byId("notice"));
    this.watch = new WatchList(byId("watch"), acts);
    this.table = new Table(byId("table"), acts.explain);
    this.speech = new Speech(byId("summary"));
    this.paints = new Paints();
    this.hops = new HopsView();
    /** @type {import("./marks.js").Band[]} */
    this.bands = [];
    this.colours = palette();
    this.whole = true;
    this.homing = false;
    this.heardMs = 0;
    this.due = 0;
  }

  /** Something is new: paint in the next frame. @param {number} [heardMs] when the message that brought it arrived */
  wake(heardMs = 0) {
    this.heardMs ||= heardMs;
    this.due ||= requestAnimationFrame(() => this.frame());
  }

  /** Everything anew: other words, colours, shape or symbol. */
  renew() {
    this.whole = true;
    this.wake();
  }

  /** The newest second, and nothing else pointed at. */
  now() {
    this.homing = true;
    this.follow(null);
  }

  /** Another symbol: the chart opens at its newest minutes. */
  reopen() {
    this.plot.opened = false;
    this.follow(null);
    this.renew();
  }

  frame() {
    this.due = 0;
    const scene = this.scene();
    const news = scene.market.takeNews();
    if (this.whole) this.colours = palette();
    if (this.whole) this.dress(scene);
    this.draw(scene, news);
    if (this.homing) this.chart.now();
    this.homing = false;
    this.align();
    this.header.render(scene);
    this.watch.render(scene, this.whole ? scene.view.watch : news.quotes);
    this.watch.flash(news.traded);
    this.strip.render(scene, this.paints);
    this.strip.tell(scene, scene);
    this.hops.render(scene, this.paints);
    this.legend.render(scene, this.chart.pointed, this.bands);
    this.legend.settle(this.chart.priceHeight);
    this.table.render(scene, this.bands, this.whole);
    this.speech.say(scene);
    this.whole = false;
    if (this.heardMs) this.paints.add(performance.now() - this.heardMs);
    this.heardMs = 0;
  }

  /** What the viewer did to one chart is done to all; never while the library draws. */
  align() {
    const led = this.comparison.lead(this.chart);
    if (led.second !== undefined) this.follow(led.second);
    else this.comparison.point(this.chart.pointed);
    this.chart.clear();
    if (this.chart.isBeyond) this.acts.older();
  }

  /** @param {Whole} scene */
  dress({ view, market, t }) {
    const { colours } = this;
    this.chart.dress(colours);
    this.chart.shape(view, everySecond(view));
    this.comparison.lay(view, colours, market, t);
    this.watch.lay(view.watch);
    mark(byId("legend"), "data-shape", view.mode);
    mark(byId("panes"), "data-shape", view.mode);
    show(byId("watch-empty"), view.watch.length === 0);
    for (const name of /** @type {const} */ (["mode", "axis"])) {
      for (const button of document.querySelectorAll(`button[data-${name}]`)) mark(button, "aria-pressed", String(button.getAttribute(`data-${name}`) === view[name]));
    }
  }

  /** @param {Whole} scene @param {News} news */
  draw(scene, news) {
    const { market, view } = scene;
    const { series } = market;
    if (!series) return;
    const through = this.comparison.through(market);
    const anew = this.whole || news.reset;
    if (news.marks || anew || news.seconds.size > 0 || through > this.plot.through) this.remark(scene, series);
    const broken = new Set(this.bands.filter(({ kind }) => kind === "gap" || kind === "lost").map(({ from }) => from));
    const axis = () => this.comparison.axis(market, through, everySecond(view));
    this.plot.draw(series, { seconds: news.seconds, averages: news.averages, anew, through, axis, broken });
    this.comparison.draw(scene, news, { anew, through, axis });
    this.open(scene, series);
  }

  /** @param {Scene} scene @param {Series} series */
  remark({ market, t }, series) {
    const { colours } = this;
    const first = series.bars[0]?.second ?? Infinity;
    this.bands = bands(market).filter(({ to }) => to >= first);
    this.chart.mark(this.bands, series.corrected, colours.bands.gap, (band) => caption(band, t));
    const trial = isTrial(standing(market)) ? market.notes.trialAt(market.clockUs) : null;
    this.chart.ghost(trial?.price ?? null, t("trial"), colours.dim);
  }

  /** The first sight of a symbol; until then its place is held. @param {Scene} scene @param {Series} series */
  open({ market, t }, series) {
    const empty = series.bars.length === 0;
    const none = empty && market.status !== null && series.completeFrom !== null;
    show(byId("blank"), empty);
    show(byId("blank-text"), none);
    write(byId("blank-text"), none ? t("no_trades") : "");
    if (!empty) this.plot.open(market, series);
    show(byId("now"), !empty && !this.chart.follows);
    byId("symbol").querySelector("h1 .skeleton")?.classList.remove("skeleton");
  }

  /** The crosshair on the bar `by` bars from where it is; gives its second. @param {number} by */
  step(by) {
    const bars = this.scene().market.series?.bars ?? [];
    const from = this.chart.pointed === null ? bars.length : place(bars, this.chart.pointed);
    return this.follow(bars[Math.min(Math.max(from + by, 0), bars.length - 1)]?.second ?? null);
  }

  /** The crosshair of all charts on a second. @param {number | null} second */
  follow(second) {
    const { series } = this.scene().market;
    if (second === null || !series) this.chart.unpoint();
    else this.plot.point(series, second);
    this.comparison.point(second);
    this.wake();
    return second;
  }
}

/** Symbols in step share the clock, so every second takes its place. @param {import("./types.js").View} view */
const everySecond = (view) => view.axis === "true" || view.compare.length > 0;

/** Prices with the digits of the symbol's own. @param {() => Scene} scene @param {string} [symbol] the chosen one if none is given @returns {import("./chart.js").Texts} */
const texts = (scene, symbol) => ({
  time: format.clock, minute: format.minutes, date: format.date, lots: format.whole,
  price: (value) => {
    const { market, symbol: chosen } = scene();
    const code = symbol ?? chosen ?? "";
    const last = market.seriesOf(code)?.last;
    return format.axisPrice(value, code, last ? [last.close, last.high, last.low] : []);
  },
});
