// The newest bars as a table: the same numbers for those who do not see the chart, or want to read them.

/** @import { Scene } from "./header.js" */
/** @import { Band } from "./marks.js" */
/** @import { Bar } from "./types.js" */

import { element, show } from "./dom.js";
import * as format from "./format.js";
import { bandsAt, story } from "./marks.js";

const ROWS = 120;
const EVERY_MS = 1_000;
const COLUMNS = /** @type {const} */ (["time", "open", "high", "low", "close", "second_volume", "trades", "vwap", "sma_5", "sma_10", "sma_15", "notes"]);

export class Table {
  /** @param {HTMLElement} root @param {(second: number) => void} explain */
  constructor(root, explain) {
    this.root = root;
    this.explain = explain;
    this.writtenMs = 0;
  }

  /** Once a second at most: a table that moves under the reader cannot be read. @param {Scene & {view: import("./types.js").View}} scene @param {Band[]} bands @param {boolean} anew */
  render(scene, bands, anew) {
    const shown = scene.view.mode === "table";
    show(this.root, shown);
    const nowMs = performance.now();
    if (!shown || (!anew && (nowMs - this.writtenMs < EVERY_MS || this.root.contains(document.activeElement)))) return;
    this.writtenMs = nowMs;
    const table = element("table", "bars");
    table.append(element("caption", "unseen", scene.t("table_caption", { symbol: scene.symbol ?? "" })), this.head(scene), this.body(scene, bands));
    this.root.replaceChildren(table);
  }

  /** @param {Scene} scene */
  head({ t }) {
    const row = element("tr", "");
    for (const name of COLUMNS) {
      const cell = row.appendChild(element("th", "", t(name)));
      cell.setAttribute("scope", "col");
    }
    const head = element("thead", "");
    head.append(row);
    return head;
  }

  /** @param {Scene} scene @param {Band[]} bands */
  body(scene, bands) {
    const body = element("tbody", "");
    const bars = scene.market.series?.bars.slice(-ROWS).toReversed() ?? [];
    body.append(...bars.map((bar) => this.row(scene, bar, bands)));
    return body;
  }

  /** @param {Scene} scene @param {Bar} bar @param {Band[]} bands */
  row({ market, t, symbol }, bar, bands) {
    const averages = market.series?.averageAt(bar.second);
    const price = (/** @type {number} */ value) => format.price(value, symbol ?? "");
    const notes = bandsAt(bands, bar.second).map((band) => story(band, t));
    if (market.series?.corrected.has(bar.second)) notes.push(t("mark_correction"));
    const texts = [price(bar.open), price(bar.high), price(bar.low), price(bar.close), format.whole(bar.volume), format.whole(bar.trades), format.decimal(bar.vwap, 4),
      ...[averages?.sma_5, averages?.sma_10, averages?.sma_15].map((value) => format.decimal(value, 4)), notes.join(" · ")];
    const row = element("tr", "");
    const head = row.appendChild(element("th", ""));
    const button = head.appendChild(element("button", "", format.clock(bar.second)));
    head.setAttribute("scope", "row");
    button.title = t("explain");
    button.onclick = () => this.explain(bar.second);
    row.append(...texts.map((text) => element("td", "", text)));
    return row;
  }
}
