// What the chart marks besides prices: holes in the exchange's counter, announced gaps, auctions, pauses, corrections.

/** @import { Market } from "./market.js" */

import { breaks } from "./series.js";

/**
 * @typedef {object} Band a stretch of the time axis
 * @property {"gap" | "healed" | "lost" | "pause" | "auction"} kind
 * @property {number} from second, included
 * @property {number} to second, included
 * @property {number | null} lots missing lots of a gap
 * @property {"open" | "close" | "call" | null} auction
 */

/** @param {Market} market @returns {Band[]} in the order they are to be drawn */
export function bands(market) {
  const { series } = market;
  if (!series) return [];
  const auctions = series.bars.filter((bar) => bar.auction)
    .map((bar) => band("auction", bar.second, bar.second, null, bar.auction));
  const pauses = [...market.pauses.values()].map(({ time_us }) => band("pause", seconds(time_us), seconds(time_us)));
  const announced = [...market.gaps.values()].map((gap) =>
    band(gap.state === "open" ? "gap" : gap.state, seconds(gap.from_us), seconds(gap.to_us), gap.missing_lots));
  const counted = breaks(series.bars, market.clockUs).map((hole) => band("gap", hole.from, hole.to, hole.missing));
  const told = new Set(announced.map(({ from, to }) => `${from}:${to}`));
  return [...auctions, ...pauses, ...announced, ...counted.filter(({ from, to }) => !told.has(`${from}:${to}`))];
}

/** @param {Band["kind"]} kind @param {number} from @param {number} to @param {number | null} lots @param {Band["auction"]} auction @returns {Band} */
const band = (kind, from, to, lots = null, auction = null) => ({ kind, from, to, lots, auction });

/** @param {number} us */
const seconds = (us) => Math.floor(us / 1_000_000);

/** The marks that cover a second, for the legend. @param {Band[]} all @param {number} second */
export const bandsAt = (all, second) => all.filter(({ from, to }) => from <= second && second <= to);
