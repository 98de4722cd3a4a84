// The HTTP side: names and reference prices, the bars before the snapshot, gaps, and what a bar was made of.

/** @import { Bar, Explanation, Gap, SymbolInfo } from "./types.js" */

import { explanation } from "./explanation.js";
import * as protocol from "./protocol.js";

const API = "/api/v1";
const PAGE = 4_000;
const DEADLINE_MS = 15_000;
/** Longer than any holidays, within what one question may span. */
const FURTHEST_S = 30 * 86_400;

/** @param {string} path @param {Record<string, string | number>} query @param {AbortSignal} [signal] @returns {Promise<unknown>} */
async function get(path, query, signal) {
  const parts = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const answer = await fetch(`${API}${path}?${parts}`, { signal: signal ? AbortSignal.any([signal, deadline]) : deadline });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

/** The first page of symbols that match. @param {string} q @param {AbortSignal} [signal] @returns {Promise<SymbolInfo[]>} */
export async function symbols(q, signal) {
  return protocol.items(await get("/symbols", q ? { q } : {}, signal), protocol.symbolInfo).items;
}

/** Every bar in [start, end), ascending; epoch seconds. @param {string} symbol @param {number} start @param {number} end @param {AbortSignal} signal @returns {Promise<Bar[]>} */
export async function bars(symbol, start, end, signal) {
  /** @type {Bar[]} */
  const rows = [];
  /** @type {string | null} */
  let cursor = null;
  do {
    /** @type {Record<string, string | number>} */
    const query = { start, end, limit: PAGE, ...(cursor === null ? {} : { cursor }) };
    const answer = await get(`/bars/${encodeURIComponent(symbol)}`, query, signal);
    /** @type {{items: Bar[], next: string | null}} */
    const page = protocol.items(answer, protocol.bar);
    rows.push(...page.items);
    cursor = page.items.length === 0 ? null : page.next;
  } while (cursor !== null);
  return rows;
}

/** The last `limit` bars before a second, ascending; the days before it too. @param {string} symbol @param {number} before @param {number} limit @param {AbortSignal} signal @returns {Promise<Bar[]>} */
export async function before(symbol, before, limit, signal) {
  const query = { start: before - FURTHEST_S, end: before, before, limit };
  return protocol.items(await get(`/bars/${encodeURIComponent(symbol)}`, query, signal), protocol.bar).items;
}

/** Gaps of every state, the newest first; of one symbol or of all. @param {string} symbol "" for all @param {AbortSignal} [signal] @returns {Promise<Gap[]>} */
export async function gaps(symbol, signal) {
  return protocol.items(await get("/gaps", symbol ? { symbol } : {}, signal), protocol.gap).items;
}

/** Null when the answer is none. @param {string} symbol @param {number} second @param {AbortSignal} signal @returns {Promise<Explanation | null>} */
export async function explain(symbol, second, signal) {
  return explanation(await get(`/explain/${encodeURIComponent(symbol)}/${second}`, {}, signal));
}

/** Where the bars of [start, end) can be had as a file. @param {string} symbol @param {number} start @param {number} end @param {string} format */
export const file = (symbol, start, end, format) => `${API}/bars/${encodeURIComponent(symbol)}?${new URLSearchParams({ start: String(start), end: String(end), format })}`;

/** The forms of file the server offers, by its own description. @returns {Promise<string[]>} */
export async function formats() {
  const answer = await fetch("/openapi.json", { signal: AbortSignal.timeout(DEADLINE_MS) });
  const { paths } = protocol.fields(answer.ok ? await answer.json() : null);
  const { parameters } = protocol.fields(protocol.fields(protocol.fields(paths)[`${API}/bars/{symbol}`]).get);
  const named = (Array.isArray(parameters) ? parameters : []).map(protocol.fields).find(({ name }) => name === "format");
  const { enum: words } = protocol.fields(named?.schema);
  return Array.isArray(words) ? words.filter((word) => typeof word === "string") : [];
}
