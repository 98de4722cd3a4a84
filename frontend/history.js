// The HTTP side: names and reference prices, and the bars before the snapshot.

/** @import { Bar, SymbolInfo } from "./types.js" */

import * as protocol from "./protocol.js";

const API = "/api/v1";
const PAGE = 4_000;
const DEADLINE_MS = 15_000;

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
