// The strip an investor understands and an engineer trusts, and the one sentence when something is wrong.

/** @import { Scene } from "./header.js" */
/** @import { Market } from "./market.js" */
/** @import { Health, Link } from "./types.js" */

import { mark, show, write } from "./dom.js";
import * as format from "./format.js";
import { HOPS } from "./market.js";
import { isDelayed, standing } from "./standing.js";

const KEPT = 256;
/** A gap that heals at once needs no sentence; the strip shows it all the same. */
const ALARM_US = 2_000_000;

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

  /** @param {number} share 0.5: the median */
  at(share) {
    return this.kept.toSorted((one, other) => one - other)[Math.floor(this.kept.length * share)] ?? null;
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
    this.replay(scene);
    this.phase(scene);
    for (const hop of HOPS) {
      const state = known && status ? status[hop].state : "unknown";
      this.put(hop, state === "ok" ? format.milliseconds(status?.[hop].lag_ms) : t(`state_${state}`), state);
    }
    this.put("page", link === "open" ? format.milliseconds(paints.at(0.5)) : t(`link_${link}`), link === "open" ? "ok" : link === "stale" ? "stale" : "down");
    const latency = known ? status?.latency : null;
    this.put("latency", `${format.milliseconds(latency?.p50_ms)} / ${format.milliseconds(latency?.p99_ms)}`);
    this.audit(market, t);
    this.exactness(scene);
  }

  /** That this is not the market of now, and where in which day it is; said as long as nothing denies it. @param {Scene} scene */
  replay({ market, t }) {
    const replay = market.status?.replay;
    this.put("replay", replay ? t(`replay_${replay.state}`, { day: replay.day, time: format.clock(Math.floor(market.clockUs / 1e6)) }) : "");
    show(/** @type {HTMLElement} */ (this.cells.get("replay")?.parentElement), Boolean(replay));
  }

  /** The market's phase, and the next; a halt of the chosen symbol in its place. @param {Scene} scene */
  phase({ market, t, link, symbol }) {
    const phase = link === "open" ? market.status?.phase : null;
    const now = standing(market);
    const { next_phase: next, next_phase_at_us: at } = market.status ?? {};
    this.put("phase", t(`phase_${phase ?? "unknown"}`));
    mark(/** @type {HTMLElement} */ (this.cells.get("phase")?.parentElement), "data-phase", phase ?? "unknown");
    const why = isDelayed(now) ? t(`badge_${now.kind}`) : now.kind !== "halted" ? "" : now.since === null ? t("mark_pause") : t("halted_since", { time: format.clock(now.since) });
    const halt = phase && why ? `${symbol} ${why}` : "";
    this.put("next", halt || (phase && next && at ? t("next_phase", { time: format.minutes(at / 1e6), phase: t(`phase_${next}`) }) : ""), halt ? "stale" : "");
  }

  /** Through when nothing is missing, who keeps it from being later, and where something is. @param {Scene} scene */
  exactness({ market: { status }, t, link }) {
    const known = link === "open" && status !== null;
    const held = known ? status.exact_held_by : null;
    this.put("exact", known ? format.clock(status.exact_through) : format.UNKNOWN);
    this.put("held", held ? t("held_by", { symbol: held }) : "");
    this.cells.get("held")?.setAttribute("data-symbol", held ?? "");
    show(/** @type {HTMLElement} */ (this.cells.get("held")), held !== null);
    const gaps = known ? status.feed.open_gaps : null;
    this.put("gaps", format.whole(gaps), gaps ? "stale" : "");
    const broken = known ? status.broken ?? 0 : 0;
    this.put("broken", broken ? t("broken_chains", { count: broken }) : "", broken ? "down" : "");
    show(/** @type {HTMLElement} */ (this.cells.get("broken")?.parentElement), broken > 0);
  }

  /** @param {Market} market @param {Scene["t"]} t */
  audit(market, t) {
    const audit = market.series?.audit;
    const text = !audit || audit.checked === 0 ? format.UNKNOWN
      : audit.differing > 0 ? t("audit_differs", { count: audit.differing }) : `${format.whole(audit.checked)} ✓`;
    this.put("audit", text, audit?.differing ? "down" : "");
  }

  /** What is wrong, since when, and what is being done; nothing when nothing is. @param {Scene} scene @param {Condition} health */
  tell(scene, { link, quietMs, historyFails }) {
    const { market, t } = scene;
    const time = market.status ? format.clock(market.status.at_us / 1e6) : format.UNKNOWN;
    const text = link === "stale" ? t("notice_stale", { seconds: Math.floor(quietMs / 1000), time })
      : link === "reconnecting" ? t("notice_reconnecting", { time })
        : this.trouble(scene) || (historyFails ? t("notice_history") : "");
    write(this.notice, text);
    show(this.notice, text !== "");
  }

  /** The hop that is down, else the chain that is broken. @param {Scene} scene */
  trouble({ market, t }) {
    const hop = HOPS.find((name) => market.troubles.has(name));
    const down = hop && market.troubles.get(hop);
    if (down) return t("notice_hop", { hop: t(`hop_${hop}`), state: t(`state_${down.state}`), time: format.clock(down.sinceUs / 1e6) });
    const chain = market.troubles.get("chain");
    if (!chain || !market.status || market.status.at_us - chain.sinceUs < ALARM_US) return "";
    return t("notice_chain", { count: market.status.broken ?? 0, time: format.clock(chain.sinceUs / 1e6) });
  }
}
