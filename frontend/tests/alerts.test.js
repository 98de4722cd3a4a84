import assert from "node:assert/strict";
import test from "node:test";

import { level, sentence, standing, way } from "../alerts.js";
import { translator } from "../i18n.js";
import { parse } from "../protocol.js";
import { TEN } from "./builders.js";

const zh = translator("zh-TW");
const en = translator("en");
const PRICE = { type: "price", symbol: "2330", direction: "up", level: 1100 };
const STANDING = { id: 17, created: TEN, fired: null, fires: 0, rule: { ...PRICE, cool_down_s: null, webhook: null } };
const TOLD = { id: `17-${TEN}`, alert: 17, second: TEN, rule: "price", symbol: "2330", direction: "up", level: 1100, before: 1099, now: 1100 };

test("an alert is what the server says of it, and nothing impossible", () => {
  assert.equal(standing(STANDING)?.rule.level, 1100);
  assert.equal(standing(STANDING)?.rule.fast, null);
  for (const wrong of [null, {}, { ...STANDING, id: "17" }, { ...STANDING, rule: { type: "moon" } }, { ...STANDING, rule: { ...PRICE, level: -1 } }]) assert.equal(standing(wrong), null);
});

test("a firing is heard, and what is none is invalid", () => {
  const heard = parse(JSON.stringify({ type: "alert", data: TOLD }));
  assert.deepEqual(heard.data, { ...TOLD, fast: null, slow: null, after_s: null });
  assert.equal(parse(JSON.stringify({ type: "alert", data: { ...TOLD, second: "now" } })).type, "invalid");
});

test("what it waits for is said in both languages, and never as a bare 5MA", () => {
  assert.equal(sentence(PRICE, zh), "▲ 到達 1,100");
  assert.equal(sentence({ ...PRICE, direction: "down", level: 99.5 }, en), "▼ reaches 99.5");
  assert.equal(sentence({ type: "average", symbol: "2330", direction: "up", fast: 5, slow: 15 }, zh), "5秒均 上穿 15秒均");
  assert.equal(sentence({ type: "stale", after_s: 10 }, en), "the feed is lost for 10 s");
  assert.equal(sentence(TOLD, zh), "▲ 到達 1,100");
});

test("a level lies on a tick of its price, and the way to it is from where the price is", () => {
  assert.deepEqual([level(1085.43, "2330"), level(99.549, "2330"), level(30.126, "2330"), level(151.234, "0050")], [1085, 99.5, 30.13, 151.23]);
  assert.deepEqual([way(1100, 1085), way(1000, 1085), way(1085, 1085), way(1085, null)], ["up", "down", "up", "up"]);
});
