import assert from "node:assert/strict";
import test from "node:test";

import { Desk } from "../desk.js";
import { backoff } from "../feed.js";
import { Market } from "../market.js";
import { TEN, aBar } from "./builders.js";

test("waits grow, have a ceiling, and are never the same for a crowd", () => {
  assert.equal(backoff(0, 0), 125);
  assert.ok(backoff(20, 0.999) <= 8_125);
  assert.ok(backoff(3, 0.9) > backoff(1, 0.9));
  assert.notEqual(backoff(5, 0.1), backoff(5, 0.2));
});

const aDesk = () => {
  const sent = [];
  const market = new Market();
  const desk = new Desk(market, { send: (message) => sent.push(message) }, () => {});
  return { desk, market, sent };
};

test("the chosen symbol is asked for whole, the others for their bars", () => {
  const { desk } = aDesk();
  desk.keep(["2330", "0050"]);
  desk.choose("2330");
  const asks = desk.subscriptions().map(({ channels, symbols, since }) => [channels, symbols, since]);
  assert.deepEqual(asks, [[["bars", "averages", "status"], ["2330"], undefined], [["bars"], ["0050"], undefined], [["alerts"], ["*"], undefined]]);
});

test("a reconnect asks again for the last minutes, where repairs may have come", () => {
  const { desk, market } = aDesk();
  desk.choose("2330");
  market.series?.upsert(aBar(TEN), null);
  assert.equal(desk.subscriptions()[0].since, TEN - 300);
});

test("a symbol that is left keeps its bars only while it is watched", () => {
  const { desk, sent } = aDesk();
  desk.keep(["2330"]);
  desk.choose("2330");
  desk.choose("0050");
  desk.choose("2317");
  assert.deepEqual(sent.filter(({ type }) => type === "unsubscribe").map(({ channels, symbols }) => [channels, symbols]), [[["averages"], ["2330"]], [["bars", "averages"], ["0050"]]]);
});

test("a changed list asks for what is new and drops what is gone", () => {
  const { desk, sent } = aDesk();
  desk.choose("2330");
  desk.keep(["2330", "0050"]);
  desk.keep(["2330", "2317"]);
  assert.deepEqual(sent.slice(1).map(({ type, symbols }) => [type, symbols]), [["subscribe", ["0050"]], ["subscribe", ["2317"]], ["unsubscribe", ["0050"]]]);
});

test("a symbol beside the chosen one is asked for whole, and dropped unless it is watched", () => {
  const { desk, market, sent } = aDesk();
  desk.keep(["2330", "0050"]);
  desk.choose("2330");
  sent.length = 0;
  desk.compare(["0050", "2317"]);
  assert.deepEqual([...market.compared.keys()], ["0050", "2317"]);
  desk.compare([]);
  assert.deepEqual(sent.map(({ type, symbols }) => [type, symbols]), [["subscribe", ["0050"]], ["subscribe", ["2317"]], ["unsubscribe", ["2317"]]]);
  assert.equal(market.compared.size, 0);
});

test("the symbol that is chosen is no longer beside itself", () => {
  const { desk, market } = aDesk();
  desk.choose("2330");
  desk.compare(["0050"]);
  desk.choose("0050");
  assert.deepEqual([desk.compared, market.compared.size, [...desk.pasts.keys()]], [[], 0, ["0050"]]);
});
