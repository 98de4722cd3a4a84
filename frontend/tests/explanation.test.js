import assert from "node:assert/strict";
import test from "node:test";

import { explanation } from "../explanation.js";
import { ranked } from "../gaps.js";
import { TEN, aBar } from "./builders.js";

const TRADE = { time_us: TEN * 1e6, counts: true, serial: 7, kind: "continuous", price: 100, size: 1, volume: 9, bid: 99, ask: 100, source: "stream", received_us: TEN * 1e6 + 4000, partition: 0, offset: 3, repeats: [{ source: "rest", received_us: TEN * 1e6 + 9000, partition: 0, offset: 4 }] };
const anAnswer = (fields) => ({
  symbol: "2330", second: TEN, state: "traded", bar: aBar(TEN), average: null, trades: [TRADE], explained: true, revisions: [{ at_us: TEN * 1e6 + 12_000, offset: 1, ...aBar(TEN) }],
  proof: { state: "sealed", before: { second: TEN - 3, day_volume: 8, missing_lots: 0 }, inside: { missing_lots: 0 }, after: { second: TEN + 2, prior_volume: 9, missing_lots: 0 } }, searched: {}, ...fields,
});

test("an explanation comes through with its trades, sources, versions and proof", () => {
  const told = explanation(anAnswer({}));
  assert.deepEqual([told?.trades[0].repeats[0].source, told?.revisions[0].at_us, told?.proof], ["rest", TEN * 1e6 + 12_000, "sealed"]);
  assert.deepEqual([told?.before, told?.inside, told?.after], [{ second: TEN - 3, counter: 8, missing: 0 }, 0, { second: TEN + 2, counter: 9, missing: 0 }]);
});

test("a second without a bar has a state, and what is impossible is left out", () => {
  const told = explanation(anAnswer({ state: "unknown", bar: null, trades: [{ ...TRADE, price: "x" }, 3], revisions: null, proof: { state: "certain", before: {}, inside: null, after: null } }));
  assert.deepEqual([told?.bar, told?.trades, told?.revisions, told?.proof, told?.after], [null, [], [], "unknown", null]);
});

test("what is no explanation is none", () => {
  for (const answer of [null, [], "x", {}, anAnswer({ state: "odd" }), anAnswer({ second: -1 })]) assert.equal(explanation(answer), null);
});

test("open gaps come first, then the lost, then the healed; each the newest first", () => {
  const gap = (state, from_us) => ({ symbol: "2330", from_us, to_us: from_us + 1, missing_lots: 1, state, reason: "x" });
  assert.deepEqual(ranked([gap("healed", 9), gap("open", 3), gap("lost", 5), gap("open", 4)]).map(({ state, from_us }) => `${state}${from_us}`), ["open4", "open3", "lost5", "healed9"]);
});
