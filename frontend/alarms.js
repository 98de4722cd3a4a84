// This browser's alerts: set from the chart or by key, drawn as lines, told when they fire.

/** @import { Panel } from "./panel.js" */
/** @import { Screen } from "./screen.js" */
/** @import { Standing, Told } from "./types.js" */

import * as api from "./alert_api.js";
import { level, sentence } from "./alerts.js";
import { element } from "./dom.js";
import * as format from "./format.js";
import { nameOf } from "./i18n.js";
import { place } from "./series.js";
import { palette } from "./theme.js";

const MOST_TOASTS = 4;

export class Alarms {
  /** @param {Panel} panel @param {Screen} screen @param {HTMLElement} toasts a live region @param {(symbol: string) => void} choose */
  constructor(panel, screen, toasts, choose) {
    this.panel = panel;
    this.screen = screen;
    this.toasts = toasts;
    this.choose = choose;
    /** @type {Standing[]} */
    this.standing = [];
    /** @type {number | null} */
    this.at = null;
    this.shown = false;
  }

  /** What stands from before; nothing is asked for a browser that never set one. */
  async start() {
    if (api.knows()) await this.read().catch(() => {});
  }

  async read() {
    this.standing = await api.all();
    this.draw();
  }

  /** The panel, for a price on the chart, or else that of the second pointed at, or else the last. @param {number | null} [price] */
  open(price = this.screen.chart.level) {
    const { symbol, market, t } = this.screen.scene();
    if (!symbol) return;
    const { pointed } = this.screen.chart;
    const bars = market.series?.bars ?? [];
    const from = price ?? bars[(pointed === null ? bars.length : place(bars, pointed + 1)) - 1]?.close ?? null;
    this.at = from === null ? null : level(from, symbol);
    this.panel.open(t("alerts"), async () => {
      if (api.knows()) await this.read();
      return this.view();
    }, t("alerts_failed"));
  }

  /** The panel's module comes with its first use. @returns {Promise<Node[]>} */
  async view() {
    const { alertsView } = await import("./alert_panel.js");
    const { symbol, market, t } = this.screen.scene();
    const scene = { symbol: symbol ?? "", last: market.series?.last?.close ?? null, level: this.at, standing: this.standing, t };
    return alertsView(scene, { set: (rule) => this.act(() => api.set(rule)), remove: (id) => this.act(() => api.remove(id)), choose: this.choose });
  }

  /** Does it, and shows what stands then; a refusal in the server's words. @param {() => Promise<unknown>} work */
  act(work) {
    const { t } = this.screen.scene();
    this.panel.open(t("alerts"), async () => {
      const said = await work().then(() => [], (error) => [element("p", "missing", t("alert_refused", { reason: error instanceof Error ? error.message : String(error) }))]);
      await this.read();
      return [...said, ...await this.view()];
    }, t("alerts_failed"));
  }

  /** The levels of the chosen symbol that may still be reached. */
  draw() {
    const { symbol, t } = this.screen.scene();
    const color = palette().bands.gap;
    const waiting = this.standing.filter(({ rule, fired }) => rule.symbol === symbol && rule.level !== null && (fired === null || rule.cool_down_s !== null));
    this.screen.chart.levels.show("alerts", waiting.map(({ rule }) => ({ price: rule.level ?? 0, title: `${rule.direction === "down" ? "▼" : "▲"} ${t("alert")}`, color })));
  }

  /** Of all that fire, those of this browser. @param {Told} told */
  take(told) {
    const mine = this.standing.find(({ id }) => id === told.alert);
    if (!mine || (mine.fired ?? 0) >= told.second) return;
    mine.fired = told.second;
    this.draw();
    this.toast(told);
  }

  /** @param {Told} told */
  toast(told) {
    const { market, t, lang } = this.screen.scene();
    const { symbol } = told;
    const name = symbol ? `${symbol} ${nameOf(market.infos.get(symbol), lang)}`.trim() : "";
    const root = element("div", "toast");
    const what = root.appendChild(element("button", "what", [name, sentence(told, t), format.clock(told.second)].filter(Boolean).join(" · ")));
    what.onclick = () => { if (symbol) this.choose(symbol); };
    const close = root.appendChild(element("button", "remove", "×"));
    close.setAttribute("aria-label", t("panel_close"));
    close.onclick = () => root.remove();
    this.toasts.append(root);
    while (this.toasts.children.length > MOST_TOASTS) this.toasts.firstElementChild?.remove();
  }
}
