// Finds a symbol by code or name; Enter or a click adds it to the watch list and shows it.

/** @import { SymbolInfo } from "./types.js" */
/** @import { Scene } from "./header.js" */

import { element, mark, write } from "./dom.js";
import { nameOf } from "./i18n.js";

const PAUSE_MS = 120;
const MOST = 8;

export class Search {
  /**
   * @param {HTMLInputElement} input @param {HTMLElement} list
   * @param {{find(q: string, signal: AbortSignal): Promise<SymbolInfo[]>, pick(info: SymbolInfo): void, scene(): Scene}} acts
   */
  constructor(input, list, acts) {
    this.input = input;
    this.list = list;
    this.acts = acts;
    this.asked = new AbortController();
    this.timer = 0;
    /** @type {SymbolInfo[]} */
    this.found = [];
    this.at = 0;
    input.addEventListener("input", () => this.ask());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.close());
    list.addEventListener("pointerdown", (event) => this.click(event));
  }

  ask() {
    clearTimeout(this.timer);
    this.asked.abort();
    const q = this.input.value.trim();
    if (!q) return this.close();
    this.asked = new AbortController();
    this.timer = setTimeout(() => this.find(q, this.asked.signal), PAUSE_MS);
  }

  /** @param {string} q @param {AbortSignal} signal */
  async find(q, signal) {
    const { t } = this.acts.scene();
    try {
      this.found = (await this.acts.find(q, signal)).slice(0, MOST);
      if (!signal.aborted) this.show(t("search_none"));
    } catch {
      this.found = [];
      if (!signal.aborted) this.show(t("search_failed"));
    }
  }

  /** @param {string} nothing what to say when nothing was found */
  show(nothing) {
    this.at = 0;
    const { lang } = this.acts.scene();
    const rows = this.found.map((info, at) => {
      const row = element("li", "hit");
      row.append(element("span", "code", info.symbol), element("span", "name", nameOf(info, lang)));
      row.id = `hit-${at}`;
      row.setAttribute("role", "option");
      return row;
    });
    if (rows.length === 0) rows.push(element("li", "nothing", nothing));
    this.list.replaceChildren(...rows);
    this.list.hidden = false;
    mark(this.input, "aria-expanded", "true");
    this.point();
  }

  point() {
    this.found.forEach((_, at) => mark(/** @type {Element} */ (this.list.children[at]), "aria-selected", String(at === this.at)));
    mark(this.input, "aria-activedescendant", this.found.length > 0 ? `hit-${this.at}` : "");
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    event.stopPropagation();
    if (event.key === "Escape") return this.leave();
    if (event.key === "Enter" && !event.isComposing) return this.pick(this.at);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || this.found.length === 0) return;
    event.preventDefault();
    this.at = (this.at + step + this.found.length) % this.found.length;
    this.point();
  }

  /** @param {PointerEvent} event */
  click(event) {
    event.preventDefault();
    const row = event.target instanceof Element ? event.target.closest(".hit") : null;
    if (row) this.pick([...this.list.children].indexOf(row));
  }

  /** @param {number} at */
  pick(at) {
    const info = this.found[at];
    if (!info) return;
    this.leave();
    this.acts.pick(info);
  }

  leave() {
    this.input.value = "";
    this.close();
    this.input.blur();
  }

  close() {
    clearTimeout(this.timer);
    this.asked.abort();
    this.found = [];
    this.list.hidden = true;
    mark(this.input, "aria-expanded", "false");
    write(this.list, "");
  }
}
