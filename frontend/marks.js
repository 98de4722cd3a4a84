// What the chart marks besides prices: holes in the exchange's counter, announced gaps, auctions, halts.

/** @import { Translate } from "./i18n.js" */
/** @import { Market } from "./market.js" */

import * as format from "./format.js";
import { reason } from "./reasons.js";
import { breaks } from "./series.js";

/**
 * @typedef {object} Band a stretch of the time axis
 * @property {"gap" | "healed" | "lost" | "pause" | "auction"} kind
 * @property {number} from second, included
 * @property {number} to second, included
 * @property {number | null} lots of a gap: missing, or come back when it is healed
 * @property {"open" | "close" | "call" | null} auction
 * @property {string} reason of a gap, as the feed says it
 */

/** @param {Market} market @returns {Band[]} in the order they are to be drawn */
export function bands(market) {
  const { series, notes } = market;
  if (!series) return [];
  const auctions = series.bars.filter((bar) => bar.auction).map((bar) => band("auction", bar.second, bar.second, { auction: bar.auction }));
  const halts = notes.halts(series.bars, market.through).map(({ from, to }) => band("pause", from, to));
  const announced = [...notes.gaps.values()].map((gap) =>
    band(gap.state === "open" ? "gap" : gap.state, seconds(gap.from_us), seconds(gap.to_us), { lots: gap.missing_lots, reason: gap.reason }));
  const counted = breaks(series.bars, market.clockUs).map((hole) => band("gap", hole.from, hole.to, { lots: hole.missing }));
  const told = announced.filter(({ kind }) => kind !== "healed");
  return [...halts, ...auctions, ...announced, ...counted.filter((hole) => !told.some((gap) => gap.from <= hole.from && gap.to >= hole.to))];
}

/** @param {Band["kind"]} kind @param {number} from @param {number} to @param {Partial<Band>} [more] @returns {Band} */
const band = (kind, from, to, more) => ({ kind, from, to, lots: null, auction: null, reason: "", ...more });

/** @param {number} us */
const seconds = (us) => Math.floor(us / 1_000_000);

/** The marks that cover a second, for the legend. @param {Band[]} all @param {number} second */
export const bandsAt = (all, second) => all.filter(({ from, to }) => from <= second && second <= to);

/** @param {Band} band @param {Translate} t */
export function caption(band, t) {
  if (band.kind === "auction") return t(`mark_auction_${band.auction ?? "call"}`);
  if (band.kind === "pause") return t("mark_pause");
  return t(`mark_${band.kind}`, { lots: format.whole(band.lots) });
}

/** The caption with the feed's reason. @param {Band} band @param {Translate} t */
export const story = (band, t) => (band.reason ? `${caption(band, t)}(${reason(band.reason, t)})` : caption(band, t));
