import assert from "node:assert/strict";
import test from "node:test";

import { Day } from "../day.js";
import { TEN, aBar, aChain } from "./builders.js";

const dayOf = (bars) => {
  const day = new Day();
  for (const bar of bars) day.put(bar);
  return day;
};

test("a day that is held whole has an open and a vwap; a day that is not says from when", () => {
  const whole = dayOf(aChain([TEN, TEN + 1, TEN + 2])).totals;
  assert.deepEqual([whole?.whole, whole?.vwap, whole?.volume, whole?.open], [true, 100, 3, 100]);
  const part = dayOf(aChain([TEN, TEN + 1, TEN + 2]).slice(1)).totals;
  assert.deepEqual([part?.whole, part?.open, part?.vwap, part?.volume, part?.since], [false, null, null, 3, TEN + 1]);
  assert.equal(new Day().totals, null);
});

test("yesterday is no part of today, in either order", () => {
  const yesterday = aBar(TEN - 86_400, { high: 500, close: 500 });
  for (const bars of [[yesterday, ...aChain([TEN])], [...aChain([TEN]), yesterday]]) assert.equal(dayOf(bars).totals?.high, 100);
});

test("any order, repetition and revision of rows adds up to the newest versions", () => {
  let counter = 0;
  const newest = Array.from({ length: 40 }, (_, at) => {
    const volume = 1 + at % 5;
    const bar = aBar(TEN + at * 3, { trades: 3, volume, turnover: volume * (100 + at), vwap: 100 + at, high: 100 + at, low: 90 + at, buy_volume: at % 2 ? volume : 0, prior_volume: counter, day_volume: counter + volume });
    counter += volume;
    return bar;
  });
  const older = newest.map((bar) => ({ ...bar, trades: 1, volume: 1, turnover: bar.vwap, buy_volume: 0, low: bar.high }));
  const expected = dayOf(newest).totals;
  assert.equal(expected?.whole, true);
  for (let turn = 0; turn < 6; turn++) {
    const rows = [...older.slice(turn * 5), ...newest.toReversed(), ...older, ...newest.slice(turn * 3)];
    assert.deepEqual(dayOf(rows).totals, expected);
  }
});

test("a missing row breaks two neighbours' joint, and its coming joins them", () => {
  const [first, second, third] = aChain([TEN, TEN + 5, TEN + 9]);
  const day = dayOf([first, third]);
  assert.deepEqual([day.totals?.breaks, day.totals?.vwap], [1, null]);
  day.put(second);
  assert.deepEqual([day.totals?.breaks, day.totals?.vwap], [0, 100]);
});

test("an absent counter is unknown and accuses nobody", () => {
  assert.equal(dayOf([aBar(TEN, { day_volume: 3 }), aBar(TEN + 1), aBar(TEN + 2, { prior_volume: 9 })]).totals?.breaks, 0);
});
