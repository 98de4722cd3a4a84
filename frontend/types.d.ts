/** The shapes that cross the wire (contract: HTTP, WebSocket) and the few that the page's own modules share. */

export interface Bar {
  symbol: string;
  /** Epoch second; the bar covers [second, second + 1). */
  second: number;
  open: number;
  high: number;
  low: number;
  close: number;
  /** Board lots. */
  volume: number;
  trades: number;
  turnover: number;
  vwap: number;
  prior_volume: number | null;
  day_volume: number | null;
  buy_volume: number | null;
  sell_volume: number | null;
  auction: "open" | "close" | "call" | null;
  last_trade_us: number | null;
}

export interface Windows {
  sma_5: number | null;
  count_5: number;
  sma_10: number | null;
  count_10: number;
  sma_15: number | null;
  count_15: number;
  /** Trades in the bars of the longest window: of two rows the one with more is the newer. */
  trades: number;
}

export interface Average extends Windows {
  symbol: string;
  second: number;
}

export interface Gap {
  symbol: string;
  from_us: number;
  to_us: number;
  missing_lots: number;
  state: "open" | "healed" | "lost";
  reason: string;
  /** When this was told: of two records of one gap the later is the newer. */
  at_us: number | null;
}

export interface Pause {
  symbol: string;
  time_us: number;
  direction: "up" | "down" | null;
}

/** A match that does not count: an indicative price. */
export interface Trial {
  symbol: string;
  price: number;
  size: number;
  /** µs. */
  time: number;
}

export interface SymbolInfo {
  symbol: string;
  name: string | null;
  name_en: string | null;
  exchange: string | null;
  market: string | null;
  security_type: string | null;
  reference_price: number | null;
  previous_close: number | null;
  limit_up: number | null;
  limit_down: number | null;
  board_lot: number | null;
  trading_day: string | null;
  last: Bar | null;
}

export type Phase = "pre_open" | "trial" | "open" | "closing" | "closed" | "holiday";
export type Health = "ok" | "stale" | "down" | "unknown";

export interface Hop {
  state: Health;
  lag_ms: number | null;
}

/** Of the last minute, ms. */
export interface Quantiles {
  p50_ms: number | null;
  p99_ms: number | null;
  /** How many took less than no time, as two clocks differ. */
  impossible: number | null;
}

export interface Status {
  type: "status";
  at_us: number;
  phase: Phase | null;
  next_phase: Phase | null;
  next_phase_at_us: number | null;
  trading_day: string | null;
  feed: Hop & {
    alive_through_us: number | null;
    trades: number | null;
    symbols: number | null;
    open_gaps: number | null;
    reconnects: number | null;
    dead_letters: number | null;
  };
  kafka: Hop;
  spark: Hop;
  database: Hop & { queue: number | null };
  latency: Quantiles;
  /** How long the hop to each stamp took. */
  hops: Record<"received" | "produced" | "bar_emitted" | "average_emitted" | "consumed" | "pushed", Quantiles>;
  exact_through: number | null;
  /** The symbol that keeps everything from being exact through a later second. */
  exact_held_by: string | null;
  /** Symbols in a volatility pause; null: the server does not say. */
  halted: string[] | null;
  /** Calls that are put off now. */
  delayed: { symbol: string; time_us: number; auction: "open" | "close" }[];
  /** Symbols whose chain lacks lots. */
  broken: number | null;
  /** A recorded session is played: of which day, how many times as fast, and whether it runs. */
  replay: { day: string; speed: number; state: "waiting" | "playing" | "paused" | "ended" } | null;
}

export interface Copy {
  source: string | null;
  received_us: number | null;
  offset: number | null;
}

export interface MadeOf extends Copy {
  time_us: number;
  serial: number;
  kind: string;
  price: number;
  size: number;
  volume: number | null;
  bid: number | null;
  ask: number | null;
  /** Whether it counts in the bar. */
  counts: boolean;
  repeats: Copy[];
}

export interface Revision extends Bar {
  at_us: number;
}

/** Lots missing by the counter; null where it is not known. */
export interface Joint {
  second: number | null;
  counter: number | null;
  missing: number | null;
}

export interface Explanation {
  symbol: string;
  second: number;
  state: "traded" | "empty" | "unknown" | "halted" | "trial" | "closed";
  bar: Bar | null;
  average: Average | null;
  trades: MadeOf[];
  explained: boolean | null;
  revisions: Revision[];
  proof: "sealed" | "open" | "broken" | "unknown";
  before: Joint;
  inside: number | null;
  after: Joint | null;
}

export interface Snapshot {
  type: "snapshot";
  symbol: string;
  bars: Bar[];
  averages: Average[];
  since: number | null;
  complete: boolean;
  /** Rows that were not rows. */
  rejected: number;
}

export type ServerMessage =
  | { type: "welcome"; version: string | null; server_time_us: number | null; heartbeat_s: number | null }
  | { type: "ack"; id: number | null; refused: { symbol: string; reason: string }[] }
  | Snapshot
  | { type: "bar"; data: Bar }
  | { type: "average"; data: Average }
  | { type: "gap"; data: Gap }
  | { type: "pause"; data: Pause }
  | { type: "trial"; data: Trial }
  | { type: "alert"; data: Told }
  | Status
  | { type: "error"; id: number | null; code: number | null; message: string }
  | { type: "bye"; reason: string; reconnect_after_ms: number | null }
  | { type: "pong" }
  | { type: "unknown"; name: string }
  | { type: "invalid"; reason: string };

export interface Subscription {
  type: "subscribe" | "unsubscribe";
  id: number;
  channels: string[];
  symbols: string[];
  since?: number;
}

/** What an alert waits for; only the fields of its kind are there. */
export interface Rule {
  type: "price" | "average" | "gap" | "stale";
  symbol: string | null;
  direction: "up" | "down" | null;
  level: number | null;
  fast: number | null;
  slow: number | null;
  after_s: number | null;
  cool_down_s: number | null;
}

/** An alert of this browser; `fired`: the last second it fired for. */
export interface Standing {
  id: number;
  created: number;
  fired: number | null;
  fires: number;
  rule: Rule;
}

/** A firing, of whosever alert. */
export interface Told extends Omit<Rule, "type" | "cool_down_s"> {
  id: string;
  alert: number;
  second: number;
  rule: Rule["type"];
  before: number | null;
  now: number | null;
}

export type Lang = "zh-TW" | "en";

/** What the URL carries: enough to show someone else the same page. */
export interface View {
  symbol: string | null;
  watch: string[];
  lang: Lang;
  theme: "system" | "light" | "dark";
  mode: "line" | "candles" | "table";
  /** Symbols shown beside the chosen one, at most three. */
  compare: string[];
  axis: "true" | "compressed";
  colours: "tw" | "us";
}

/** Where the page's own connection stands. */
export type Link = "connecting" | "open" | "stale" | "reconnecting";
