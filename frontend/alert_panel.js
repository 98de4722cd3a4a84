// The alerts as the panel shows them: those that stand, and a form for one more.

/** @import { Translate } from "./i18n.js" */
/** @import { Rule, Standing } from "./types.js" */

import { sentence, way } from "./alerts.js";
import { element } from "./dom.js";
import * as format from "./format.js";

export const COOL_DOWN_S = 600;

/**
 * @typedef {object} Scene
 * @property {string} symbol
 * @property {number | null} last
 * @property {number | null} level where the new one would be
 * @property {Standing[]} standing of every symbol
 * @property {Translate} t
 */

/** @typedef {{set(rule: Partial<Rule>): void, remove(id: number): void, choose(symbol: string): void}} Acts */

/** @param {Scene} scene @param {Acts} acts @returns {Node[]} */
export function alertsView(scene, acts) {
  const { standing, t } = scene;
  const list = element("ol", "gaps");
  list.append(...standing.map((each) => item(each, t, acts)));
  return [form(scene, acts), element("h3", "", t("alerts_mine")), standing.length > 0 ? list : element("p", "empty", t("alerts_none"))];
}

/** @param {Standing} alert @param {Translate} t @param {Acts} acts */
function item({ id, fired, rule }, t, acts) {
  const root = element("li", "alert");
  const button = root.appendChild(element("button", "gap"));
  if (rule.symbol) button.append(element("span", "code", rule.symbol));
  button.append(element("span", "lots", sentence(rule, t)), element("span", "at", state(fired, rule, t)));
  button.onclick = () => { if (rule.symbol) acts.choose(rule.symbol); };
  const gone = root.appendChild(element("button", "remove", "×"));
  gone.setAttribute("aria-label", t("alert_remove", { symbol: rule.symbol ?? "", what: sentence(rule, t) }));
  gone.onclick = () => acts.remove(id);
  return root;
}

/** @param {number | null} fired @param {Rule} rule @param {Translate} t */
function state(fired, rule, t) {
  const again = rule.cool_down_s === null ? "" : ` · ${t("alert_repeats")}`;
  return (fired === null ? t("alert_waits") : t("alert_fired", { time: format.clock(fired) })) + again;
}

/** @param {Scene} scene @param {Acts} acts */
function form({ symbol, last, level, t }, acts) {
  const root = /** @type {HTMLFormElement} */ (element("form", "alert-form"));
  const label = root.appendChild(element("label", "", t("alert_level", { symbol })));
  const input = /** @type {HTMLInputElement} */ (label.appendChild(element("input", "")));
  Object.assign(input, { type: "number", name: "level", min: "0.0001", max: "99999999", step: "any", required: true, value: level === null ? "" : String(level) });
  const often = root.appendChild(element("label", "check"));
  const repeats = /** @type {HTMLInputElement} */ (often.appendChild(element("input", "")));
  Object.assign(repeats, { type: "checkbox", name: "repeats" });
  often.append(t("alert_again", { minutes: COOL_DOWN_S / 60 }));
  /** @param {Partial<Rule>} rule */
  const set = (rule) => acts.set(repeats.checked ? { ...rule, cool_down_s: COOL_DOWN_S } : rule);
  root.append(submit(t("alert_set")), element("p", "hint", t("alert_hint")), others(symbol, t, set));
  root.onsubmit = (event) => {
    event.preventDefault();
    const to = input.valueAsNumber;
    set({ type: "price", symbol, direction: way(to, last), level: to });
  };
  return root;
}

/** @param {string} word */
function submit(word) {
  const button = /** @type {HTMLButtonElement} */ (element("button", "main", word));
  button.type = "submit";
  return button;
}

/** One button each for what has no number to be given. @param {string} symbol @param {Translate} t @param {(rule: Partial<Rule>) => void} set */
function others(symbol, t, set) {
  /** @type {Partial<Rule>[]} */
  const rules = [
    { type: "average", symbol, direction: "up", fast: 5, slow: 15 }, { type: "average", symbol, direction: "down", fast: 5, slow: 15 },
    { type: "gap", symbol }, { type: "stale", after_s: 10 },
  ];
  const root = element("div", "others");
  for (const rule of rules) {
    const button = /** @type {HTMLButtonElement} */ (root.appendChild(element("button", "", sentence(/** @type {Rule} */ (rule), t))));
    button.type = "button";
    button.onclick = () => set(rule);
  }
  return root;
}
