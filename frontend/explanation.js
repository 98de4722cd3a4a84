// What the server says of one second's bar, checked like everything else that it says.

/** @import { Copy, Explanation, Joint, MadeOf, Revision } from "./types.js" */

import { average, bar, fields, finite, items, maybe, one, positive, record, text, whole } from "./protocol.js";

const COPY = { source: maybe(text), received_us: maybe(whole), offset: maybe(whole) };
const TRADE = { ...COPY, time_us: whole, serial: whole, kind: text, price: positive, size: whole, volume: maybe(whole), bid: maybe(finite), ask: maybe(finite), counts: (/** @type {unknown} */ value) => typeof value === "boolean" };
const STATE = one("traded", "empty", "unknown", "halted", "trial", "closed");
const PROOF = one("sealed", "open", "broken", "unknown");

/** @param {unknown} value @returns {MadeOf | null} */
function trade(value) {
  const made = record(TRADE, value);
  const copy = (/** @type {unknown} */ given) => /** @type {Copy | null} */ (/** @type {unknown} */ (record(COPY, given)));
  return made && /** @type {MadeOf} */ (/** @type {unknown} */ ({ ...made, repeats: items({ items: fields(value).repeats }, copy).items }));
}

/** @param {unknown} value @returns {Revision | null} */
function revision(value) {
  const [version, { at_us }] = [bar(value), fields(value)];
  return version && whole(at_us) ? { ...version, at_us: /** @type {number} */ (at_us) } : null;
}

/** @param {unknown} value @param {"day_volume" | "prior_volume"} counter @returns {Joint} */
function joint(value, counter) {
  const given = fields(value);
  const number = (/** @type {unknown} */ each) => (finite(each) ? /** @type {number} */ (each) : null);
  return { second: number(given.second), counter: number(given[counter]), missing: number(given.missing_lots) };
}

/** Null when it is none. @param {unknown} answer @returns {Explanation | null} */
export function explanation(answer) {
  const given = fields(answer);
  const proof = fields(given.proof);
  if (!text(given.symbol) || !whole(given.second) || !STATE(given.state)) return null;
  return /** @type {Explanation} */ ({
    symbol: given.symbol, second: given.second, state: given.state, bar: bar(given.bar), average: average(given.average),
    trades: items({ items: given.trades }, trade).items,
    explained: typeof given.explained === "boolean" ? given.explained : null,
    revisions: items({ items: given.revisions }, revision).items,
    proof: PROOF(proof.state) ? proof.state : "unknown",
    before: joint(proof.before, "day_volume"),
    inside: joint(proof.inside, "day_volume").missing,
    after: proof.after ? joint(proof.after, "prior_volume") : null,
  });
}
