// A sentence for those who listen, four times a minute.

/** @import { Scene } from "./header.js" */

import { write } from "./dom.js";
import * as format from "./format.js";
import { nameOf } from "./i18n.js";

const SPOKEN_MS = 15_000;

export class Speech {
  /** @param {HTMLElement} root a live region */
  constructor(root) {
    this.root = root;
    this.spokenMs = -Infinity;
  }

  /** @param {Scene} scene */
  say({ market, t, lang, symbol }) {
    const nowMs = performance.now();
    const last = market.series?.last;
    if (!last || !symbol || nowMs - this.spokenMs < SPOKEN_MS) return;
    this.spokenMs = nowMs;
    const change = format.change(last.close, market.reference(symbol, last));
    const said = change ? `${format.signed(change.difference, 2)} (${format.signed(change.percent, 2)}%)` : format.UNKNOWN;
    write(this.root, t("summary", { name: nameOf(market.infos.get(symbol), lang) || symbol, price: format.price(last.close, symbol), change: said }));
  }
}
