// Brings the bars before the snapshot, and those a reconnect could not: merged by the same rule, so no seam shows.

/** @import { Market } from "./market.js" */
/** @import { Snapshot } from "./types.js" */

import { dayStart } from "./averages.js";
import { backoff } from "./feed.js";
import * as history from "./history.js";
import { KEPT_S } from "./series.js";

/** Repairs reach back minutes: a reconnect asks again for as much. */
const REPLAY_S = 300;

export class Past {
  /** @param {Market} market @param {() => void} onChange */
  constructor(market, onChange) {
    this.market = market;
    this.onChange = onChange;
    this.wanted = new AbortController();
    this.fails = false;
    this.loading = false;
  }

  /** Another symbol: what was under way is of no use. */
  drop() {
    this.wanted.abort();
    this.wanted = new AbortController();
    this.fails = false;
    this.loading = false;
  }

  /** From which second on to ask again after a break; undefined: the server's own quarter of an hour. */
  get since() {
    const last = this.market.series?.last;
    return last && Math.max(0, last.second - REPLAY_S);
  }

  /** A snapshot of the chosen symbol has been merged: what lies before it? @param {Snapshot} snapshot */
  follow(snapshot) {
    const { series } = this.market;
    if (!series || snapshot.symbol !== series.symbol) return;
    const last = series.last?.second ?? this.market.infos.get(series.symbol)?.last?.second;
    if (last === undefined) return;
    const start = Math.max(dayStart(last), last - KEPT_S);
    const first = snapshot.complete ? snapshot.bars[0]?.second ?? last + 1 : last + 1;
    // After a reconnect too, the whole day: a late trade may have corrected any second of it meanwhile.
    this.load(series.symbol, start, first);
  }

  /** @param {string} symbol @param {number} start @param {number} end */
  async load(symbol, start, end) {
    const { signal } = this.wanted;
    this.loading = true;
    for (let tries = 0; !signal.aborted; tries++) {
      try {
        const bars = await history.bars(symbol, start, end, signal);
        if (signal.aborted) return;
        this.merge(symbol, start, bars);
        return;
      } catch {
        // Network, deadline or a 5xx: the notice says so, and it is tried again until the symbol changes.
        this.fails = !signal.aborted;
        this.onChange();
        await new Promise((resolve) => setTimeout(resolve, backoff(tries, Math.random())));
      }
    }
  }

  /** @param {string} symbol @param {number} start @param {import("./types.js").Bar[]} bars */
  merge(symbol, start, bars) {
    const { series } = this.market;
    if (series?.symbol !== symbol) return;
    series.completeFrom = Math.min(series.completeFrom ?? start, start);
    this.market.takeHistory(symbol, bars);
    this.fails = false;
    this.loading = false;
    this.onChange();
  }
}
