// Where the time goes from the exchange's stamp to the painted page, hop by hop; kept up to date while it is shown.

/** @import { Scene } from "./header.js" */
/** @import { Paints } from "./status.js" */
/** @import { Quantiles, Status } from "./types.js" */

import { element } from "./dom.js";
import { bodyOf, headOf, rowOf } from "./explain.js";
import * as format from "./format.js";
import { HOP_ENDS } from "./protocol.js";

export class HopsView {
  constructor() {
    this.table = element("table", "made");
    /** @type {Status | null} */
    this.shown = null;
  }

  /** @param {Scene} scene @param {Paints} paints @returns {Node[]} */
  view(scene, paints) {
    this.fill(scene, paints);
    return [this.table, element("p", "hint", scene.t("hops_hint"))];
  }

  /** @param {Scene} scene @param {Paints} paints */
  render(scene, paints) {
    if (this.table.isConnected && this.shown !== scene.market.status) this.fill(scene, paints);
  }

  /** @param {Scene} scene @param {Paints} paints */
  fill({ market, link, t }, paints) {
    this.shown = market.status;
    const hops = link === "open" ? this.shown?.hops : null;
    const row = (/** @type {string} */ end, /** @type {Quantiles | undefined} */ of) => rowOf([t(`to_${end}`), ...told(of, t)]);
    const painted = { p50_ms: paints.at(0.5), p99_ms: paints.at(0.99), impossible: 0 };
    this.table.replaceChildren(headOf(["hop", "p50", "p99"], t), bodyOf([...HOP_ENDS.map((end) => row(end, hops?.[end])), row("painted", painted)]));
  }
}

/** Both times, or why there are none. @param {Quantiles | undefined} of @param {Scene["t"]} t */
const told = (of, t) => [of?.impossible && of.p50_ms === null ? t("clocks_differ") : format.milliseconds(of?.p50_ms), format.milliseconds(of?.p99_ms)];
