import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { agrees, averageAt, halfEven } from "../averages.js";
import { TEN, aBar } from "./builders.js";

const tape = JSON.parse(readFileSync(new URL("../../tests/golden-tape.json", import.meta.url), "utf8"));
const lookup = (bars) => {
  const bySecond = new Map(bars.map((bar) => [bar.second, bar]));
  return (second) => bySecond.get(second);
};

for (const { name, expect } of tape.steps) {
  test(`the golden tape's averages at every second, digit for digit: ${name}`, () => {
    for (const row of expect.averages_every_second) {
      const { trades: _, ...own } = averageAt(lookup(expect.bars), row.second);
      const { second: __, ...wanted } = row;
      assert.deepEqual(own, { sma_5: null, sma_10: null, sma_15: null, ...wanted });
    }
  });

  test(`the golden tape's published averages with their trades: ${name}`, () => {
    for (const row of expect.averages) assert.deepEqual({ symbol: row.symbol, second: row.second, ...averageAt(lookup(expect.bars), row.second) }, row);
  });
}

test("a bar counts in the five seconds that contain it", () => {
  //  second   0   1   2   3   4   5
  //  bar      x
  //  5 s     [0] …           [4]  | not in second 5
  const at = lookup([aBar(TEN, { vwap: 100 })]);
  assert.equal(averageAt(at, TEN + 4).sma_5, 100);
  assert.equal(averageAt(at, TEN + 5).sma_5, null);
  assert.equal(averageAt(at, TEN + 5).count_5, 0);
  assert.equal(averageAt(at, TEN + 14).sma_15, 100);
  assert.equal(averageAt(at, TEN + 15).sma_15, null);
});

test("a tie rounds to the even last digit, up and down", () => {
  assert.equal(halfEven(5, 2), 2);
  assert.equal(halfEven(7, 2), 4);
  assert.equal(halfEven(8, 3), 3);
  assert.equal(halfEven(7, 3), 2);
  const at = lookup([aBar(TEN, { vwap: 100.0001 }), aBar(TEN + 1, { vwap: 100.0002 })]);
  assert.equal(averageAt(at, TEN + 1).sma_5, 100.0002);
});

test("no float creeps into a sum of dear prices", () => {
  const at = lookup(Array.from({ length: 15 }, (_, second) => aBar(TEN + second, { vwap: 99_999_999.9999 })));
  assert.equal(averageAt(at, TEN + 14).sma_15, 99_999_999.9999);
});

test("a window does not reach into the day before", () => {
  const midnight = Date.UTC(2026, 11, 1, 16) / 1000;
  const at = lookup([aBar(midnight - 1, { vwap: 50 }), aBar(midnight, { vwap: 100 })]);
  assert.deepEqual(averageAt(at, midnight), { sma_5: 100, count_5: 1, sma_10: 100, count_10: 1, sma_15: 100, count_15: 1, trades: 1 });
});

test("two rows agree only when all values and counts do", () => {
  const row = averageAt(lookup([aBar(TEN)]), TEN);
  assert.ok(agrees(row, { ...row }));
  assert.ok(!agrees(row, { ...row, sma_10: 100.0001 }));
  assert.ok(!agrees(row, { ...row, count_15: 2 }));
});
