import assert from "node:assert/strict";
import test from "node:test";

import * as protocol from "../protocol.js";
import { TEN, aBar } from "./builders.js";

const said = (message) => protocol.parse(JSON.stringify(message));

test("a bar comes through with exactly the contract's fields", () => {
  assert.deepEqual(said({ type: "bar", data: { ...aBar(TEN), extra: "<b>" } }), { type: "bar", data: aBar(TEN) });
});

test("a bar with an impossible field goes no further", () => {
  for (const fields of [{ close: 0 }, { close: -1 }, { close: "100" }, { close: null }, { second: 1.5 }, { trades: -1 }, { symbol: 2330 }, { auction: "half" }]) {
    assert.equal(said({ type: "bar", data: { ...aBar(TEN), ...fields } }).type, "invalid", JSON.stringify(fields));
  }
});

test("what is not a message is a value, never an exception", () => {
  for (const frame of ["", "{", "null", "[]", "3", '"bar"', '{"type":"bar"}', '{"type":"bar","data":null}', '{"type":["bar"]}', '{"type":"__proto__"}', '{"type":"constructor"}']) {
    assert.ok(["invalid", "unknown"].includes(protocol.parse(frame).type), frame);
  }
  assert.deepEqual(said({ type: "later", data: 1 }), { type: "unknown", name: "later" });
});

test("a snapshot keeps its good rows and counts the bad ones", () => {
  const snapshot = said({ type: "snapshot", symbol: "2330", bars: [aBar(TEN), { symbol: "2330" }, null], averages: [], since: TEN, complete: true });
  assert.deepEqual(snapshot, { type: "snapshot", symbol: "2330", bars: [aBar(TEN)], averages: [], since: TEN, complete: true, rejected: 2 });
});

test("a replay is told by its day, speed and state, or not at all", () => {
  const replay = { day: "2026-12-01", speed: 10, state: "playing" };
  assert.deepEqual(said({ type: "status", at_us: 1, replay }).replay, replay);
  for (const wrong of [undefined, null, "yes", {}, { ...replay, state: "rewinding" }, { ...replay, speed: 0 }]) {
    assert.equal(said({ type: "status", at_us: 1, replay: wrong }).replay, null);
  }
});

test("a status without its parts is unknown, never ok and never zero", () => {
  const status = said({ type: "status", at_us: 1, phase: "lunch", feed: { state: "fine", lag_ms: "3" } });
  assert.deepEqual([status.phase, status.feed.state, status.feed.lag_ms, status.kafka.state, status.exact_through, status.exact_held_by, status.broken], [null, "unknown", null, "unknown", null, null, null]);
});

test("a list answer keeps what parses, and its cursor", () => {
  assert.deepEqual(protocol.items({ items: [aBar(TEN), 3], next: "c" }, protocol.bar), { items: [aBar(TEN)], next: "c" });
  assert.deepEqual(protocol.items(null, protocol.bar), { items: [], next: null });
});

test("a symbol's unknown reference price is null, and a bad last bar is none", () => {
  const info = protocol.symbolInfo({ symbol: "2330", name: "台積電", last: { close: 0 } });
  assert.deepEqual([info?.reference_price, info?.last, info?.name], [null, null, "台積電"]);
  assert.equal(protocol.symbolInfo({ name: "台積電" }), null);
});

test("a subscription says since only when there is one", () => {
  assert.deepEqual(protocol.subscribe(1, ["bars"], ["2330"]), { type: "subscribe", id: 1, channels: ["bars"], symbols: ["2330"] });
  assert.equal(protocol.subscribe(1, ["bars"], ["2330"], TEN).since, TEN);
});
