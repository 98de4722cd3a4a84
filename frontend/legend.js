// What the crosshair points at, or the newest second: one line for each pane.

/** @import { Band } from "./marks.js" */
/** @import { Scene } from "./header.js" */

import { element, write } from "./dom.js";
import * as format from "./format.js";
import { bandsAt, story } from "./marks.js";
import { isSettled } from "./series.js";

const PRICE = ["time", "open", "high", "low", "close", "vwap", "sma_5", "sma_10", "sma_15", "marks"];
const VOLUME = ["second_volume", "trades", "buy_side", "sell_side"];

export class Legend {
  /** @param {HTMLElement} price @param {HTMLElement} volume */
  constructor(price, volume) {
    this.price = price;
    this.volume = volume;
    /** @type {(below: number) => void} */
    this.onHeight = () => {};
    new ResizeObserver(() => this.onHeight(price.offsetTop + price.offsetHeight)).observe(price);
    /** @type {Map<string, {label: HTMLElement, value: HTMLElement}>} */
    this.items = new Map();
    for (const [root, names] of /** @type {const} */ ([[price, PRICE], [volume, VOLUME]])) {
      for (const name of names) this.items.set(name, item(root, name));
    }
  }

  /** @param {number} top where the volume pane begins, px */
  settle(top) {
    const text = `${Math.round(top) + 7}px`;
    if (this.volume.style.top !== text) this.volume.style.top = text;
  }

  /** @param {Scene} scene @param {number | null} second null for the newest bar @param {Band[]} bands */
  render(scene, second, bands) {
    const { market, t, symbol } = scene;
    const series = market.series;
    this.price.toggleAttribute("data-pointed", second !== null);
    const at = second ?? series?.last?.second ?? null;
    const bar = at === null ? undefined : series?.barAt(at);
    const price = (/** @type {number | undefined} */ value) => format.price(value, symbol ?? "");
    this.put("time", "", at === null ? format.UNKNOWN : format.clock(at));
    for (const name of /** @type {const} */ (["open", "high", "low", "close"])) this.put(name, t(name).slice(0, scene.lang === "en" ? 1 : undefined), price(bar?.[name]));
    this.put("vwap", t("vwap"), format.decimal(bar?.vwap, 4));
    const averages = at === null || !series || at > market.through ? null : series.averageAt(at);
    for (const window of /** @type {const} */ ([5, 10, 15])) this.put(`sma_${window}`, t(`sma_${window}`), format.decimal(averages?.[`sma_${window}`], 4));
    this.put("second_volume", t("second_volume"), bar ? `${format.whole(bar.volume)} ${t("lots")}` : format.UNKNOWN);
    this.put("trades", t("trades"), bar ? format.whole(bar.trades) : at === null ? format.UNKNOWN : t("empty_second"));
    this.put("buy_side", t("buy_side"), format.whole(bar?.buy_volume));
    this.put("sell_side", t("sell_side"), format.whole(bar?.sell_volume));
    this.put("marks", "", at === null ? "" : this.marks(scene, at, bands).join(" · "));
  }

  /** @param {Scene} scene @param {number} at @param {Band[]} bands */
  marks({ market, t }, at, bands) {
    const said = bandsAt(bands, at).map((band) => story(band, t));
    if (market.series?.corrected.has(at)) said.push(t("mark_correction"));
    if (market.series?.barAt(at) && market.clockUs > 0 && !isSettled(at, market.clockUs)) said.push(t("mark_live"));
    return said;
  }

  /** @param {string} name @param {string} label @param {string} value */
  put(name, label, value) {
    const found = this.items.get(name);
    if (!found) return;
    write(found.label, label);
    write(found.value, value);
  }
}

/** @param {HTMLElement} root @param {string} name */
function item(root, name) {
  const box = root.appendChild(element("span", "item"));
  box.dataset.item = name;
  return { label: box.appendChild(element("span", "label")), value: box.appendChild(element("span", "value")) };
}
