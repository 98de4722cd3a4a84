import assert from "node:assert/strict";
import test from "node:test";

import { Market } from "../market.js";
import { bands } from "../marks.js";
import { parse } from "../protocol.js";
import { TEN, aBar, aChain } from "./builders.js";

const said = (market, message) => market.take(parse(JSON.stringify(message)));
const aStatus = (fields = {}) => ({ type: "status", at_us: TEN * 1e6, phase: "open", feed: { state: "ok", alive_through_us: (TEN + 9) * 1e6 }, kafka: { state: "ok" }, spark: { state: "ok" }, database: { state: "ok" }, ...fields });
const watching = (symbol) => {
  const market = new Market();
  market.choose(symbol);
  market.takeNews();
  return market;
};

test("the axis runs with the feed's clock while the market runs, and rests with the last trade", () => {
  const market = watching("2330");
  said(market, { type: "bar", data: aBar(TEN) });
  assert.equal(market.through, TEN);
  said(market, aStatus());
  assert.equal(market.through, TEN + 9);
  said(market, aStatus({ phase: "closed" }));
  assert.equal(market.through, TEN);
});

test("a bar of another symbol moves the watch list and not the chart", () => {
  const market = watching("2330");
  said(market, { type: "bar", data: aBar(TEN, { symbol: "0050" }) });
  const news = market.takeNews();
  assert.deepEqual([[...news.traded], news.seconds.size, market.series?.bars.length], [["0050"], 0, 0]);
});

test("a repeat flashes nothing", () => {
  const market = watching("2330");
  said(market, { type: "bar", data: aBar(TEN) });
  market.takeNews();
  said(market, { type: "bar", data: aBar(TEN) });
  assert.equal(market.takeNews().traded.size, 0);
});

test("a snapshot fills the series and flashes nothing", () => {
  const market = watching("2330");
  said(market, { type: "snapshot", symbol: "2330", bars: aChain([TEN, TEN + 1]), averages: [], since: TEN, complete: true });
  const news = market.takeNews();
  assert.deepEqual([news.reset, news.traded.size, market.quotes.get("2330")?.last?.second], [true, 0, TEN + 1]);
});

test("trouble of a hop is told with the time it began, and is over when the hop is ok", () => {
  const market = watching("2330");
  said(market, aStatus({ spark: { state: "stale" } }));
  said(market, aStatus({ at_us: (TEN + 5) * 1e6, spark: { state: "down" } }));
  assert.deepEqual(market.troubles.get("spark"), { state: "down", sinceUs: TEN * 1e6 });
  said(market, aStatus({ spark: { state: "ok" } }));
  assert.equal(market.troubles.size, 0);
});

test("an announced gap replaces what the counter says of the same place, and heals", () => {
  const market = watching("2330");
  const [first, , last] = aChain([TEN, TEN + 1, TEN + 4]);
  for (const data of [first, last]) said(market, { type: "bar", data });
  said(market, aStatus());
  assert.deepEqual(bands(market).map(({ kind, lots }) => [kind, lots]), [["gap", 1]]);
  const gap = { symbol: "2330", from_us: TEN * 1e6, to_us: (TEN + 4) * 1e6, missing_lots: 1, state: "open", reason: "counter" };
  said(market, { type: "gap", data: gap });
  assert.deepEqual(bands(market).map(({ kind }) => kind), ["gap"]);
  said(market, { type: "bar", data: aChain([TEN, TEN + 1])[1] });
  said(market, { type: "gap", data: { ...gap, state: "healed" } });
  assert.deepEqual(bands(market).map(({ kind }) => kind), ["healed"]);
});

test("what nobody looks at is forgotten", () => {
  const market = watching("2330");
  for (const symbol of ["2330", "0050", "2317"]) said(market, { type: "bar", data: aBar(TEN, { symbol }) });
  market.keepQuotes(["2330"]);
  assert.deepEqual([...market.quotes.keys()], ["2330"]);
});

test("a price is compared with the reference of its own day only", () => {
  const market = watching("2330");
  const info = { symbol: "2330", reference_price: 1085, trading_day: "2026-12-01" };
  market.inform(/** @type {any} */ (info));
  assert.equal(market.reference("2330", aBar(TEN)), 1085);
  assert.equal(market.reference("2330", aBar(TEN + 86_400)), null);
  said(market, aStatus({ phase: "open", trading_day: "2026-12-02" }));
  assert.equal(market.outdated(["2330"]), true);
  said(market, aStatus({ phase: "open", trading_day: "2026-12-01" }));
  assert.equal(market.outdated(["2330"]), false);
});
