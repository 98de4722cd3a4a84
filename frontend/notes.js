// What the exchange and the feed say of a symbol besides trades: gaps, volatility pauses, trial matches.

/** @import { Gap, Pause, Trial } from "./types.js" */

import { place } from "./series.js";

const MOST = 200;
/** No volatility pause is longer. */
export const LONGEST_HALT_S = 600;
/** A trial price that nobody repeated for so long is history. */
const TRIAL_FRESH_S = 30;

export class Notes {
  constructor() {
    /** @type {Map<string, Gap>} */
    this.gaps = new Map();
    /** @type {Map<number, Pause>} */
    this.pauses = new Map();
    /** @type {Trial | null} */
    this.trial = null;
  }

  /** Of two records of one gap the later told is the newer, whichever comes first. @param {Gap} gap */
  tellGap(gap) {
    const key = `${gap.from_us}:${gap.to_us}`;
    if ((this.gaps.get(key)?.at_us ?? 0) <= (gap.at_us ?? 0)) keep(this.gaps, key, gap);
  }

  /** @param {Pause} pause */
  tellPause(pause) {
    keep(this.pauses, pause.time_us, pause);
  }

  /** The newest trial match, while it is news. @param {number} clockUs */
  trialAt(clockUs) {
    return this.trial && clockUs - this.trial.time < TRIAL_FRESH_S * 1e6 ? this.trial : null;
  }

  /** The stretches in which the symbol was halted, ascending. @param {import("./types.js").Bar[]} bars @param {number} through */
  halts(bars, through) {
    return [...this.pauses.values()].map(({ time_us }) => halt(bars, Math.floor(time_us / 1e6), through)).sort((one, other) => one.from - other.from);
  }
}

/**
 * From a pause's second to the auction that ends it, or to the first trade if there was no auction; `ended` false: not yet.
 * @param {import("./types.js").Bar[]} bars @param {number} begun @param {number} through the newest second there is
 */
export function halt(bars, begun, through) {
  const after = [];
  for (let at = place(bars, begun + 1); at < bars.length && /** @type {import("./types.js").Bar} */ (bars[at]).second <= begun + LONGEST_HALT_S; at++) after.push(/** @type {import("./types.js").Bar} */ (bars[at]));
  const end = after.find((bar) => bar.auction !== null) ?? after[0];
  if (end) return { from: begun, to: end.second, ended: true };
  return { from: begun, to: Math.max(begun, Math.min(through, begun + LONGEST_HALT_S)), ended: through > begun + LONGEST_HALT_S };
}

/** The newest few hundred. @template K, N @param {Map<K, N>} notes @param {K} key @param {N} note */
function keep(notes, key, note) {
  notes.set(key, note);
  if (notes.size > MOST) notes.delete(/** @type {K} */ (notes.keys().next().value));
}
