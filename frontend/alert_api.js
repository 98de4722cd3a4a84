// The alerts of this browser, kept by the server under a word that only this browser knows.

/** @import { Rule, Standing } from "./types.js" */

import { standing } from "./alerts.js";
import { items } from "./protocol.js";

const PATH = "/api/v1/alerts";
const REMEMBERED = "stock-insights.owner";
const WORD_BYTES = 16;
const DEADLINE_MS = 8_000;

/** Whether this browser ever set an alert. */
export const knows = () => localStorage.getItem(REMEMBERED) !== null;

/** Made once. `randomUUID` is for secure pages only. */
function owner() {
  const known = localStorage.getItem(REMEMBERED);
  if (known) return known;
  const word = Array.from(crypto.getRandomValues(new Uint8Array(WORD_BYTES)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  localStorage.setItem(REMEMBERED, word);
  return word;
}

/** What the server says to a refusal stands in the error. @param {string} path @param {RequestInit} how */
async function ask(path, how) {
  const headers = { "Alert-Owner": owner(), ...(how.body ? { "Content-Type": "application/json" } : {}) };
  const answer = await fetch(PATH + path, { ...how, headers, signal: AbortSignal.timeout(DEADLINE_MS) });
  if (!answer.ok) throw new Error(String((await answer.json().catch(() => ({}))).detail ?? answer.status));
  return answer.status === 204 ? null : answer.json();
}

/** @returns {Promise<Standing[]>} */
export const all = async () => items(await ask("", {}), standing).items;

/** @param {Partial<Rule>} rule @returns {Promise<Standing | null>} */
export const set = async (rule) => standing(await ask("", { method: "POST", body: JSON.stringify(rule) }));

/** @param {number} id */
export const remove = (id) => ask(`/${id}`, { method: "DELETE" });
