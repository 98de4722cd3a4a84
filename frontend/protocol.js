// What the server may say, checked field by field, and what the page says to it. Nothing unchecked goes further in.

/** @import { Average, Bar, Health, Phase, ServerMessage, Status, Subscription, SymbolInfo } from "./types.js" */

/** @typedef {Record<string, unknown>} Fields */
/** @typedef {(value: unknown) => boolean} Check */

/** @type {Check} */
export const text = (value) => typeof value === "string" && value.length > 0;
/** @type {Check} */
export const whole = (value) => Number.isSafeInteger(value) && /** @type {number} */ (value) >= 0;
/** @type {Check} */
export const positive = (value) => Number.isFinite(value) && /** @type {number} */ (value) > 0;
/** @type {Check} */
const amount = (value) => Number.isFinite(value) && /** @type {number} */ (value) >= 0;
/** @type {Check} */
export const finite = (value) => Number.isFinite(value);
/** @param {Check} check @returns {Check} */
export const maybe = (check) => (value) => value === undefined || value === null || check(value);
/** @param {...unknown} words @returns {Check} */
export const one = (...words) => (value) => words.includes(value);

const BAR = {
  symbol: text, second: whole, open: positive, high: positive, low: positive, close: positive, volume: whole, trades: whole,
  turnover: amount, vwap: positive, prior_volume: maybe(whole), day_volume: maybe(whole), buy_volume: maybe(whole),
  sell_volume: maybe(whole), auction: maybe(one("open", "close", "call")), last_trade_us: maybe(whole),
};
const AVERAGE = {
  symbol: text, second: whole, sma_5: maybe(positive), count_5: whole, sma_10: maybe(positive), count_10: whole,
  sma_15: maybe(positive), count_15: whole, trades: whole,
};
const GAP = { symbol: text, from_us: whole, to_us: whole, missing_lots: finite, state: one("open", "healed", "lost"), reason: text, at_us: maybe(whole) };
const PAUSE = { symbol: text, time_us: whole, direction: maybe(one("up", "down")) };
const DELAY = { symbol: text, time_us: whole, auction: one("open", "close") };
const TRIAL = { symbol: text, price: positive, size: whole, time: whole };
export const KIND = one("price", "average", "gap", "stale");
/** What a rule and its firing have in common. */
export const ALERT = { symbol: maybe(text), direction: maybe(one("up", "down")), level: maybe(positive), fast: maybe(whole), slow: maybe(whole), after_s: maybe(whole) };
const TOLD = { ...ALERT, id: text, alert: whole, second: whole, rule: KIND, before: maybe(finite), now: maybe(finite) };
const REPLAY = { day: text, speed: positive, state: one("waiting", "playing", "paused", "ended") };
const INFO = {
  symbol: text, name: maybe(text), name_en: maybe(text), exchange: maybe(text), market: maybe(text), security_type: maybe(text),
  reference_price: maybe(positive), previous_close: maybe(positive), limit_up: maybe(positive), limit_down: maybe(positive),
  board_lot: maybe(whole), trading_day: maybe(text),
};

/** @param {unknown} value @returns {Fields} */
export const fields = (value) => (typeof value === "object" && value !== null ? /** @type {Fields} */ (value) : {});

/** The named fields of `value`, absent ones null; null when one is impossible. @param {Record<string, Check>} shape @param {unknown} value @returns {Fields | null} */
export function record(shape, value) {
  const given = fields(value);
  /** @type {Fields} */
  const kept = {};
  for (const [name, check] of Object.entries(shape)) {
    if (!check(given[name])) return null;
    kept[name] = given[name] ?? null;
  }
  return kept;
}

export const bar = (/** @type {unknown} */ value) => /** @type {Bar | null} */ (/** @type {unknown} */ (record(BAR, value)));
export const average = (/** @type {unknown} */ value) => /** @type {Average | null} */ (/** @type {unknown} */ (record(AVERAGE, value)));

export const gap = (/** @type {unknown} */ value) => /** @type {import("./types.js").Gap | null} */ (/** @type {unknown} */ (record(GAP, value)));

/** @param {unknown} value @returns {SymbolInfo | null} */
export function symbolInfo(value) {
  const info = record(INFO, value);
  return info && /** @type {SymbolInfo} */ (/** @type {unknown} */ ({ ...info, last: bar(fields(value).last) }));
}

/** The items of a list answer that are what they should be. @template T @param {unknown} answer @param {(value: unknown) => T | null} parse */
export function items(answer, parse) {
  const { items: rows, next } = fields(answer);
  const kept = (Array.isArray(rows) ? rows : []).map(parse).filter((row) => row !== null);
  return { items: kept, next: typeof next === "string" || typeof next === "number" ? String(next) : null };
}

/** @param {unknown} value @param {Check} check */
const orNull = (value, check) => (check(value) ? value : null);
/** @param {unknown} value */
const number = (value) => /** @type {number | null} */ (orNull(value, finite));
/** @param {unknown} value */
const string = (value) => /** @type {string | null} */ (orNull(value, text));
/** @param {unknown} value */
const phase = (value) => /** @type {Phase | null} */ (orNull(value, one("pre_open", "trial", "open", "closing", "closed", "holiday")));

/** A hop and the numbers it carries; a state the page does not know is unknown, never ok. @param {unknown} value @param {string[]} [more] */
function hop(value, more = []) {
  const given = fields(value);
  const state = /** @type {Health} */ (orNull(given.state, one("ok", "stale", "down")) ?? "unknown");
  return { state, lag_ms: number(given.lag_ms), ...Object.fromEntries(more.map((name) => [name, number(given[name])])) };
}

/** The stamps of the path that the server knows, in their order. */
export const HOP_ENDS = /** @type {const} */ (["received", "produced", "bar_emitted", "average_emitted", "consumed", "pushed"]);

/** @param {unknown} value */
function quantiles(value) {
  const given = fields(value);
  return { p50_ms: number(given.p50_ms), p99_ms: number(given.p99_ms), impossible: number(given.impossible) };
}

const FEED = ["alive_through_us", "trades", "symbols", "open_gaps", "reconnects", "dead_letters"];

/** @param {Fields} given @returns {Status | null} */
export function status(given) {
  if (!whole(given.at_us)) return null;
  const hops = fields(given.hops);
  return /** @type {Status} */ ({
    type: "status", at_us: given.at_us,
    phase: phase(given.phase), next_phase: phase(given.next_phase), next_phase_at_us: number(given.next_phase_at_us),
    trading_day: string(given.trading_day),
    feed: hop(given.feed, FEED), kafka: hop(given.kafka), spark: hop(given.spark), database: hop(given.database, ["queue"]),
    latency: quantiles(given.latency), hops: Object.fromEntries(HOP_ENDS.map((end) => [end, quantiles(hops[end])])),
    exact_through: number(given.exact_through), exact_held_by: string(given.exact_held_by), broken: number(given.broken),
    halted: Array.isArray(given.halted) ? given.halted.filter(text) : null,
    delayed: items({ items: given.delayed }, (each) => record(DELAY, each)).items,
    replay: record(REPLAY, given.replay),
  });
}

/** @param {Fields} given */
function snapshot(given) {
  if (!text(given.symbol)) return null;
  const bars = items({ items: given.bars }, bar).items;
  const averages = items({ items: given.averages }, average).items;
  const sent = [given.bars, given.averages].reduce((/** @type {number} */ count, rows) => count + (Array.isArray(rows) ? rows.length : 0), 0);
  const rejected = sent - bars.length - averages.length;
  return { type: "snapshot", symbol: given.symbol, bars, averages, since: number(given.since), complete: given.complete === true, rejected };
}

/** @param {Fields} given */
function ack(given) {
  const refused = (Array.isArray(given.refused) ? given.refused : []).map(fields)
    .filter(({ symbol }) => text(symbol)).map(({ symbol, reason }) => ({ symbol, reason: string(reason) ?? "" }));
  return { type: "ack", id: number(given.id), refused };
}

/** @param {Record<string, Check>} shape */
const data = (shape) => (/** @type {Fields} */ given) => {
  const kept = record(shape, given.data);
  return kept && { type: given.type, data: kept };
};

/** @type {Record<string, (given: Fields) => object | null>} */
const PARSERS = {
  welcome: (given) => ({ type: "welcome", version: string(given.version), server_time_us: number(given.server_time_us), heartbeat_s: number(given.heartbeat_s) }),
  ack,
  snapshot,
  status,
  bar: data(BAR),
  average: data(AVERAGE),
  gap: data(GAP),
  pause: data(PAUSE),
  trial: data(TRIAL),
  alert: data(TOLD),
  error: (given) => ({ type: "error", id: number(given.id), code: number(given.code), message: string(given.message) ?? "" }),
  bye: (given) => ({ type: "bye", reason: string(given.reason) ?? "", reconnect_after_ms: number(given.reconnect_after_ms) }),
  pong: () => ({ type: "pong" }),
};

/** One frame as a value; what is not a message is one too, and never an exception. @param {unknown} frame @returns {ServerMessage} */
export function parse(frame) {
  /** @type {Fields} */
  let given;
  try {
    given = fields(JSON.parse(String(frame)));
  } catch (error) {
    return { type: "invalid", reason: error instanceof Error ? error.message : String(error) };
  }
  const name = String(given.type);
  if (!Object.hasOwn(PARSERS, name)) return { type: "unknown", name };
  const message = PARSERS[name]?.(given);
  return message ? /** @type {ServerMessage} */ (message) : { type: "invalid", reason: `a ${name} without its fields` };
}

/** @param {number} id @param {string[]} channels @param {string[]} symbols @param {number} [since] @returns {Subscription} */
export const subscribe = (id, channels, symbols, since) => ({ type: "subscribe", id, channels, symbols, ...(since === undefined ? {} : { since }) });

/** @param {number} id @param {string[]} channels @param {string[]} symbols @returns {Subscription} */
export const unsubscribe = (id, channels, symbols) => ({ type: "unsubscribe", id, channels, symbols });
