// What the market is doing, and what the chosen symbol is: told apart, because silence has many reasons.

/** @import { Market } from "./market.js" */
/** @import { Phase } from "./types.js" */

/**
 * @typedef {object} Standing
 * @property {Phase | "halted" | "delayed_open" | "delayed_close" | "unknown"} kind
 * @property {number | null} since second at which a halt or a delay began, as far as it was seen
 */

/** @param {Market} market @returns {Standing} */
export function standing(market) {
  const phase = market.status?.phase ?? null;
  if (phase === null) return { kind: "unknown", since: null };
  const delay = market.status?.delayed.find(({ symbol }) => symbol === market.series?.symbol);
  if (delay) return { kind: `delayed_${delay.auction}`, since: Math.floor(delay.time_us / 1e6) };
  const halt = market.series ? market.notes.halts(market.series.bars, market.through).findLast(({ ended }) => !ended) : undefined;
  const told = market.status?.halted;
  const halted = told ? told.includes(market.series?.symbol ?? "") : halt !== undefined;
  return market.runs && halted ? { kind: "halted", since: halt?.from ?? null } : { kind: phase, since: null };
}

/** Whether a call is put off. @param {Standing} now */
export const isDelayed = ({ kind }) => kind === "delayed_open" || kind === "delayed_close";

/** Whether a price shown now can only be a trial match: nothing trades. @param {Standing} now */
export const isTrial = (now) => now.kind === "trial" || now.kind === "closing" || now.kind === "halted" || isDelayed(now);

/** Whether the market rests, and what is shown is the last session. @param {Standing} now */
export const rests = ({ kind }) => kind === "closed" || kind === "holiday" || kind === "pre_open";
