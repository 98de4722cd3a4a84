// Which symbols are looked at, and so what is asked of the server.

/** @import { Feed } from "./feed.js" */
/** @import { Market } from "./market.js" */
/** @import { Past } from "./past.js" */
/** @import { Subscription } from "./types.js" */

import { subscribe, unsubscribe } from "./protocol.js";

const CHOSEN = ["bars", "averages", "status"];

export class Desk {
  /** @param {Market} market @param {Past} past @param {Pick<Feed, "send">} feed */
  constructor(market, past, feed) {
    this.market = market;
    this.past = past;
    this.feed = feed;
    this.asked = 0;
    /** @type {string | null} */
    this.symbol = null;
    /** @type {string[]} */
    this.watch = [];
  }

  /** What a new connection asks for: the chosen symbol since what is held, the others' last minutes. @returns {Subscription[]} */
  subscriptions() {
    if (!this.symbol) return [];
    const others = this.watch.filter((symbol) => symbol !== this.symbol);
    const asks = [subscribe(++this.asked, CHOSEN, [this.symbol], this.past.since)];
    return others.length > 0 ? [...asks, subscribe(++this.asked, ["bars"], others)] : asks;
  }

  /** @param {string} symbol */
  choose(symbol) {
    const before = this.symbol;
    this.symbol = symbol;
    this.past.drop();
    this.market.choose(symbol);
    this.market.keepQuotes([...this.watch, symbol]);
    if (before) this.leave(before);
    this.feed.send(subscribe(++this.asked, CHOSEN, [symbol]));
  }

  /** A symbol on the watch list keeps its bars; its averages nobody sees. @param {string} symbol */
  leave(symbol) {
    const channels = this.watch.includes(symbol) ? ["averages"] : ["bars", "averages"];
    this.feed.send(unsubscribe(++this.asked, channels, [symbol]));
  }

  /** @param {string[]} watch */
  keep(watch) {
    const added = watch.filter((symbol) => !this.watch.includes(symbol) && symbol !== this.symbol);
    const gone = this.watch.filter((symbol) => !watch.includes(symbol) && symbol !== this.symbol);
    this.watch = watch;
    this.market.keepQuotes([...watch, this.symbol ?? ""]);
    if (added.length > 0) this.feed.send(subscribe(++this.asked, ["bars"], added));
    if (gone.length > 0) this.feed.send(unsubscribe(++this.asked, ["bars"], gone));
  }
}
