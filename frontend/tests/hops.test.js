import assert from "node:assert/strict";
import test from "node:test";

import * as format from "../format.js";
import { HOP_ENDS, parse } from "../protocol.js";
import { WORDS } from "../i18n.js";
import { Paints } from "../status.js";

const said = (hops) => parse(JSON.stringify({ type: "status", at_us: 1, hops })).hops;

test("each hop has its times, and one that nobody tells has none", () => {
  const hops = said({ received: { p50_ms: 4.1, p99_ms: 9, count: 3, left_out: 0, impossible: 0 }, produced: null, consumed: { p50_ms: "2", p99_ms: null, impossible: 5 } });
  assert.deepEqual(Object.keys(hops), [...HOP_ENDS]);
  assert.deepEqual(hops.received, { p50_ms: 4.1, p99_ms: 9, impossible: 0 });
  assert.deepEqual(hops.produced, { p50_ms: null, p99_ms: null, impossible: null });
  assert.deepEqual(hops.consumed, { p50_ms: null, p99_ms: null, impossible: 5 });
  assert.equal(said(undefined).pushed.p50_ms, null);
});

test("every stamp of the path has its words", () => {
  for (const end of [...HOP_ENDS, "painted"]) assert.ok(WORDS[`to_${end}`], end);
});

test("a time below zero is no time", () => assert.deepEqual([-3, 0, 4.25].map(format.milliseconds), ["—", "0.0 ms", "4.3 ms"]));

test("what it takes to paint: the middle and the 99th in a hundred of the last ones", () => {
  const paints = new Paints();
  assert.equal(paints.at(0.5), null);
  for (let at = 0; at < 300; at++) paints.add(at < 44 ? 1000 : at);
  assert.deepEqual([paints.at(0.5), paints.at(0.99)], [172, 297]);
});
