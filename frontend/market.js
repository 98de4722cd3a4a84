// All that the page knows, fed by messages; it says what changed and touches neither network nor screen.

/** @import { Bar, Health, ServerMessage, Snapshot, Status, SymbolInfo } from "./types.js" */

import { Day } from "./day.js";
import { date } from "./format.js";
import { nothingNew } from "./news.js";
import { Notes } from "./notes.js";
import { Quote } from "./quote.js";
import { Series } from "./series.js";

const RUNNING = ["trial", "open", "closing"];
export const HOPS = /** @type {const} */ (["feed", "kafka", "spark", "database"]);

export class Market {
  constructor() {
    /** @type {Map<string, SymbolInfo>} */
    this.infos = new Map();
    /** @type {Map<string, Quote>} */
    this.quotes = new Map();
    /** @type {Series | null} */
    this.series = null;
    /** The chosen symbol's day. */
    this.day = new Day();
    /** The symbols beside the chosen one. @type {Map<string, Series>} */
    this.compared = new Map();
    /** @type {Status | null} */
    this.status = null;
    /** The newest exchange time the page has heard of, µs; 0 before the first. */
    this.clockUs = 0;
    /** The newest exchange time in a bar, µs: what settles bars. The feed's own clock may be ahead of a pipeline that is behind. */
    this.tradedUs = 0;
    /** What is said of the chosen symbol. */
    this.notes = new Notes();
    /** @type {Map<string, string>} */
    this.refused = new Map();
    /** Since when (µs, server's clock) a hop, or the chain, is not ok. @type {Map<string, {state: Health, sinceUs: number}>} */
    this.troubles = new Map();
    this.news = nothingNew();
  }

  /** Starts an empty series; the old one is dropped. @param {string} symbol */
  choose(symbol) {
    this.series = new Series(symbol);
    this.day.clear(0);
    this.notes = new Notes();
    this.news = { ...nothingNew(), reset: true, status: true };
  }

  /** The symbols to be shown beside the chosen one; their series are kept while they are. @param {string[]} symbols */
  compare(symbols) {
    for (const symbol of this.compared.keys()) if (!symbols.includes(symbol)) this.compared.delete(symbol);
    for (const symbol of symbols) if (!this.compared.has(symbol)) this.compared.set(symbol, new Series(symbol));
    this.news.reset = true;
  }

  /** @param {string} symbol */
  seriesOf(symbol) {
    return symbol === this.series?.symbol ? this.series : this.compared.get(symbol);
  }

  /** What changed since the last call. */
  takeNews() {
    const news = this.news;
    this.news = nothingNew();
    return news;
  }

  /** Whether trades may come: the axis then runs with the feed's clock. */
  get runs() {
    return this.status?.phase ? RUNNING.includes(this.status.phase) : false;
  }

  /** The last second of the axis: the feed's clock while the market runs, else the last trade's. */
  get through() {
    const last = this.series?.last?.second ?? 0;
    return this.runs ? Math.max(last, Math.floor(this.clockUs / 1e6)) : last;
  }

  /** @param {string} symbol */
  quote(symbol) {
    let quote = this.quotes.get(symbol);
    if (!quote) this.quotes.set(symbol, (quote = new Quote()));
    return quote;
  }

  /** @param {SymbolInfo} info */
  inform(info) {
    this.infos.set(info.symbol, info);
    if (info.last && this.quote(info.symbol).take(info.last)) this.news.quotes.add(info.symbol);
    this.news.status = true;
  }

  /** Forgets the quotes nobody looks at. @param {string[]} symbols */
  keepQuotes(symbols) {
    for (const symbol of this.quotes.keys()) if (!symbols.includes(symbol)) this.quotes.delete(symbol);
  }

  /** @param {ServerMessage} message */
  take(message) {
    if (message.type === "bar") this.takeBar(message.data);
    else if (message.type === "snapshot") this.takeSnapshot(message);
    else if (message.type === "status") this.takeStatus(message);
    else if (message.type === "average") this.takeAverage(message.data);
    else if (message.type === "gap") this.note(message.data.symbol, (notes) => notes.tellGap(message.data));
    else if (message.type === "pause") this.note(message.data.symbol, (notes) => notes.tellPause(message.data));
    else if (message.type === "trial") this.note(message.data.symbol, (notes) => { notes.trial = message.data; });
    else if (message.type === "ack") for (const { symbol, reason } of message.refused) this.refused.set(symbol, reason);
  }

  /** @param {Bar} bar */
  takeBar(bar) {
    const before = this.tradedUs;
    this.hear(bar.last_trade_us ?? 0);
    if (this.quote(bar.symbol).take(bar)) {
      this.news.quotes.add(bar.symbol);
      this.news.traded.add(bar.symbol);
    }
    if (bar.symbol === this.series?.symbol) this.day.put(bar);
    const series = this.seriesOf(bar.symbol);
    if (series?.upsert(bar, before)) (series === this.series ? this.news.seconds : this.news.beside(bar.symbol)).add(bar.second);
    if (series?.trim()) this.news.reset = true;
  }

  /** What a bar's price is compared with: the reference price of its own day, else unknown. @param {string} symbol @param {Bar | null | undefined} bar */
  reference(symbol, bar) {
    const info = this.infos.get(symbol);
    return bar && info?.trading_day === date(bar.second) ? info.reference_price : null;
  }

  /** Whether the market runs and names or reference prices are not today's yet. @param {string[]} symbols */
  outdated(symbols) {
    const today = this.status?.trading_day;
    return this.runs && Boolean(today) && symbols.some((symbol) => this.infos.has(symbol) && this.infos.get(symbol)?.trading_day !== today);
  }

  /** @param {number} tradeUs */
  hear(tradeUs) {
    this.tradedUs = Math.max(this.tradedUs, tradeUs);
    this.clockUs = Math.max(this.clockUs, tradeUs);
  }

  /** @param {import("./types.js").Average} average */
  takeAverage(average) {
    if (average.symbol === this.series?.symbol && this.series.upsertAverage(average)) this.news.averages.add(average.second);
  }

  /** @param {Snapshot} snapshot */
  takeSnapshot({ symbol, bars, averages }) {
    const quote = this.quote(symbol);
    for (const bar of bars) {
      quote.take(bar);
      this.hear(bar.last_trade_us ?? 0);
    }
    this.news.quotes.add(symbol);
    this.takeHistory(symbol, bars);
    for (const average of averages) this.takeAverage(average);
  }

  /** Bars that are not live: many at once, so the chart is laid anew. @param {string} symbol @param {Bar[]} bars */
  takeHistory(symbol, bars) {
    const series = this.seriesOf(symbol);
    if (!series) return;
    if (series === this.series) for (const bar of bars) this.day.put(bar);
    if (bars.filter((bar) => series.upsert(bar, null)).length > 0) this.news.reset = true;
    series.trim();
  }

  /** @param {Status} status */
  takeStatus(status) {
    this.status = status;
    this.clockUs = Math.max(this.clockUs, status.feed.alive_through_us ?? 0);
    for (const hop of HOPS) this.trouble(hop, status[hop].state, status.at_us);
    this.trouble("chain", status.broken === null ? "unknown" : status.broken > 0 ? "down" : "ok", status.at_us);
    this.news.status = true;
  }

  /** @param {string} name @param {Health} state @param {number} atUs */
  trouble(name, state, atUs) {
    const held = this.troubles.get(name);
    if (state === "ok" || state === "unknown") this.troubles.delete(name);
    else if (held?.state !== state) this.troubles.set(name, { state, sinceUs: held?.sinceUs ?? atUs });
  }

  /** Only of the chosen symbol. @param {string} symbol @param {(notes: Notes) => void} take */
  note(symbol, take) {
    if (symbol !== this.series?.symbol) return;
    take(this.notes);
    this.news.marks = true;
  }
}
