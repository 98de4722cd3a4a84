// Paints what is new, at most once a frame.

/** @import { Scene } from "./header.js" */
/** @import { News } from "./market.js" */
/** @import { Past } from "./past.js" */

import { Chart } from "./chart.js";
import { byId, mark, show, write } from "./dom.js";
import * as format from "./format.js";
import { Header } from "./header.js";
import { nameOf } from "./i18n.js";
import { Legend, caption } from "./legend.js";
import { bands } from "./marks.js";
import { place } from "./series.js";
import { Paints, StatusStrip } from "./status.js";
import { palette } from "./theme.js";
import { WatchList } from "./watchlist.js";

const MANY = 300;
const SPOKEN_MS = 15_000;

export class Screen {
  /**
   * @param {{choose(symbol: string): void, remove(symbol: string): void}} acts
   * @param {Past} past
   * @param {() => Scene & {quietMs: number, view: import("./types.js").View}} scene
   */
  constructor(acts, past, scene) {
    this.past = past;
    this.scene = scene;
    const price = (/** @type {number} */ value) => {
      const { market, symbol } = scene();
      const last = market.series?.last;
      return format.axisPrice(value, symbol ?? "", last ? [last.close, last.high, last.low] : []);
    };
    this.chart = new Chart(byId("chart"), { time: format.clock, minute: format.minutes, date: format.date, price, lots: format.whole }, () => this.wake());
    this.header = new Header(byId("symbol"));
    this.legend = new Legend(byId("legend"), byId("volume-legend"));
    this.legend.onHeight = (below) => { this.chart.painter.top = below + 4; };
    this.strip = new StatusStrip(byId("status"), byId("notice"));
    this.watch = new WatchList(byId("watch"), acts);
    this.paints = new Paints();
    /** @type {import("./marks.js").Band[]} */
    this.bands = [];
    this.through = 0;
    this.opened = false;
    this.whole = true;
    this.heardMs = 0;
    this.spokenMs = 0;
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
    this.chart.unpoint();
    this.chart.now();
    this.wake();
  }

  /** Another symbol: the chart opens at its newest minutes. */
  reopen() {
    this.opened = false;
    this.chart.unpoint();
    this.renew();
  }

  frame() {
    this.due = 0;
    const scene = this.scene();
    const news = scene.market.takeNews();
    if (this.whole) this.dress(scene);
    this.draw(scene, news);
    this.header.render(scene);
    this.watch.render(scene, this.whole ? scene.view.watch : news.quotes);
    this.watch.flash(news.traded);
    this.strip.render(scene, this.paints);
    this.strip.tell(scene, { link: scene.link, quietMs: scene.quietMs, historyFails: this.past.fails });
    this.legend.render(scene, this.chart.pointed, this.bands);
    this.legend.settle(this.chart.priceHeight);
    this.speak(scene);
    this.whole = false;
    if (this.heardMs) this.paints.add(performance.now() - this.heardMs);
    this.heardMs = 0;
  }

  /** @param {ReturnType<Screen["scene"]>} scene */
  dress({ view }) {
    this.chart.dress(palette());
    this.chart.shape(view);
    this.watch.lay(view.watch);
    mark(byId("legend"), "data-shape", view.mode);
    show(byId("watch-empty"), view.watch.length === 0);
    for (const name of /** @type {const} */ (["mode", "axis"])) {
      for (const button of document.querySelectorAll(`[data-${name}]`)) mark(button, "aria-pressed", String(button.getAttribute(`data-${name}`) === view[name]));
    }
  }

  /** @param {Scene} scene @param {News} news */
  draw(scene, news) {
    const { series, through } = scene.market;
    if (!series) return;
    const changed = new Set([...news.seconds, ...news.averages]);
    const moved = through > this.through || changed.size > 0;
    if (news.marks || moved || news.reset || this.whole) this.remark(scene, series);
    const broken = new Set(this.bands.filter(({ kind }) => kind === "gap" || kind === "lost").map(({ from }) => from));
    const anew = this.whole || news.reset || changed.size > MANY || through - this.through > MANY;
    if (anew || (moved && !this.chart.update(series, news, this.through, through, broken))) this.chart.lay(series, through, broken);
    this.through = through;
    const held = this.chart.held === null ? undefined : series.barAt(this.chart.held);
    if (held && (anew || moved)) this.chart.point(held);
    this.open(scene);
  }

  /** @param {Scene} scene @param {import("./series.js").Series} series */
  remark(scene, series) {
    this.bands = bands(scene.market);
    this.chart.mark(this.bands, series.corrected, palette().bands.gap, (band) => caption(band, scene.t));
  }

  /** The first sight of a symbol; until then its place is held. @param {Scene} scene */
  open({ market, t }) {
    const empty = (market.series?.bars.length ?? 0) === 0;
    const none = empty && market.status !== null && market.series?.completeFrom !== null;
    show(byId("blank"), empty);
    show(byId("blank-text"), none);
    write(byId("blank-text"), none ? t("no_trades") : "");
    if (!empty && !this.opened) this.look(market);
    show(byId("now"), !empty && !this.chart.follows);
    byId("symbol").querySelector("h1 .skeleton")?.classList.remove("skeleton");
  }

  /** The session's end is only worth seeing with the session before it. @param {import("./market.js").Market} market */
  look(market) {
    const last = market.series?.last;
    if (!last || !market.status) return;
    this.opened = market.runs || market.series?.completeFrom !== null;
    this.chart.opening(!market.runs, Math.max(format.tickDecimals(last.close, last.symbol), format.decimalsOf(last.close)));
  }

  /** A sentence for those who listen, four times a minute. @param {Scene} scene */
  speak({ market, t, lang, symbol }) {
    const nowMs = performance.now();
    const last = market.series?.last;
    if (!last || !symbol || nowMs - this.spokenMs < SPOKEN_MS) return;
    this.spokenMs = nowMs;
    const change = format.change(last.close, market.reference(symbol, last));
    const said = change ? `${format.signed(change.difference, 2)} (${format.signed(change.percent, 2)}%)` : format.UNKNOWN;
    write(byId("summary"), t("summary", { name: nameOf(market.infos.get(symbol), lang) || symbol, price: format.price(last.close, symbol), change: said }));
  }

  /** The crosshair on the bar `by` bars from where it is. @param {number} by */
  step(by) {
    const bars = this.scene().market.series?.bars ?? [];
    const from = this.chart.pointed === null ? bars.length : place(bars, this.chart.pointed);
    const bar = bars[Math.min(Math.max(from + by, 0), bars.length - 1)];
    if (bar) this.chart.point(bar);
    this.wake();
  }
}
