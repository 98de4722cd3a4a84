// In the page, before it starts: a WebSocket that is the exchange, and tells its session as fast as the page paints.

class Exchange {
  constructor() {
    this.socket = null;
    this.wants = { bars: new Set(), averages: new Set() };
    this.volumes = new Map();
    this.last = new Map();
    this.held = new Map();
    this.seed = 7;
    this.day = 0;
  }

  /** A repeatable chance in [0, 1). */
  chance() {
    this.seed = (this.seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return this.seed / 2 ** 31;
  }

  tell(message) {
    this.socket.onmessage({ data: JSON.stringify(message) });
  }

  hear({ type, id, channels, symbols }) {
    for (const channel of channels) for (const symbol of symbols) this.wants[channel]?.[type === "subscribe" ? "add" : "delete"](symbol);
    this.tell({ type: "ack", id, refused: [] });
    if (type === "subscribe") for (const symbol of symbols) this.tell({ type: "snapshot", symbol, bars: [], averages: [], since: 0, complete: true });
  }

  bar(symbol, second) {
    const prior = this.volumes.get(symbol) ?? 0;
    const volume = 1 + Math.floor(this.chance() * 9);
    const price = 1_085 + Math.round((this.chance() - 0.5) * 8) * 5;
    this.volumes.set(symbol, prior + volume);
    return {
      symbol, second, open: price, high: price, low: price, close: price, volume, trades: 2, turnover: price * volume, vwap: price,
      prior_volume: prior, day_volume: prior + volume, buy_volume: volume, sell_volume: 0, auction: null, last_trade_us: second * 1e6 + 500_000,
    };
  }

  status(second) {
    const ok = { state: "ok", lag_ms: 4 };
    return {
      type: "status", at_us: second * 1e6 + 900_000, phase: "open", feed: { ...ok, alive_through_us: second * 1e6 + 800_000, open_gaps: 0 }, kafka: ok, spark: ok, database: ok,
      latency: { p50_ms: 14, p99_ms: 38, count: 9 }, exact_through: second - 2, exact_held_by: null, broken: 0,
    };
  }

  /** One second: most symbols trade, the chosen one's average follows, now and then a late trade corrects a minute ago. */
  second(at, averageAt) {
    const day = Math.floor((at + 8 * 3_600) / 86_400);
    if (day !== this.day) this.volumes.clear();
    this.day = day;
    this.held.delete(at - 20);
    for (const symbol of this.wants.bars) {
      if (this.chance() < 0.2) continue;
      const bar = this.bar(symbol, at);
      this.tell({ type: "bar", data: bar });
      if (!this.wants.averages.has(symbol)) continue;
      this.held.set(at, bar);
      this.tell({ type: "average", data: { symbol, second: at, ...averageAt((second) => this.held.get(second), at) } });
      if (at % 97 === 0 && this.last.has(symbol)) this.tell({ type: "bar", data: { ...this.last.get(symbol), trades: 3 } });
      if (at % 97 === 40) this.last.set(symbol, bar);
    }
    this.tell(this.status(at));
  }

  /** The seconds in [from, to), some of them before each paint; gives how long each frame's work took, ms. */
  async play(from, to, perFrame) {
    const { averageAt } = await import("/averages.js");
    const frames = [];
    for (let at = from; at < to; at += perFrame) {
      for (let second = at; second < Math.min(at + perFrame, to); second++) this.second(second, averageAt);
      const { painted } = this;
      await new Promise((done) => { requestAnimationFrame(done); });
      frames.push(painted.took);
    }
    return frames;
  }
}

const exchange = new Exchange();
Object.assign(globalThis, { exchange });
exchange.painted = { took: 0 };

// What the page does in a frame, timed.
const request = globalThis.requestAnimationFrame.bind(globalThis);
globalThis.requestAnimationFrame = (act) => request((now) => {
  const began = performance.now();
  act(now);
  exchange.painted = { took: performance.now() - began };
});

globalThis.WebSocket = class {
  static OPEN = 1;
  static CONNECTING = 0;
  constructor() {
    this.readyState = 0;
    exchange.socket = this;
    setTimeout(() => {
      this.readyState = 1;
      this.onopen();
    });
  }
  send(text) { setTimeout(() => exchange.hear(JSON.parse(text))); }
  close() {}
};
