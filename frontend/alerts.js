// What an alert is, checked field by field, and what it is called.

/** @import { Translate } from "./i18n.js" */
/** @import { Rule, Standing, Told } from "./types.js" */

import * as format from "./format.js";
import { ALERT, KIND, fields, maybe, record, whole } from "./protocol.js";

const RULE = { ...ALERT, type: KIND, cool_down_s: maybe(whole) };
const STANDING = { id: whole, created: whole, fired: maybe(whole), fires: whole };

/** @param {unknown} value @returns {Standing | null} */
export function standing(value) {
  const kept = record(STANDING, value);
  const rule = record(RULE, fields(value).rule);
  return kept && rule && /** @type {Standing} */ (/** @type {unknown} */ ({ ...kept, rule }));
}

/** A price of the axis as a level: with the digits that its tick has. @param {number} price @param {string} symbol */
export const level = (price, symbol) => Number(price.toFixed(format.tickDecimals(price, symbol)));

/** The way to a level from where the price is; at it already, upwards. @param {number} to @param {number | null | undefined} last @returns {"up" | "down"} */
export const way = (to, last) => (last !== null && last !== undefined && to < last ? "down" : "up");

/** What it waits for, in words. @param {Rule | Told} rule @param {Translate} t */
export function sentence(rule, t) {
  const kind = "type" in rule ? rule.type : rule.rule;
  const { symbol, direction, fast, slow, after_s } = rule;
  if (kind === "price") return `${direction === "down" ? "▼" : "▲"} ${t("alert_price", { level: format.price(rule.level, symbol ?? "") })}`;
  if (kind === "average") return t(direction === "down" ? "alert_under" : "alert_over", { fast: t(`sma_${fast}`), slow: t(`sma_${slow}`) });
  return kind === "gap" ? t("alert_gap") : t("alert_stale", { seconds: after_s ?? 0 });
}
