import assert from "node:assert/strict";
import test from "node:test";

import { Market } from "../market.js";
import { bands, story } from "../marks.js";
import { Notes, halt } from "../notes.js";
import { parse } from "../protocol.js";
import { reason } from "../reasons.js";
import { isDelayed, isTrial, rests, standing } from "../standing.js";
import { translator } from "../i18n.js";
import { TEN, aBar } from "./builders.js";

const aGap = (fields) => ({ symbol: "2330", from_us: TEN * 1e6, to_us: (TEN + 4) * 1e6, missing_lots: 3, state: "open", reason: "the running volume jumps over 3 lots", ...fields });
const said = (market, message) => market.take(parse(JSON.stringify(message)));
const aStatus = (fields = {}) => ({ type: "status", at_us: (TEN + 20) * 1e6, phase: "open", feed: { state: "ok", alive_through_us: (TEN + 20) * 1e6 }, ...fields });
const watching = () => {
  const market = new Market();
  market.choose("2330");
  return market;
};

test("of two records of one gap the later told is the newer, whichever comes first", () => {
  const [open, healed] = [aGap({ at_us: 5 }), aGap({ state: "healed", at_us: 9 })];
  for (const order of [[open, healed], [healed, open], [healed, open, healed, open]]) {
    const notes = new Notes();
    for (const gap of order) notes.tellGap(gap);
    assert.deepEqual([...notes.gaps.values()], [healed]);
  }
});

test("a record that does not say when it was told takes the place of the one before", () => {
  const notes = new Notes();
  for (const state of ["open", "lost"]) notes.tellGap(aGap({ state }));
  assert.deepEqual([...notes.gaps.values()].map(({ state }) => state), ["lost"]);
});

test("a halt lasts until the auction that ends it, else until the first trade, and at most ten minutes", () => {
  const call = aBar(TEN + 120, { auction: "call" });
  assert.deepEqual(halt([aBar(TEN), aBar(TEN + 60), call], TEN, TEN + 200), { from: TEN, to: TEN + 120, ended: true });
  assert.deepEqual(halt([aBar(TEN), aBar(TEN + 60)], TEN, TEN + 200), { from: TEN, to: TEN + 60, ended: true });
  assert.deepEqual(halt([aBar(TEN)], TEN, TEN + 200), { from: TEN, to: TEN + 200, ended: false });
  assert.deepEqual(halt([aBar(TEN)], TEN, TEN + 900), { from: TEN, to: TEN + 600, ended: true });
});

test("halted, trial, closing and closed are told apart", () => {
  const market = watching();
  assert.equal(standing(market).kind, "unknown");
  said(market, { type: "bar", data: aBar(TEN) });
  said(market, aStatus());
  assert.equal(standing(market).kind, "open");
  said(market, { type: "pause", data: { symbol: "2330", time_us: (TEN + 5) * 1e6, direction: "up" } });
  assert.deepEqual(standing(market), { kind: "halted", since: TEN + 5 });
  said(market, { type: "bar", data: aBar(TEN + 18, { auction: "call" }) });
  assert.equal(standing(market).kind, "open");
  for (const [phase, trial, resting] of [["trial", true, false], ["closing", true, false], ["closed", false, true], ["holiday", false, true], ["pre_open", false, true]]) {
    said(market, aStatus({ phase }));
    const now = standing(market);
    assert.deepEqual([now.kind, isTrial(now), rests(now)], [phase, trial, resting]);
  }
});

test("the server's word on halts is taken where it gives one", () => {
  const market = watching();
  said(market, { type: "pause", data: { symbol: "2330", time_us: (TEN + 5) * 1e6, direction: "up" } });
  said(market, aStatus({ halted: [] }));
  assert.equal(standing(market).kind, "open");
  said(market, aStatus({ halted: ["2330", 3] }));
  assert.deepEqual([standing(market), market.status?.halted], [{ kind: "halted", since: TEN + 5 }, ["2330"]]);
});

test("a call that is put off is told from a halt, whatever the timetable says, and only of its symbol", () => {
  const market = watching();
  const delay = { type: "delay", symbol: "2330", time_us: (TEN + 5) * 1e6, auction: "close" };
  said(market, aStatus({ phase: "closed", delayed: [{ symbol: "0050", time_us: 1, auction: "open" }, delay] }));
  assert.deepEqual(standing(market), { kind: "delayed_close", since: TEN + 5 });
  assert.deepEqual([isDelayed(standing(market)), isTrial(standing(market)), rests(standing(market))], [true, true, false]);
  said(market, aStatus({ phase: "closed", delayed: [{ ...delay, auction: "nonsense" }] }));
  assert.equal(standing(market).kind, "closed");
});

test("a trial price is shown while it is news", () => {
  const market = watching();
  said(market, { type: "trial", data: { symbol: "2330", price: 1100, size: 12, time: TEN * 1e6 } });
  assert.equal(market.notes.trialAt((TEN + 10) * 1e6)?.price, 1100);
  assert.equal(market.notes.trialAt((TEN + 31) * 1e6), null);
  assert.equal(market.series?.bars.length, 0);
});

test("open, healed and lost gaps are different marks with their lots and reasons", () => {
  const market = watching();
  const t = translator("en");
  for (const [at, state, why] of [[0, "open", "the running volume jumps over 3 lots"], [10, "healed", "3 lots came by rest"], [20, "lost", "the exchange answered 4 times, without these lots"]]) {
    said(market, { type: "gap", data: aGap({ from_us: (TEN + at) * 1e6, to_us: (TEN + at + 4) * 1e6, state, reason: why }) });
  }
  assert.deepEqual(bands(market).map((band) => story(band, t)), [
    "3 lots missing · repairing(the running volume jumps over 3 lots)", "3 lots repaired(3 lots came by REST)", "3 lots lost(the exchange answered 4 times, without these lots)"]);
});

test("a reason the page does not know is shown as it was said", () => {
  assert.equal(reason("cosmic rays", translator("zh-TW")), "cosmic rays");
  assert.equal(reason("12 lots came by rest, 3 are still missing", translator("zh-TW")), "補回 12 張,仍缺 3 張");
});

test("a broken chain is a trouble with its time, and over when it is whole", () => {
  const market = watching();
  said(market, aStatus({ broken: 2 }));
  said(market, aStatus({ at_us: (TEN + 30) * 1e6, broken: 1 }));
  assert.deepEqual(market.troubles.get("chain"), { state: "down", sinceUs: (TEN + 20) * 1e6 });
  said(market, aStatus({ broken: 0 }));
  assert.equal(market.troubles.size, 0);
});
