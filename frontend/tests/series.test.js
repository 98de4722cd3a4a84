import assert from "node:assert/strict";
import test from "node:test";

import { averageAt } from "../averages.js";
import { KEPT_S, Series, axis, breaks, place, touched } from "../series.js";
import { TEN, aBar, aChain } from "./builders.js";

const LATE_US = (TEN + 100) * 1_000_000;
const seriesOf = (bars) => {
  const series = new Series("2330");
  for (const bar of bars) series.upsert(bar, null);
  return series;
};

test("of two rows for the same second the one with more trades stays, in either order", () => {
  const older = aBar(TEN, { trades: 1, close: 100 });
  const newer = aBar(TEN, { trades: 2, close: 101 });
  for (const order of [[older, newer], [newer, older], [newer, newer, older, older]]) assert.deepEqual(seriesOf(order).bars, [newer]);
});

test("any order and repetition of rows gives the same series", () => {
  const rows = Array.from({ length: 60 }, (_, at) => aBar(TEN + (at * 7) % 20, { trades: 1 + (at % 3), close: 100 + (at * 7) % 20 + at % 3 }));
  const expected = seriesOf(rows).bars;
  for (let turn = 1; turn < 8; turn++) assert.deepEqual(seriesOf([...rows.slice(turn * 7), ...rows.toReversed(), ...rows]).bars, expected);
});

test("a repeat is no news", () => {
  const series = seriesOf([aBar(TEN)]);
  assert.equal(series.upsert(aBar(TEN), LATE_US), false);
});

test("only a live change of a settled bar is a correction", () => {
  const series = seriesOf([aBar(TEN), aBar(TEN + 1)]);
  series.upsert(aBar(TEN, { trades: 2 }), TEN * 1e6 + 1_400_000);
  assert.deepEqual([...series.corrected], []);
  series.upsert(aBar(TEN, { trades: 3 }), TEN * 1e6 + 1_500_001);
  assert.deepEqual([...series.corrected], [TEN]);
  series.upsert(aBar(TEN + 1, { trades: 2 }), null);
  assert.deepEqual([...series.corrected], [TEN]);
});

test("empty seconds take their place through the feed's clock, and none when compressed", () => {
  const series = seriesOf([aBar(TEN), aBar(TEN + 3)]);
  assert.deepEqual(axis(series, TEN + 5, true), [0, 1, 2, 3, 4, 5].map((at) => TEN + at));
  assert.deepEqual(axis(series, TEN + 5, false), [TEN, TEN + 3]);
  assert.deepEqual(axis(new Series("2330"), TEN, true), []);
});

test("the night between two sessions takes no place", () => {
  const midnight = TEN + 14 * 3600;
  const series = seriesOf([aBar(midnight - 3), aBar(midnight + 2)]);
  assert.deepEqual(axis(series, midnight + 3, true), [midnight - 3, midnight + 2, midnight + 3]);
});

test("the counter shows where lots are missing, between which two bars, once they are settled", () => {
  const bars = aChain([TEN, TEN + 1, TEN + 4]);
  assert.deepEqual(breaks(bars, Infinity), []);
  const holed = [bars[0], bars[2]];
  assert.deepEqual(breaks(holed, Infinity), [{ from: TEN, to: TEN + 4, missing: 1 }]);
  assert.deepEqual(breaks(holed, (TEN + 5) * 1e6), []);
});

test("an absent counter is unknown and accuses nobody", () => {
  assert.deepEqual(breaks([aBar(TEN, { day_volume: 3 }), aBar(TEN + 1), aBar(TEN + 2, { prior_volume: 9 })], Infinity), []);
});

test("a changed bar touches its own and the next fourteen seconds, and none ahead of the clock", () => {
  assert.deepEqual(touched([TEN], TEN + 60), Array.from({ length: 15 }, (_, at) => TEN + at));
  assert.deepEqual(touched([TEN + 59, TEN + 60], TEN + 60), [TEN + 59, TEN + 60]);
});

test("the last minutes and no more are kept, with its averages and marks", () => {
  const series = new Series("2330");
  series.completeFrom = TEN;
  for (let second = TEN; second < TEN + 18_000; second++) {
    series.upsert(aBar(second), null);
    series.upsertAverage({ symbol: "2330", second, ...averageAt(series.barAt, second) });
    series.trim();
  }
  assert.ok(series.bars.length <= KEPT_S + 62);
  assert.ok(series.averages.size <= KEPT_S + 62);
  assert.equal(series.bars.length, series.bySecond.size);
  assert.ok((series.completeFrom ?? 0) >= series.bars[0].second - 62);
  assert.equal(series.upsert(aBar(TEN), null), false);
});

test("what is looked at further left is kept until nobody looks", () => {
  const series = seriesOf([aBar(TEN + 9_000)]);
  series.keepFrom = TEN;
  series.upsert(aBar(TEN), null);
  assert.deepEqual([series.trim(), series.bars.length], [false, 2]);
  series.keepFrom = null;
  assert.deepEqual([series.trim(), series.bars.length], [true, 1]);
});

test("a published average stands in where the page holds fewer trades, and not otherwise", () => {
  const series = seriesOf([aBar(TEN, { vwap: 100 })]);
  const published = { symbol: "2330", second: TEN, sma_5: 90, count_5: 2, sma_10: 90, count_10: 2, sma_15: 90, count_15: 2, trades: 5 };
  series.upsertAverage(published);
  assert.equal(series.averageAt(TEN).sma_5, 90);
  series.upsert(aBar(TEN - 1, { vwap: 80, trades: 4 }), null);
  assert.equal(series.averageAt(TEN).sma_5, 90);
  assert.equal(series.averageAt(TEN).trades, 5);
  assert.deepEqual(series.audit, { checked: 0, differing: 0 });
});

test("a published average that differs from the bars it counts is noticed", () => {
  const series = seriesOf([aBar(TEN, { vwap: 100 })]);
  series.upsertAverage({ symbol: "2330", second: TEN, sma_5: 100.0001, count_5: 1, sma_10: 100, count_10: 1, sma_15: 100, count_15: 1, trades: 1 });
  assert.deepEqual(series.audit, { checked: 1, differing: 1 });
});

test("the place of a second is where it is or would be", () => {
  const bars = aChain([TEN, TEN + 2, TEN + 4]);
  assert.deepEqual([-1, 0, 1, 2, 3, 4, 5].map((at) => place(bars, TEN + at)), [0, 0, 1, 1, 2, 2, 3]);
});
