// The list of gaps, of every symbol: where, how much, why, and what became of it.

/** @import { Translate } from "./i18n.js" */
/** @import { Gap } from "./types.js" */

import { element } from "./dom.js";
import * as format from "./format.js";
import { reason } from "./reasons.js";

const SHOWN = 100;
const RANK = { open: 0, lost: 1, healed: 2 };

/** Open ones first, then lost, then healed; each the newest first. @param {Gap[]} gaps newest first */
export const ranked = (gaps) => gaps.toSorted((one, other) => RANK[one.state] - RANK[other.state] || other.from_us - one.from_us);

/** @param {Gap[]} gaps @param {Translate} t @param {(gap: Gap) => void} pick @returns {Node[]} */
export function gapsView(gaps, t, pick) {
  if (gaps.length === 0) return [element("p", "empty", t("gaps_none"))];
  const list = element("ol", "gaps");
  list.append(...ranked(gaps).slice(0, SHOWN).map((gap) => item(gap, t, pick)));
  return [list];
}

/** @param {Gap} gap @param {Translate} t @param {(gap: Gap) => void} pick */
function item(gap, t, pick) {
  const root = element("li", "");
  const button = root.appendChild(element("button", "gap"));
  const second = (/** @type {number} */ us) => format.clock(Math.floor(us / 1e6));
  button.dataset.gap = gap.state;
  button.append(
    element("span", "code", gap.symbol), element("span", "lots", `${format.whole(gap.missing_lots)} ${t("lots")}`), element("span", "tag", t(`gap_${gap.state}`)),
    element("span", "at", `${gap.from_us === 0 ? t("day_start") : second(gap.from_us)} – ${second(gap.to_us)}`), element("span", "why", reason(gap.reason, t)));
  button.onclick = () => pick(gap);
  return root;
}
