// All that the page knows, fed by messages; it says what changed and touches neither network nor screen.

/** @import { Bar, Gap, Health, Pause, ServerMessage, Snapshot, Status, SymbolInfo } from "./types.js" */

import { date } from "./format.js";
import { Quote } from "./quote.js";
import { Series } from "./series.js";

const RUNNING = ["trial", "open", "closing"];
const MOST_NOTES = 200;
export const HOPS = /** @type {const} */ (["feed", "kafka", "spark", "database"]);

export class Market {
  constructor() {
    /** @type {Map<string, SymbolInfo>} */
    this.infos = new Map();
    /** @type {Map<string, Quote>} */
    this.quotes = new Map();
    /** @type {Series | null} */
    this.series = null;
    /** @type {Status | null} */
    this.status = null;
    /** The newest exchange time the page has heard of, µs; 0 before the first. */
    this.clockUs = 0;
    /** The newest exchange time in a bar, µs: what settles bars. The feed's own clock may be ahead of a pipeline that is behind. */
    this.tradedUs = 0;
    /** Gaps and pauses of the chosen symbol. @type {Map<string, Gap>} */
    this.gaps = new Map();
    /** @type {Map<number, Pause>} */
    this.pauses = new Map();
    /** @type {Map<string, string>} */
    this.refused = new Map();
    /** Since when (µs, server's clock) a hop is not ok. @type {Map<string, {state: Health, sinceUs: number}>} */
    this.troubles = new Map();
    this.news = nothingNew();
  }

  /** Starts an empty series; the old one is dropped. @param {string} symbol */
  choose(symbol) {
    this.series = new Series(symbol);
    this.gaps.clear();
    this.pauses.clear();
    this.news = { ...nothingNew(), reset: true, status: true };
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
    else if (message.type === "gap") this.note(message.data.symbol, this.gaps, `${message.data.from_us}:${message.data.to_us}`, message.data);
    else if (message.type === "pause") this.note(message.data.symbol, this.pauses, message.data.time_us, message.data);
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
    if (bar.symbol === this.series?.symbol && this.series.upsert(bar, before)) this.news.seconds.add(bar.second);
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
    if (symbol !== this.series?.symbol) return;
    this.takeHistory(symbol, bars);
    for (const average of averages) this.takeAverage(average);
  }

  /** Bars that are not live: many at once, so the chart is laid anew. @param {string} symbol @param {Bar[]} bars */
  takeHistory(symbol, bars) {
    if (symbol !== this.series?.symbol) return;
    const { series } = this;
    if (bars.filter((bar) => series.upsert(bar, null)).length > 0) this.news.reset = true;
  }

  /** @param {Status} status */
  takeStatus(status) {
    this.status = status;
    this.clockUs = Math.max(this.clockUs, status.feed.alive_through_us ?? 0);
    for (const hop of HOPS) {
      const { state } = status[hop];
      if (state === "ok" || state === "unknown") this.troubles.delete(hop);
      else if (this.troubles.get(hop)?.state !== state) this.troubles.set(hop, { state, sinceUs: this.troubles.get(hop)?.sinceUs ?? status.at_us });
    }
    this.news.status = true;
  }

  /** Keeps a note of the chosen symbol, the newest few hundred. @template K, N @param {string} symbol @param {Map<K, N>} notes @param {K} key @param {N} note */
  note(symbol, notes, key, note) {
    if (symbol !== this.series?.symbol) return;
    notes.set(key, note);
    if (notes.size > MOST_NOTES) notes.delete(/** @type {K} */ (notes.keys().next().value));
    this.news.marks = true;
  }
}

const nothingNew = () => ({
  /** The chart must be laid anew. */
  reset: false,
  marks: false,
  status: false,
  /** Seconds of the chosen symbol whose bar changed. @type {Set<number>} */
  seconds: new Set(),
  /** @type {Set<number>} */
  averages: new Set(),
  /** Symbols whose quote changed, and those that really traded just now. @type {Set<string>} */
  quotes: new Set(),
  /** @type {Set<string>} */
  traded: new Set(),
});

/** @typedef {ReturnType<typeof nothingNew>} News */
