// Which symbols are looked at, and so what is asked of the server.

/** @import { Feed } from "./feed.js" */
/** @import { Market } from "./market.js" */
/** @import { Snapshot, Subscription } from "./types.js" */

import { Past } from "./past.js";
import { subscribe, unsubscribe } from "./protocol.js";

const CHOSEN = ["bars", "averages", "status"];

export class Desk {
  /** @param {Market} market @param {Pick<Feed, "send">} feed @param {() => void} onChange history came, or does not come */
  constructor(market, feed, onChange) {
    this.market = market;
    this.feed = feed;
    this.onChange = onChange;
    this.asked = 0;
    /** @type {string | null} */
    this.symbol = null;
    /** @type {string[]} */
    this.watch = [];
    /** @type {string[]} */
    this.compared = [];
    /** The histories of what is drawn. @type {Map<string, Past>} */
    this.pasts = new Map();
  }

  /** The chosen symbol's. @returns {Past | undefined} */
  get past() {
    return this.pasts.get(this.symbol ?? "");
  }

  /** What a new connection asks for: what is drawn since what is held, the others' last minutes. @returns {Subscription[]} */
  subscriptions() {
    if (!this.symbol) return [];
    const others = this.watch.filter((symbol) => !this.pasts.has(symbol));
    const asks = [subscribe(++this.asked, CHOSEN, [this.symbol], this.past?.since)];
    for (const symbol of this.compared) asks.push(subscribe(++this.asked, ["bars"], [symbol], this.pasts.get(symbol)?.since));
    if (others.length > 0) asks.push(subscribe(++this.asked, ["bars"], others));
    // What fired while nobody listened; up to a minute after the second it fired for.
    const { status } = this.market;
    return [...asks, subscribe(++this.asked, ["alerts"], ["*"], status ? Math.floor(status.at_us / 1e6) - 60 : undefined)];
  }

  /** @param {Snapshot} snapshot */
  follow(snapshot) {
    this.pasts.get(snapshot.symbol)?.follow(snapshot);
  }

  /** The market is over. */
  rest() {
    for (const past of this.pasts.values()) past.rest();
  }

  /** @param {string} symbol */
  choose(symbol) {
    const before = this.symbol;
    this.symbol = symbol;
    this.compared = this.compared.filter((each) => each !== symbol);
    this.market.compare(this.compared);
    this.market.choose(symbol);
    this.draw([symbol]);
    this.forget();
    if (before) this.leave(before);
    this.feed.send(subscribe(++this.asked, CHOSEN, [symbol]));
  }

  /** A symbol on the watch list keeps its bars; its averages nobody sees. @param {string} symbol */
  leave(symbol) {
    const stays = this.watch.includes(symbol) || this.compared.includes(symbol);
    this.feed.send(unsubscribe(++this.asked, stays ? ["averages"] : ["bars", "averages"], [symbol]));
  }

  /** @param {string[]} watch */
  keep(watch) {
    const added = watch.filter((symbol) => !this.watch.includes(symbol) && !this.pasts.has(symbol));
    const gone = this.watch.filter((symbol) => !watch.includes(symbol) && !this.pasts.has(symbol));
    this.watch = watch;
    this.forget();
    if (added.length > 0) this.feed.send(subscribe(++this.asked, ["bars"], added));
    if (gone.length > 0) this.feed.send(unsubscribe(++this.asked, ["bars"], gone));
  }

  /** The symbols drawn beside the chosen one; each is asked for whole. @param {string[]} symbols */
  compare(symbols) {
    const added = symbols.filter((symbol) => !this.compared.includes(symbol));
    const gone = this.compared.filter((symbol) => !symbols.includes(symbol) && !this.watch.includes(symbol));
    this.compared = symbols;
    this.market.compare(symbols);
    this.draw(added);
    this.forget();
    for (const symbol of added) this.feed.send(subscribe(++this.asked, ["bars"], [symbol]));
    if (gone.length > 0) this.feed.send(unsubscribe(++this.asked, ["bars"], gone));
  }

  /** Their series begin anew, and so do their histories. @param {string[]} symbols */
  draw(symbols) {
    for (const symbol of symbols) {
      this.pasts.get(symbol)?.drop();
      this.pasts.set(symbol, new Past(this.market, symbol, this.onChange));
    }
  }

  /** What nobody looks at any more. */
  forget() {
    const drawn = [this.symbol, ...this.compared];
    for (const [symbol, past] of this.pasts) {
      if (drawn.includes(symbol)) continue;
      past.drop();
      this.pasts.delete(symbol);
    }
    this.market.keepQuotes([...this.watch, ...this.compared, this.symbol ?? ""]);
  }
}
