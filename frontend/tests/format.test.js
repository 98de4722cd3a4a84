import assert from "node:assert/strict";
import test from "node:test";

import * as format from "../format.js";
import { TEN } from "./builders.js";

test("prices carry the decimals of their tick, shares and funds apart", () => {
  const shown = [["1101", 29.85], ["2881", 95.6], ["2603", 203], ["2330", 1085], ["0050", 162.3], ["0050", 45.1]];
  assert.deepEqual(shown.map(([symbol, value]) => format.price(value, symbol)), ["29.85", "95.6", "203.0", "1,085", "162.30", "45.10"]);
});

test("no digit is hidden", () => assert.equal(format.price(1085.5, "2330"), "1,085.5"));

test("the unknown is a dash, and zero is zero", () => {
  assert.deepEqual([format.price(null, "2330"), format.whole(undefined), format.clock(null), format.milliseconds(null)], ["—", "—", "—", "—"]);
  assert.equal(format.whole(0), "0");
});

test("change is against the reference price, exact, and unknown without one", () => {
  assert.deepEqual(format.change(46.9, 46.85), { sign: 1, mark: "▲", difference: 0.05, percent: 0.05 / 46.85 * 100 });
  assert.deepEqual([format.change(100, 100)?.sign, format.change(99, 100)?.mark], [0, "▼"]);
  assert.deepEqual([format.change(100, null), format.change(null, 100), format.change(100, 0)], [null, null, null]);
});

test("never colour alone: a sign goes with it, and zero has none", () => {
  assert.deepEqual([format.signed(15, 1), format.signed(-0.05, 2), format.signed(0, 2)], ["+15.0", "−0.05", "0.00"]);
});

test("times are Taipei's in any zone", () => {
  const zone = process.env.TZ;
  process.env.TZ = "America/New_York";
  assert.deepEqual([format.clock(TEN), format.minutes(TEN), format.date(TEN)], ["10:00:00", "10:00", "2026-12-01"]);
  assert.equal(format.clock(TEN - 10 * 3600), "00:00:00");
  process.env.TZ = zone;
});

test("the axis rounds the cursor to digits the prices have", () => {
  assert.equal(format.axisPrice(1177.3245, "2330", [1085]), "1,177");
  assert.equal(format.axisPrice(1085.5, "2330", [1085.5]), "1,085.5");
});
