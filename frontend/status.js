// The strip an investor understands and an engineer trusts, and the one sentence when something is wrong.

/** @import { Scene } from "./header.js" */
/** @import { Market } from "./market.js" */
/** @import { Health, Link } from "./types.js" */

import { mark, show, write } from "./dom.js";
import * as format from "./format.js";
import { HOPS } from "./market.js";

const KEPT = 256;

/** How long messages take from arrival to paint; the last few hundred. */
export class Paints {
  constructor() {
    /** @type {number[]} */
    this.kept = [];
    this.count = 0;
  }

  /** @param {number} milliseconds */
  add(milliseconds) {
    this.kept[this.count % KEPT] = milliseconds;
    this.count += 1;
  }

  get median() {
    return this.kept.length === 0 ? null : this.kept.toSorted((one, other) => one - other)[this.kept.length >> 1] ?? null;
  }
}

/** @typedef {{link: Link, quietMs: number, historyFails: boolean}} Condition */

export class StatusStrip {
  /** @param {HTMLElement} root @param {HTMLElement} notice */
  constructor(root, notice) {
    this.notice = notice;
    /** @type {Map<string, HTMLElement>} */
    this.cells = new Map([...root.querySelectorAll("[data-cell]")].map((node) => [node.getAttribute("data-cell") ?? "", /** @type {HTMLElement} */ (node)]));
  }

  /** @param {string} name @param {string} text @param {Health | ""} [state] */
  put(name, text, state = "") {
    const cell = this.cells.get(name);
    if (!cell) return;
    write(cell, text);
    mark(/** @type {HTMLElement} */ (cell.parentElement), "data-state", state);
  }

  /** @param {Scene} scene @param {Paints} paints */
  render(scene, paints) {
    const { market, t, link } = scene;
    const status = market.status;
    const known = link === "open";
    this.phase(scene);
    for (const hop of HOPS) {
      const state = known && status ? status[hop].state : "unknown";
      this.put(hop, state === "ok" ? format.milliseconds(status?.[hop].lag_ms) : t(`state_${state}`), state);
    }
    this.put("page", link === "open" ? format.milliseconds(paints.median) : t(`link_${link}`), link === "open" ? "ok" : link === "stale" ? "stale" : "down");
    const latency = known ? status?.latency : null;
    this.put("latency", `${format.milliseconds(latency?.p50_ms)} / ${format.milliseconds(latency?.p99_ms)}`);
    this.put("exact", known ? format.clock(status?.exact_through) : format.UNKNOWN);
    const gaps = known ? status?.feed.open_gaps : null;
    this.put("gaps", format.whole(gaps), gaps ? "stale" : "");
    this.audit(market, t);
  }

  /** @param {Scene} scene */
  phase({ market, t, link }) {
    const phase = link === "open" ? market.status?.phase : null;
    const { next_phase: next, next_phase_at_us: at } = market.status ?? {};
    this.put("phase", t(`phase_${phase ?? "unknown"}`), phase === "open" ? "ok" : phase === "trial" || phase === "closing" ? "stale" : "unknown");
    this.put("next", phase && next && at ? t("next_phase", { time: format.minutes(at / 1e6), phase: t(`phase_${next}`) }) : "");
  }

  /** @param {Market} market @param {Scene["t"]} t */
  audit(market, t) {
    const audit = market.series?.audit;
    const text = !audit || audit.checked === 0 ? format.UNKNOWN
      : audit.differing > 0 ? t("audit_differs", { count: audit.differing }) : `${format.whole(audit.checked)} ✓`;
    this.put("audit", text, audit?.differing ? "down" : "");
  }

  /** What is wrong, since when, and what is being done; nothing when nothing is. @param {Scene} scene @param {Condition} health */
  tell({ market, t }, { link, quietMs, historyFails }) {
    const time = market.status ? format.clock(market.status.at_us / 1e6) : format.UNKNOWN;
    const [hop, trouble] = [...market.troubles][0] ?? [];
    const text = link === "stale" ? t("notice_stale", { seconds: Math.floor(quietMs / 1000), time })
      : link === "reconnecting" ? t("notice_reconnecting", { time })
        : hop && trouble ? t("notice_hop", { hop: t(`hop_${hop}`), state: t(`state_${trouble.state}`), time: format.clock(trouble.sinceUs / 1e6) })
          : historyFails ? t("notice_history") : "";
    write(this.notice, text);
    show(this.notice, text !== "");
  }
}
