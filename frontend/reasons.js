// The feed's reasons for a gap, in the reader's language; one that is not known here is shown as it was said.

/** @import { Translate } from "./i18n.js" */

/** @type {[RegExp, string][]} what the feed says, and the word for it; groups are its blanks */
const KNOWN = [
  [/^the running volume jumps over (?<lots>\d+) lots$/, "reason_jump"],
  [/^(?<lots>\d+) lots came by rest$/, "reason_rest"],
  [/^(?<lots>\d+) lots came by stream$/, "reason_stream"],
  [/^(?<lots>\d+) lots came by (?:rest|stream), (?<left>\d+) are still missing$/, "reason_part"],
  [/^(?<lots>\d+) lots had come before/, "reason_before"],
  [/^(?<lots>\d+) lots a later trade denies/, "reason_denied"],
  [/^the exchange answered (?<times>\d+) times, without these lots$/, "reason_lost"],
  [/^the day is over, and the exchange tells the trades of today only$/, "reason_over"],
];

/** @param {string} said @param {Translate} t */
export function reason(said, t) {
  for (const [pattern, word] of KNOWN) {
    const found = pattern.exec(said);
    if (found) return t(word, found.groups ?? {});
  }
  return said;
}

/** The words this may choose, for the test that they exist. */
export const REASONS = KNOWN.map(([, word]) => word);
