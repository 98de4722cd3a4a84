// The page's one socket: it reconnects by itself, says when it has gone quiet, and asks again for what it missed.

/** @import { Link, ServerMessage, Subscription } from "./types.js" */

import { parse } from "./protocol.js";

const STALE_MS = 2_000;
const DEAD_MS = 10_000;
const OPENING_MS = 5_000;
const BASE_MS = 250;
const MOST_MS = 8_000;
const WATCH_MS = 250;

/** Wait before try number `tries` (from 0): doubling, and anywhere below that, so that a crowd does not return at once. @param {number} tries @param {number} chance in [0, 1) */
export const backoff = (tries, chance) => Math.round(BASE_MS / 2 + chance * Math.min(MOST_MS, BASE_MS * 2 ** tries));

/**
 * @typedef {object} Ears
 * @property {(message: ServerMessage, receivedMs: number) => void} onMessage
 * @property {(link: Link, quietMs: number) => void} onLink on every change, and while quiet
 * @property {() => Subscription[]} subscriptions what to ask for on each new connection, with its `since`
 */

export class Feed {
  /** @param {string} url @param {Ears} ears */
  constructor(url, ears) {
    this.url = url;
    this.ears = ears;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {Link} */
    this.link = "connecting";
    this.tries = 0;
    this.heardMs = performance.now();
    this.retryMs = 0;
    this.openedMs = 0;
  }

  start() {
    this.connect();
    setInterval(() => this.watch(performance.now()), WATCH_MS);
  }

  /** @param {Subscription} message */
  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  connect() {
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.openedMs = performance.now();
    socket.onopen = () => this.ears.subscriptions().forEach((message) => this.send(message));
    socket.onmessage = (event) => this.hear(event.data);
    socket.onclose = () => this.leave(socket);
  }

  /** @param {unknown} frame */
  hear(frame) {
    const nowMs = performance.now();
    const message = parse(frame);
    if (message.type === "status") {
      this.heardMs = nowMs;
      this.tries = 0;
      this.turn("open");
    }
    if (message.type === "bye" && message.reconnect_after_ms !== null) this.retryMs = nowMs + message.reconnect_after_ms;
    this.ears.onMessage(message, nowMs);
  }

  /** The socket is gone: one retry, later. @param {WebSocket} socket */
  leave(socket) {
    if (this.socket !== socket) return;
    this.socket = null;
    this.retryMs = Math.max(this.retryMs, performance.now() + backoff(this.tries, Math.random()));
    this.tries += 1;
    this.turn("reconnecting");
  }

  /** A socket that is open but silent is as good as closed: browsers notice a dead peer after minutes. @param {number} nowMs */
  watch(nowMs) {
    const socket = this.socket;
    if (!socket) return nowMs >= this.retryMs ? this.connect() : this.turn(this.link);
    const quiet = nowMs - this.heardMs;
    const opening = socket.readyState === WebSocket.CONNECTING && nowMs - this.openedMs > OPENING_MS;
    if (opening || (nowMs - this.openedMs > DEAD_MS && quiet > DEAD_MS)) return this.abandon(socket);
    if (quiet > STALE_MS && (this.link === "open" || this.link === "stale")) this.turn("stale");
  }

  /** @param {WebSocket} socket */
  abandon(socket) {
    socket.close();
    this.leave(socket);
  }

  /** @param {Link} link */
  turn(link) {
    if (link === "open" && this.link === "open") return;
    this.link = link;
    this.ears.onLink(link, performance.now() - this.heardMs);
  }
}
