// Brings the bars before the snapshot, and those a reconnect could not: merged by the same rule, so no seam shows.

/** @import { Market } from "./market.js" */
/** @import { Snapshot } from "./types.js" */

import { dayStart } from "./averages.js";
import { backoff } from "./feed.js";
import * as history from "./history.js";

/** Repairs reach back minutes: a reconnect asks again for as much. */
const REPLAY_S = 300;
/** No snapshot without a `since` reaches further. */
const SNAPSHOT_S = 1_000;
/** How many bars one look to the left brings. */
const LOOK_BARS = 3_000;
/** Bars kept of what was looked at: four sessions of a busy symbol. */
const MOST_BARS = 65_000;

export class Past {
  /** @param {Market} market @param {string} symbol @param {() => void} onChange */
  constructor(market, symbol, onChange) {
    this.market = market;
    this.symbol = symbol;
    this.onChange = onChange;
    this.wanted = new AbortController();
    this.fails = false;
    this.loading = false;
    this.ended = false;
  }

  get series() {
    return this.market.seriesOf(this.symbol);
  }

  /** Nobody looks any more: what was under way is of no use. */
  drop() {
    this.wanted.abort();
  }

  /** From which second on to ask again after a break; undefined: the server's own quarter of an hour. */
  get since() {
    const last = this.series?.last;
    return last && Math.max(0, last.second - REPLAY_S);
  }

  /** A snapshot has been merged: what lies before it? @param {Snapshot} snapshot */
  async follow(snapshot) {
    const last = this.series?.last?.second ?? this.market.infos.get(this.symbol)?.last?.second ?? (await this.latest(snapshot));
    const { series } = this;
    if (!series || last === undefined) return;
    if (this.market.status && !this.market.runs) series.keepFrom ??= dayStart(last);
    const first = snapshot.complete ? snapshot.bars[0]?.second ?? last + 1 : last + 1;
    // After a reconnect too, the whole day: a late trade may have corrected any second of it meanwhile.
    this.load(dayStart(last), first);
    this.ask();
  }

  /** The last second that traded before a snapshot without bars; when there is none, that is an answer too. @param {Snapshot} snapshot */
  async latest({ since }) {
    if (since === null) return undefined;
    const bars = await this.brought((signal) => history.before(this.symbol, since + SNAPSHOT_S, 1, signal));
    this.loading = false;
    if (this.series && bars?.length === 0) this.series.completeFrom ??= since;
    this.onChange();
    return bars?.[0]?.second;
  }

  /** The market is over: the whole last session is worth seeing. */
  rest() {
    const { series } = this;
    if (!series?.last || series.keepFrom !== null || series.completeFrom === null) return;
    series.keepFrom = dayStart(series.last.second);
    this.load(series.keepFrom, series.bars[0]?.second ?? series.last.second);
  }

  /** The viewer looks further left than the bars reach: one look brings an hour, be it of another day. */
  async older() {
    const { series } = this;
    const first = series?.bars[0]?.second;
    if (!series || first === undefined || series.completeFrom === null || this.loading || this.ended) return;
    const bars = await this.brought((signal) => history.before(this.symbol, first, LOOK_BARS, signal));
    if (!bars) return;
    this.ended = bars.length === 0 || series.bars.length > MOST_BARS;
    const from = bars[0]?.second ?? first;
    series.keepFrom = Math.min(series.keepFrom ?? from, from);
    this.merge(from, bars);
  }

  /** The viewer is back at the newest second: the last minutes are enough again. */
  forget() {
    const { series } = this;
    if (!series || !this.market.runs || series.keepFrom === null) return;
    series.keepFrom = null;
    this.ended = false;
    if (series.trim()) this.market.news.reset = true;
  }

  /** What is known of gaps; a failure is told by the bars' own. */
  async ask() {
    const { notes } = this.market;
    if (this.series !== this.market.series) return;
    const gaps = await history.gaps(this.symbol, this.wanted.signal).catch(() => []);
    for (const gap of gaps.toReversed()) notes.tellGap(gap);
    if (gaps.length === 0 || notes !== this.market.notes) return;
    this.market.news.marks = true;
    this.onChange();
  }

  /** @param {number} start @param {number} end */
  async load(start, end) {
    const bars = await this.brought((signal) => history.bars(this.symbol, start, end, signal));
    if (bars) this.merge(start, bars);
  }

  /** What is asked for, however often it takes; nothing when nobody looks any more. @template T @param {(signal: AbortSignal) => Promise<T>} ask */
  async brought(ask) {
    const { signal } = this.wanted;
    this.loading = true;
    for (let tries = 0; !signal.aborted; tries++) {
      try {
        const found = await ask(signal);
        return signal.aborted ? undefined : found;
      } catch {
        // Network, deadline or a 5xx: the notice says so, and it is tried again until the symbol changes.
        this.fails = !signal.aborted;
        this.onChange();
        await new Promise((resolve) => setTimeout(resolve, backoff(tries, Math.random())));
      }
    }
    return undefined;
  }

  /** @param {number} start @param {import("./types.js").Bar[]} bars */
  merge(start, bars) {
    const { series } = this;
    if (!series) return;
    series.completeFrom = Math.max(Math.min(series.completeFrom ?? start, start), series.floor);
    this.market.takeHistory(this.symbol, bars);
    this.fails = false;
    this.loading = false;
    this.onChange();
  }
}
