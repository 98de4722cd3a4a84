// Builds the parts and starts them.

/** @import { ServerMessage, SymbolInfo, View } from "./types.js" */

import { Alarms } from "./alarms.js";
import { label, openHelp, wire } from "./controls.js";
import { Desk } from "./desk.js";
import { byId } from "./dom.js";
import { offer } from "./exports.js";
import { Feed, backoff } from "./feed.js";
import * as history from "./history.js";
import { translatePage, translator } from "./i18n.js";
import { Inspector } from "./inspector.js";
import { listen } from "./keys.js";
import { Market } from "./market.js";
import { Panel } from "./panel.js";
import { Screen } from "./screen.js";
import { Search } from "./search.js";
import { onSystemChange, wear } from "./theme.js";
import { formatView, moved, parseView, toggled } from "./view.js";

const REMEMBERED = "stock-insights.watch";
const FIRST_WATCHED = 12;
const RENEW_MS = 20_000;
/** What a first visit would look for, as far as the server has it. */
const USUAL = ["2330", "0050", "2317", "2454", "2308", "2412", "2881", "2603", "3008", "6488", "0056", "1301"];

let view = parseView(location.search, (localStorage.getItem(REMEMBERED) ?? "").split(","));
let t = translator(view.lang);
let quietMs = 0;

const market = new Market();
const feed = new Feed(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`, { onMessage: hear, onLink: quiet, subscriptions: () => desk.subscriptions() });
const desk = new Desk(market, feed, () => screen.wake());
const screen = new Screen({ choose, keep, beside, explain: (second) => inspector.explain(second), alert: (price) => alarms.open(price), older }, () => ({ market, t, lang: view.lang, link: feed.link, symbol: view.symbol, quietMs, view, historyFails: desk.past?.fails ?? false }));
const panel = new Panel();
const inspector = new Inspector(panel, screen, choose);
const alarms = new Alarms(panel, screen, byId("toasts"), choose);
const search = /** @type {HTMLInputElement} */ (byId("search"));

new Search(search, byId("hits"), { find: history.symbols, pick, scene: screen.scene });
wire(() => view, change, { now, gaps: () => inspector.gaps(), hops: () => inspector.hops(), alert: () => alarms.open(null), choose });
offer(() => (view.symbol && screen.chart.seconds ? { symbol: view.symbol, ...screen.chart.seconds } : null));
onSystemChange(() => change({}));
listen({
  search: (first) => {
    search.value = first;
    search.focus();
    search.dispatchEvent(new Event("input"));
  },
  symbol: (by) => choose(view.watch[(view.watch.indexOf(view.symbol ?? "") + by + view.watch.length) % view.watch.length]),
  move: (by) => keep(moved(view.watch, view.symbol ?? "", by)),
  bar: (by) => inspector.step(by),
  mode: (mode) => change({ mode }),
  now,
  help: openHelp,
  explain: () => inspector.here(),
  gaps: () => inspector.gaps(),
  alert: () => alarms.open(),
  leave: () => panel.close(),
});
setInterval(renew, RENEW_MS);
change({});
start();

/** @param {ServerMessage} message @param {number} atMs */
function hear(message, atMs) {
  market.take(message);
  if (message.type === "alert") alarms.take(message.data);
  if (message.type === "snapshot") desk.follow(message);
  if (message.type === "status" && message.replay) control(message.replay);
  if (message.type === "status" && !market.runs) desk.rest();
  screen.wake(message.type === "bar" ? atMs : 0);
}

/** Nobody needs the controls of a replay but in one. @param {import("./replay.js").Replay} replay */
async function control(replay) {
  (await import("./replay.js")).render(replay, t);
}

/** @param {unknown} _ @param {number} ms */
function quiet(_, ms) {
  quietMs = ms;
  screen.wake();
}

/** At once when a symbol is known; a first visit needs the server's list before it has one. */
async function start() {
  desk.keep(view.watch);
  choose(view.symbol ?? view.watch[0]);
  desk.compare(view.compare);
  if (desk.symbol) feed.start();
  alarms.start();
  const infos = await symbols();
  infos.forEach((info) => market.inform(info));
  if (view.watch.length === 0) adopt(usual(infos.map(({ symbol }) => symbol)));
  learn([...view.watch, ...view.compare, view.symbol ?? ""]);
  screen.renew();
}

/** Names and reference prices belong to a trading day: asked for again until the watched have today's. */
async function renew() {
  if (!market.outdated([...view.watch, view.symbol ?? ""])) return;
  const infos = await history.symbols("").catch(() => []);
  infos.forEach((info) => market.inform(info));
  screen.renew();
}

/** The best known first, then what the server lists. @param {string[]} listed */
function usual(listed) {
  const known = new Set(listed);
  return [...new Set([...USUAL.filter((symbol) => known.has(symbol)), ...listed])].slice(0, FIRST_WATCHED);
}

/** A first visit watches the usual. @param {string[]} watch */
function adopt(watch) {
  desk.keep(watch);
  change({ watch });
  if (desk.symbol) return;
  choose(watch[0]);
  feed.start();
}

/** @returns {Promise<SymbolInfo[]>} */
async function symbols() {
  for (let tries = 0; ; tries++) {
    try {
      return await history.symbols("");
    } catch {
      await new Promise((resolve) => setTimeout(resolve, backoff(tries, Math.random())));
    }
  }
}

/** Names of symbols that the first page of the list did not hold. @param {string[]} wanted */
async function learn(wanted) {
  for (const symbol of wanted.filter((code) => code && !market.infos.has(code))) {
    const found = await history.symbols(symbol).catch(() => []);
    const info = found.find((one) => one.symbol === symbol);
    if (info) market.inform(info);
  }
  screen.renew();
}

/** @param {Partial<View>} changes */
function change(changes) {
  view = { ...view, ...changes };
  t = translator(view.lang);
  window.history.replaceState(null, "", formatView(view));
  document.documentElement.lang = view.lang === "en" ? "en" : "zh-Hant-TW";
  document.title = t("title");
  wear(view);
  translatePage(document, t);
  label(view, t);
  screen.renew();
  alarms.draw();
}

/** @param {string | undefined} symbol */
function choose(symbol) {
  if (!symbol || symbol === desk.symbol) return;
  desk.choose(symbol);
  panel.close();
  screen.reopen();
  change({ symbol, compare: view.compare.filter((each) => each !== symbol) });
}

/** The viewer's own change, so this browser remembers it; a list that came with a link is only shown. @param {string[]} watch */
function keep(watch) {
  desk.keep(watch);
  localStorage.setItem(REMEMBERED, watch.join(","));
  change({ watch });
}

/** Shows a symbol beside the chosen one, or no longer. @param {string} symbol */
function beside(symbol) {
  if (symbol === view.symbol) return;
  const compare = toggled(view.compare, symbol);
  desk.compare(compare);
  change({ compare });
}

function now() {
  desk.past?.forget();
  screen.now();
}

/** The viewer looks left of the first bar; those in step look with him. */
function older() {
  for (const past of desk.pasts.values()) past.older();
}

/** @param {SymbolInfo} info */
function pick(info) {
  market.inform(info);
  if (!view.watch.includes(info.symbol)) keep([...view.watch, info.symbol]);
  choose(info.symbol);
}
