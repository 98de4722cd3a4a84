// What a second's bar was made of, as the panel shows it: the proof, the trades, the versions.

/** @import { Translate } from "./i18n.js" */
/** @import { Explanation, MadeOf } from "./types.js" */

import { element } from "./dom.js";
import * as format from "./format.js";

const SHOWN = 200;

/** @param {Explanation | null} told @param {Translate} t @returns {Node[]} */
export function explainView(told, t) {
  if (!told) return [element("p", "empty", t("explain_none"))];
  if (!told.bar) return [element("p", "lead", t(`second_${told.state}`)), ...proofView(told, t)];
  return [...barView(told, t), ...proofView(told, t), ...tradesView(told, t), ...revisionsView(told, t)];
}

/** @param {string} term @param {string} value */
function pair(term, value) {
  const box = element("div", "");
  box.append(element("dt", "", term), element("dd", "", value));
  return box;
}

/** @param {Explanation} told @param {Translate} t */
function barView({ bar, average, symbol }, t) {
  if (!bar) return [];
  const price = (/** @type {number} */ value) => format.price(value, symbol);
  const list = element("dl", "facts");
  list.append(pair(t("open"), price(bar.open)), pair(t("high"), price(bar.high)), pair(t("low"), price(bar.low)), pair(t("close"), price(bar.close)),
    pair(t("second_volume"), format.whole(bar.volume)), pair(t("trades"), format.whole(bar.trades)), pair(t("vwap"), format.decimal(bar.vwap, 4)),
    pair(t("sma_5"), format.decimal(average?.sma_5, 4)), pair(t("sma_10"), format.decimal(average?.sma_10, 4)), pair(t("sma_15"), format.decimal(average?.sma_15, 4)));
  return [list];
}

/** The exchange's counter before, within and after: equal, or so many lots missing. @param {Explanation} told @param {Translate} t */
function proofView({ proof, before, inside, after, bar }, t) {
  const box = element("section", "proof");
  box.dataset.proof = proof;
  const head = element("h3", "", t(`proof_${proof}`));
  const steps = element("ol", "chain");
  const counter = before.second === null ? t("day_start") : format.clock(before.second);
  steps.append(link(counter, before.counter, null, t));
  if (bar) steps.append(link(format.clock(bar.second), bar.day_volume, worst(before.missing, inside), t));
  if (after) steps.append(link(format.clock(after.second), after.counter, after.missing, t));
  box.append(head, element("p", "hint", t(`proof_${proof}_hint`)), steps);
  return [box];
}

/** The lots missing before and inside, null when neither is known to be any. @param {number | null} one @param {number | null} other */
const worst = (one, other) => (one === null && other === null ? null : (one ?? 0) + (other ?? 0));

/** @param {string} at @param {number | null} counter @param {number | null} missing @param {Translate} t */
function link(at, counter, missing, t) {
  const step = element("li", "");
  step.append(element("span", "at", at), element("span", "counter", format.whole(counter)));
  if (missing) step.append(element("span", "missing", t("missing_lots", { lots: format.whole(missing) })));
  return step;
}

/** @param {Explanation} told @param {Translate} t */
function tradesView({ trades, symbol, explained }, t) {
  const counting = trades.filter(({ counts }) => counts).length;
  const head = element("h3", "", t("trades_of", { count: counting }));
  if (explained === false) head.append(element("span", "missing", t("trades_fewer")));
  const table = element("table", "made");
  table.append(headOf(["time", "price", "last_size", "source", "delay"], t), bodyOf(trades.slice(0, SHOWN).map((trade) => tradeRow(trade, symbol, t))));
  return [head, table];
}

/** @param {MadeOf} trade @param {string} symbol @param {Translate} t */
function tradeRow(trade, symbol, t) {
  const side = !trade.counts ? "" : trade.ask !== null && trade.price >= trade.ask ? "1" : trade.bid !== null && trade.price <= trade.bid ? "-1" : "0";
  const late = trade.received_us === null ? null : (trade.received_us - trade.time_us) / 1000;
  const sources = [trade, ...trade.repeats].map(({ source }) => t(source === "rest" ? "source_rest" : "source_stream"));
  const row = rowOf([fraction(trade.time_us), format.price(trade.price, symbol), format.whole(trade.size), sources.join(" + "), format.milliseconds(late)]);
  row.dataset.sign = side;
  row.title = `${trade.counts ? "" : `${t("not_counted")} · `}${t(`kind_${KINDS.includes(trade.kind) ? trade.kind : "other"}`)} · serial ${trade.serial}`;
  row.toggleAttribute("data-aside", !trade.counts);
  return row;
}

export const KINDS = ["continuous", "open", "close", "call", "trial", "after_hours", "odd_lot"];

/** Seconds and microseconds: the minute stands in the title. @param {number} us */
const fraction = (us) => `${format.clock(Math.floor(us / 1e6)).slice(6)}.${String(us % 1_000_000).padStart(6, "0")}`;

/** @param {Explanation} told @param {Translate} t */
function revisionsView({ revisions, symbol }, t) {
  const table = element("table", "made");
  const rows = revisions.slice(-SHOWN).map((each) => rowOf([format.clock(Math.floor(each.at_us / 1e6)), format.whole(each.trades), format.whole(each.volume), format.price(each.close, symbol), format.decimal(each.vwap, 4)]));
  table.append(headOf(["published", "trades", "second_volume", "close", "vwap"], t), bodyOf(rows));
  return [element("h3", "", t("revisions_of", { count: revisions.length })), table];
}

/** @param {string[]} names @param {Translate} t */
export function headOf(names, t) {
  const row = element("tr", "");
  for (const name of names) row.appendChild(element("th", "", t(name))).setAttribute("scope", "col");
  const head = element("thead", "");
  head.append(row);
  return head;
}

/** @param {HTMLElement[]} rows */
export function bodyOf(rows) {
  const body = element("tbody", "");
  body.append(...rows);
  return body;
}

/** @param {string[]} texts */
export function rowOf(texts) {
  const row = element("tr", "");
  row.append(...texts.map((text) => element("td", "", text)));
  return row;
}
