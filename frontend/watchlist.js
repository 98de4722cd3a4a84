// 自選股: a row a symbol; a row flashes when its symbol really traded, and only then.

/** @import { Scene } from "./header.js" */
/** @import { View } from "./types.js" */

import { Drag } from "./drag.js";
import { element, mark, sparkLine, write } from "./dom.js";
import * as format from "./format.js";
import { nameOf } from "./i18n.js";

const SPARK = { width: 64, height: 22 };
const FLASH_MS = 450;

/** @typedef {{root: HTMLElement, name: HTMLElement, code: HTMLElement, last: HTMLElement, change: HTMLElement, volume: HTMLElement, line: SVGPolylineElement, remove: HTMLElement, beside: HTMLElement, handle: HTMLElement}} Row */
/** @typedef {{choose(symbol: string): void, keep(watch: string[]): void, beside(symbol: string): void}} Acts */

export class WatchList {
  /** @param {HTMLElement} root @param {Acts} acts */
  constructor(root, acts) {
    this.root = root;
    this.acts = acts;
    /** @type {string[]} */
    this.symbols = [];
    /** @type {Map<string, Row>} */
    this.rows = new Map();
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.drag = new Drag(root, () => acts.keep([...root.children].map((row) => /** @type {HTMLElement} */ (row).dataset.symbol ?? "")));
  }

  /** Rows in the list's order; those that stay are kept as they are. @param {string[]} symbols */
  lay(symbols) {
    this.symbols = symbols;
    for (const [symbol, row] of this.rows) {
      if (symbols.includes(symbol)) continue;
      row.root.remove();
      this.rows.delete(symbol);
    }
    const rows = symbols.map((symbol) => this.rows.get(symbol) ?? this.add(symbol));
    rows.forEach(({ root }, at) => { if (this.root.children[at] !== root) this.root.insertBefore(root, this.root.children[at] ?? null); });
  }

  /** @param {string} symbol @returns {Row} */
  add(symbol) {
    const root = element("li", "row");
    const choose = root.appendChild(element("button", "pick"));
    const part = (/** @type {string} */ name) => choose.appendChild(element("span", name));
    const name = part("name");
    const { svg, line } = sparkLine(SPARK.width, SPARK.height);
    choose.appendChild(svg);
    const row = { root, name, last: part("last"), code: part("code"), volume: part("lots"), change: part("change"), line, ...tools(root) };
    choose.onclick = () => this.acts.choose(symbol);
    row.remove.onclick = () => this.acts.keep(this.symbols.filter((kept) => kept !== symbol));
    row.beside.onclick = () => this.acts.beside(symbol);
    row.handle.onpointerdown = (event) => this.drag.begin(root, event);
    root.dataset.symbol = symbol;
    this.rows.set(symbol, row);
    return row;
  }

  /** @param {Scene & {view: View}} scene @param {Iterable<string>} symbols */
  render(scene, symbols) {
    for (const symbol of symbols) {
      const row = this.rows.get(symbol);
      if (row) this.fill(row, symbol, scene);
    }
  }

  /** @param {Row} row @param {string} symbol @param {Scene & {view: View}} scene */
  fill(row, symbol, { market, t, lang, symbol: chosen, view }) {
    const info = market.infos.get(symbol);
    const quote = market.quotes.get(symbol);
    const change = format.change(quote?.last?.close, market.reference(symbol, quote?.last));
    write(row.name, nameOf(info, lang) || symbol);
    write(row.code, symbol);
    write(row.last, format.price(quote?.last?.close, symbol));
    write(row.change, change ? `${change.mark} ${format.signed(change.percent, 2)}%`.trim() : format.UNKNOWN);
    write(row.volume, quote?.last?.day_volume ? `${format.whole(quote.last.day_volume)} ${t("lots")}` : format.UNKNOWN);
    mark(row.root, "data-sign", change ? String(change.sign) : "");
    mark(row.line, "points", quote?.polyline(SPARK.width, SPARK.height) ?? "");
    this.label(row, symbol, t, view.compare.includes(symbol));
    if (symbol === chosen) mark(row.root, "aria-current", "true");
    else row.root.removeAttribute("aria-current");
  }

  /** @param {Row} row @param {string} symbol @param {Scene["t"]} t @param {boolean} compared */
  label({ remove, beside, handle }, symbol, t, compared) {
    mark(remove, "aria-label", t("watch_remove", { symbol }));
    mark(beside, "aria-label", t("compare_with", { symbol }));
    mark(beside, "title", t("compare_with", { symbol }));
    mark(beside, "aria-pressed", String(compared));
    /** @type {HTMLElement} */ (beside.parentElement).toggleAttribute("data-beside", compared);
    mark(handle, "title", t("watch_move"));
  }

  /** @param {Iterable<string>} symbols */
  flash(symbols) {
    if (this.still.matches) return;
    for (const symbol of symbols) {
      const row = this.rows.get(symbol);
      row?.last.getAnimations().forEach((animation) => animation.cancel());
      row?.last.animate([{ backgroundColor: "var(--flash)" }, { backgroundColor: "transparent" }], { duration: FLASH_MS, easing: "ease-out" });
    }
  }
}

/** A handle to drag by (the keyboard has Alt and the arrows), and buttons to compare and to remove. @param {HTMLElement} root */
function tools(root) {
  const handle = root.appendChild(element("span", "handle", "⠿"));
  handle.setAttribute("aria-hidden", "true");
  return { handle, beside: root.appendChild(element("button", "beside", "⊞")), remove: root.appendChild(element("button", "remove", "×")) };
}
