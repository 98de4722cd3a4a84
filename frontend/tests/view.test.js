import assert from "node:assert/strict";
import test from "node:test";

import { meaning } from "../keys.js";
import { Quote } from "../quote.js";
import { formatView, moved, parseView, toggled } from "../view.js";
import { TEN, aBar } from "./builders.js";

test("a view survives the URL", () => {
  const view = { symbol: "2330", watch: ["2330", "0050"], lang: "en", theme: "dark", mode: "candles", axis: "compressed", colours: "us", compare: ["2317", "2454"] };
  assert.deepEqual(parseView(formatView(view)), view);
});

test("defaults are left out, and Taiwanese", () => {
  const view = parseView("");
  assert.deepEqual(view, { symbol: null, watch: [], lang: "zh-TW", theme: "system", mode: "line", axis: "true", colours: "tw", compare: [] });
  assert.equal(formatView({ ...view, symbol: "2330" }), "?symbol=2330");
});

test("a hostile URL chooses nothing", () => {
  const view = parseView("?symbol=<img src=x>&watch=2330,../x,%3Cb%3E,2330&mode=constructor&theme=__proto__");
  assert.deepEqual([view.symbol, view.watch, view.mode, view.theme], [null, ["2330"], "line", "system"]);
});

test("a remembered list is used unless the link brings one", () => {
  assert.deepEqual(parseView("", ["0050"]).watch, ["0050"]);
  assert.deepEqual(parseView("?watch=2330", ["0050"]).watch, ["2330"]);
});

test("a symbol moves within the list and stops at its ends", () => {
  assert.deepEqual(moved(["a", "b", "c"], "b", -1), ["b", "a", "c"]);
  assert.deepEqual(moved(["a", "b", "c"], "c", 1), ["a", "b", "c"]);
  assert.deepEqual(moved(["a"], "z", 1), ["a"]);
});

test("keys mean what the help says, and nothing with Ctrl held", () => {
  const told = [];
  const acts = Object.fromEntries(["search", "symbol", "move", "bar", "mode", "now", "help", "explain", "gaps", "leave"].map((name) => [name, (value) => told.push([name, value])]));
  const keys = [{ key: "2" }, { key: "ArrowDown" }, { key: "ArrowUp", altKey: true }, { key: "ArrowLeft" }, { key: "L" }, { key: "c" }, { key: "k", ctrlKey: true }, { key: "r" }, { key: "T" }, { key: "e" }, { key: "Enter" }, { key: "g" }, { key: "Escape" }];
  for (const key of keys) meaning(key, acts)?.();
  assert.deepEqual(told, [["search", "2"], ["symbol", 1], ["move", -1], ["bar", -1], ["mode", "line"], ["mode", "candles"], ["search", ""], ["now", undefined], ["mode", "table"], ["explain", undefined], ["explain", undefined], ["gaps", undefined], ["leave", undefined]]);
  assert.equal(meaning({ key: "r", ctrlKey: true }, acts), undefined);
  assert.equal(meaning({ key: "x" }, acts), undefined);
});

test("a quote keeps the newest bar and a bounded line, whatever the order", () => {
  const quote = new Quote();
  const bars = Array.from({ length: 3_000 }, (_, at) => aBar(TEN + at, { close: 100 + at % 7 }));
  for (const bar of bars) quote.take(bar);
  assert.equal(quote.take(bars[10]), false);
  assert.equal(quote.last?.second, TEN + 2_999);
  assert.ok(quote.spark.length <= 60);
  assert.ok(quote.spark.every((point, at, all) => at === 0 || all[at - 1].bucket < point.bucket));
  assert.match(quote.polyline(64, 22), /^0\.0,/);
  assert.equal(new Quote().polyline(64, 22), "");
});

test("at most three stand beside the chosen one, and the oldest makes room", () => {
  assert.deepEqual(toggled(["a", "b"], "a"), ["b"]);
  assert.deepEqual(toggled(["a", "b", "c"], "d"), ["b", "c", "d"]);
  assert.deepEqual(parseView("?symbol=2330&compare=2330,1,2,3,4").compare, ["1", "2", "3"]);
});
