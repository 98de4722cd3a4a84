// Looks into things: what a second was made of, which gaps there are, where the time goes. All in the panel.

/** @import { Panel } from "./panel.js" */
/** @import { Screen } from "./screen.js" */
/** @import { Gap } from "./types.js" */

import { explainView } from "./explain.js";
import * as format from "./format.js";
import { gapsView } from "./gaps.js";
import * as history from "./history.js";

/** Bars stepped over quickly are not asked about. */
const STEP_MS = 180;

export class Inspector {
  /** @param {Panel} panel @param {Screen} screen @param {(symbol: string) => void} choose */
  constructor(panel, screen, choose) {
    this.panel = panel;
    this.screen = screen;
    this.choose = choose;
    this.timer = 0;
  }

  /** The second pointed at, or the newest. */
  here() {
    this.explain(this.screen.chart.pointed ?? this.screen.scene().market.series?.last?.second);
  }

  /** @param {number | undefined} second */
  explain(second) {
    const { symbol, t } = this.screen.scene();
    if (!symbol || second === undefined) return;
    this.screen.follow(second);
    const ask = async (/** @type {AbortSignal} */ signal) => explainView(await history.explain(symbol, second, signal), t);
    this.panel.open(t("explain_title", { symbol, time: format.clock(second) }), ask, t("explain_failed"));
  }

  /** The bar `by` bars on; an open panel follows. @param {number} by */
  step(by) {
    const second = this.screen.step(by);
    clearTimeout(this.timer);
    if (second !== null && this.panel.isOpen) this.timer = setTimeout(() => this.explain(second), STEP_MS);
  }

  gaps() {
    const { t } = this.screen.scene();
    const ask = async (/** @type {AbortSignal} */ signal) => gapsView(await history.gaps("", signal), t, (gap) => this.pick(gap));
    this.panel.open(t("gaps_title"), ask, t("gaps_failed"));
  }

  /** How long each hop of the path takes. */
  hops() {
    const scene = this.screen.scene();
    this.panel.open(scene.t("hops"), async () => this.screen.hops.view(scene, this.screen.paints), "");
  }

  /** @param {Gap} gap */
  pick(gap) {
    this.choose(gap.symbol);
    this.explain(Math.floor(gap.to_us / 1e6));
  }
}
