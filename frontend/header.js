// The chosen symbol at a glance: what it trades at, against what, and how the day went.

/** @import { Market } from "./market.js" */
/** @import { Translate } from "./i18n.js" */
/** @import { Lang, Link } from "./types.js" */

import { byId, mark, show, write } from "./dom.js";
import * as format from "./format.js";
import { nameOf } from "./i18n.js";
import { isDelayed, isTrial, rests, standing } from "./standing.js";

/** @typedef {{market: Market, t: Translate, lang: Lang, link: Link, symbol: string | null}} Scene */

export class Header {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {Map<string, HTMLElement>} */
    this.fields = new Map([...root.querySelectorAll("[data-field]")].map((node) => [node.getAttribute("data-field") ?? "", /** @type {HTMLElement} */ (node)]));
  }

  /** @param {string} name @param {string} text @param {number} [sign] @param {string} [title] */
  put(name, text, sign, title) {
    const node = this.fields.get(name);
    if (!node) return;
    write(node, text);
    mark(node, "data-sign", sign === undefined ? "" : String(sign));
    if (node.title !== (title ?? "")) node.title = title ?? "";
  }

  /** @param {Scene} scene */
  render(scene) {
    this.identity(scene);
    this.badge(scene);
    this.ghost(scene);
    this.price(scene);
    this.day(scene);
    this.averages(scene);
  }

  /** @param {Scene} scene */
  identity({ market, t, lang, symbol, link }) {
    const info = market.infos.get(symbol ?? "");
    const place = info?.market && ["TSE", "OTC", "ESB", "TIB", "PSB"].includes(info.market) ? t(`market_${info.market}`) : info?.market ?? "";
    this.put("name", nameOf(info, lang) || symbol || format.UNKNOWN);
    this.put("symbol", symbol ?? "");
    this.put("market", place);
    mark(this.root, "data-link", link);
  }

  /** What the picture is, when it is not the live market. @param {Scene} scene */
  badge({ market, t, link }) {
    const now = standing(market);
    const last = market.series?.last;
    const code = market.series?.symbol ?? "";
    const trouble = link === "stale" || link === "reconnecting";
    const text = trouble ? t(`link_${link}`)
      : rests(now) && last ? t("last_session", { phase: t(`phase_${now.kind}`), day: format.date(last.second) })
        : now.kind === "halted" ? (now.since === null ? t("mark_pause") : t("halted_since", { time: format.clock(now.since) }))
          : now.kind === "trial" || now.kind === "closing" || isDelayed(now) ? t(`badge_${now.kind}`)
            : market.refused.has(code) ? t("delisted_hint", { symbol: code }) : "";
    this.put("badge", text, undefined, isDelayed(now) ? t("delayed_hint") : "");
    const node = byId("badge");
    mark(node, "data-kind", trouble ? "trouble" : now.kind);
    show(node, text !== "");
  }

  /** A price that nobody traded at, only where nothing trades. @param {Scene} scene */
  ghost({ market, t, symbol }) {
    const trial = isTrial(standing(market)) ? market.notes.trialAt(market.clockUs) : null;
    const text = trial ? `${t("trial")} ${format.price(trial.price, symbol ?? "")} · ${format.whole(trial.size)} ${t("lots")}` : "";
    this.put("trial", text, undefined, trial ? t("trial_hint") : "");
    show(/** @type {HTMLElement} */ (this.fields.get("trial")), trial !== null);
    show(/** @type {HTMLElement} */ (this.root.querySelector(".at")), trial === null);
  }

  /** @param {Scene} scene */
  price({ market, symbol }) {
    const info = market.infos.get(symbol ?? "");
    const last = market.series?.last ?? market.quotes.get(symbol ?? "")?.last ?? info?.last;
    const change = format.change(last?.close, market.reference(symbol ?? "", last));
    const decimals = last ? Math.max(format.tickDecimals(last.close, symbol ?? ""), format.decimalsOf(change?.difference ?? 0)) : 0;
    this.put("price", format.price(last?.close, symbol ?? ""), change?.sign);
    this.put("change", change ? `${change.mark} ${format.signed(change.difference, decimals)} (${format.signed(change.percent, 2)}%)`.trim() : format.UNKNOWN, change?.sign);
    this.put("last_trade", last ? format.clock(last.second) : format.UNKNOWN);
    this.put("last_size", format.whole(last?.volume));
  }

  /** @param {Scene} scene */
  day({ market, t, symbol }) {
    const code = symbol ?? "";
    const info = market.infos.get(code);
    const reference = market.reference(code, market.series?.last) ?? null;
    const day = market.day.totals;
    const partial = day && !day.whole ? t("since", { time: format.clock(day.since) }) : "";
    const against = (/** @type {string} */ name, /** @type {number | null | undefined} */ value, hint = "") =>
      this.put(name, format.price(value, code), format.change(value, reference)?.sign, hint);
    against("open", day?.open);
    against("high", day?.high, partial);
    against("low", day?.low, partial);
    against("previous_close", info?.previous_close);
    this.put("reference", format.price(info?.reference_price, code));
    against("limit_up", info?.limit_up);
    against("limit_down", info?.limit_down);
    this.put("volume", format.whole(day?.volume));
    this.put("vwap", format.decimal(day?.vwap, 2), format.change(day?.vwap, reference)?.sign, day?.vwap ? format.decimal(day.vwap, 4) : "");
    this.put("buy_side", format.whole(day?.buy), undefined, partial);
    this.put("sell_side", format.whole(day?.sell), undefined, partial);
    this.put("buy_share", day && day.buy + day.sell > 0 ? `${format.decimal(day.buy / (day.buy + day.sell) * 100, 1)}%` : format.UNKNOWN, undefined, partial);
    for (const name of ["high", "low", "buy_side", "sell_side", "buy_share"]) this.fields.get(name)?.toggleAttribute("data-partial", partial !== "");
  }

  /** At the feed's current second: a window that has emptied shows a dash. @param {Scene} scene */
  averages({ market, t }) {
    const now = market.series && market.clockUs > 0 ? market.series.averageAt(Math.floor(market.clockUs / 1e6)) : null;
    for (const window of /** @type {const} */ ([5, 10, 15])) {
      const value = now?.[`sma_${window}`];
      const hint = value ? `${format.decimal(value, 4)} · ${t("in_window", { count: now?.[`count_${window}`] ?? 0 })}` : "";
      this.put(`sma_${window}`, format.decimal(value, 2), undefined, hint);
    }
  }
}
