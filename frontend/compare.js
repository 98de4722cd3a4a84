// Up to three symbols beside the chosen one, each in its own chart, in step with it: one axis, one crosshair.

/** @import { Scene } from "./header.js" */
/** @import { Market } from "./market.js" */
/** @import { News } from "./news.js" */
/** @import { Texts } from "./chart.js" */
/** @import { View } from "./types.js" */

import { Chart } from "./chart.js";
import { element, mark, show, write } from "./dom.js";
import * as format from "./format.js";
import { nameOf } from "./i18n.js";
import { Plot } from "./plot.js";
import { axis, place } from "./series.js";

const NONE = new Set();

/** @typedef {{root: HTMLElement, name: HTMLElement, time: HTMLElement, price: HTMLElement, change: HTMLElement, remove: HTMLElement, plot: Plot}} Cell */
/** @typedef {{choose(symbol: string): void, beside(symbol: string): void, wake(): void}} Acts */

export class Comparison {
  /** @param {HTMLElement} root @param {Acts} acts @param {(scene: () => Scene, symbol: string) => Texts} texts */
  constructor(root, acts, texts) {
    this.root = root;
    this.acts = acts;
    this.texts = texts;
    /** @type {Map<string, Cell>} */
    this.cells = new Map();
    /** @type {Scene | null} */
    this.scene = null;
    /** @type {number | null} */
    this.pointed = null;
    /** The chart the viewer touched last, since the last frame. @type {Chart | null} */
    this.leader = null;
    this.left = false;
  }

  /** Cells for the symbols of the view; those that stay are kept. @param {View} view @param {import("./chart.js").Palette} colours @param {Market} market @param {Scene["t"]} t */
  lay(view, colours, market, t) {
    for (const [symbol, cell] of this.cells) {
      if (view.compare.includes(symbol)) continue;
      if (this.leader === cell.plot.chart) this.leader = null;
      cell.plot.chart.remove();
      cell.root.remove();
      this.cells.delete(symbol);
    }
    for (const symbol of view.compare) {
      const cell = this.cells.get(symbol) ?? this.add(symbol, market);
      cell.plot.chart.dress(colours);
      cell.plot.chart.shape(view, true);
      mark(cell.remove, "aria-label", t("compare_remove", { symbol }));
    }
    show(this.root, this.cells.size > 0);
    mark(/** @type {Element} */ (this.root.parentElement), "data-charts", String(this.cells.size + 1));
  }

  /** @param {string} symbol @param {Market} market @returns {Cell} */
  add(symbol, market) {
    const root = this.root.appendChild(element("section", "cell-chart"));
    const head = root.appendChild(element("header", "cell-head"));
    const name = head.appendChild(element("button", "name"));
    const part = (/** @type {string} */ kind) => head.appendChild(element("span", kind));
    const [price, change, time] = [part("last"), part("change"), part("at")];
    const remove = head.appendChild(element("button", "remove", "×"));
    const box = root.appendChild(element("div", "chart"));
    name.onclick = () => this.acts.choose(symbol);
    remove.onclick = () => this.acts.beside(symbol);
    const texts = this.texts(() => this.scene ?? /** @type {any} */ ({ market, symbol }), symbol);
    const chart = new Chart(box, texts, this.hands(symbol), { plain: true });
    box.addEventListener("pointerenter", () => { this.leader = chart; });
    box.addEventListener("pointerleave", () => {
      [this.leader, this.left] = [null, true];
      this.acts.wake();
    });
    const cell = { root, name, time, price, change, remove, plot: new Plot(chart) };
    root.dataset.symbol = symbol;
    this.cells.set(symbol, cell);
    return cell;
  }

  /** @param {string} symbol @returns {import("./chart.js").Hands} */
  hands(symbol) {
    return { onPoint: () => this.acts.wake(), onPick: () => this.acts.choose(symbol), onRange: () => this.acts.wake() };
  }

  /** The last second of the common axis. @param {Market} market */
  through(market) {
    return Math.max(market.through, ...[...market.compared.values()].map((series) => series.last?.second ?? 0));
  }

  /** The common axis: the seconds of any of them. @param {Market} market @param {number} through @param {boolean} everySecond */
  axis(market, through, everySecond) {
    const all = [market.series, ...market.compared.values()].flatMap((series) => (series && series.bars.length > 0 ? [axis(series, through, everySecond)] : []));
    return all.length < 2 ? all[0] ?? [] : [...new Set(all.flat())].sort((one, other) => one - other);
  }

  /** @param {Scene} scene @param {News} news @param {{anew: boolean, through: number, axis: () => number[]}} fresh */
  draw(scene, news, fresh) {
    this.scene = scene;
    for (const [symbol, cell] of this.cells) {
      const series = scene.market.compared.get(symbol);
      if (!series) continue;
      cell.plot.draw(series, { ...fresh, seconds: news.others.get(symbol) ?? NONE, averages: NONE });
      cell.plot.open(scene.market, series);
      this.fill(cell, symbol, scene);
    }
  }

  /** @param {Cell} cell @param {string} symbol @param {Scene} scene */
  fill(cell, symbol, { market, lang }) {
    const bars = market.compared.get(symbol)?.bars ?? [];
    const bar = this.pointed === null ? bars.at(-1) : bars[place(bars, this.pointed + 1) - 1];
    const change = format.change(bar?.close, market.reference(symbol, bar));
    write(cell.name, `${nameOf(market.infos.get(symbol), lang) || symbol} ${symbol}`);
    write(cell.price, format.price(bar?.close, symbol));
    write(cell.change, change ? `${change.mark} ${format.signed(change.percent, 2)}%`.trim() : format.UNKNOWN);
    write(cell.time, bar ? format.clock(bar.second) : format.UNKNOWN);
    mark(cell.root, "data-sign", change ? String(change.sign) : "");
  }

  /** @param {number | null} second */
  point(second) {
    if (second === this.pointed) return;
    this.pointed = second;
    for (const [symbol, { plot }] of this.cells) {
      if (plot.chart === this.leader) continue;
      const series = this.scene?.market.compared.get(symbol);
      if (second === null || !series) plot.chart.unpoint();
      else plot.point(series, second);
    }
  }

  /** All charts show what the one under the pointer shows, else what `main` does; gives its second when it is another. @param {Chart} main @returns {{second?: number | null}} */
  lead(main) {
    const leader = this.leader ?? main;
    const { range } = leader;
    const others = [main, ...[...this.cells.values()].map(({ plot }) => plot.chart)].filter((chart) => chart !== leader);
    if (range) for (const chart of others) chart.step(range);
    if (this.left) {
      this.left = false;
      return { second: null };
    }
    return leader === main || leader.pointed === main.pointed ? {} : { second: leader.pointed };
  }
}
