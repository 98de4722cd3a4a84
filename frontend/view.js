// What the URL carries: enough to show someone else the same page. Defaults are left out.

/** @import { View } from "./types.js" */

/** @type {{[K in "lang" | "theme" | "mode" | "axis" | "colours"]: readonly View[K][]}} first is the default */
export const CHOICES = {
  lang: ["zh-TW", "en"],
  theme: ["system", "light", "dark"],
  mode: ["line", "candles", "table"],
  axis: ["true", "compressed"],
  colours: ["tw", "us"],
};
const MAX_WATCHED = 50;
export const MAX_COMPARED = 3;

/** What may be a symbol's code; anything else in a URL is ignored. @param {string} code */
export const isCode = (code) => /^[0-9A-Za-z]{1,12}$/.test(code);

/** @param {string} search a query string @param {string[]} kept the watch list this browser remembers @returns {View} */
export function parseView(search, kept = []) {
  const given = new URLSearchParams(search);
  const chosen = Object.entries(CHOICES).map(([name, words]) => {
    const value = given.get(name);
    return [name, words.find((word) => word === value) ?? words[0]];
  });
  const codes = (/** @type {string} */ list) => [...new Set(list.split(",").filter(isCode))];
  const watch = given.has("watch") ? codes(given.get("watch") ?? "") : [...new Set(kept.filter(isCode))];
  const symbol = given.get("symbol") ?? "";
  const compare = codes(given.get("compare") ?? "").filter((code) => code !== symbol).slice(0, MAX_COMPARED);
  return { ...Object.fromEntries(chosen), symbol: isCode(symbol) ? symbol : null, watch: watch.slice(0, MAX_WATCHED), compare };
}

/** @param {View} view @returns {string} a query string, with its "?" */
export function formatView(view) {
  const parts = new URLSearchParams();
  if (view.symbol) parts.set("symbol", view.symbol);
  if (view.watch.length > 0) parts.set("watch", view.watch.join(","));
  if (view.compare.length > 0) parts.set("compare", view.compare.join(","));
  for (const [name, words] of Object.entries(CHOICES)) {
    const value = view[/** @type {keyof typeof CHOICES} */ (name)];
    if (value !== words[0]) parts.set(name, value);
  }
  return `?${parts.toString().replaceAll("%2C", ",")}`;
}

/** The list with `symbol` moved by `by` places. @param {string[]} list @param {string} symbol @param {number} by */
export function moved(list, symbol, by) {
  const from = list.indexOf(symbol);
  const to = Math.min(Math.max(from + by, 0), list.length - 1);
  return from < 0 ? list : list.toSpliced(from, 1).toSpliced(to, 0, symbol);
}

/** The compared symbols with `symbol` added or, if it is there, taken away; the oldest makes room. @param {string[]} compare @param {string} symbol */
export const toggled = (compare, symbol) => (compare.includes(symbol) ? compare.filter((each) => each !== symbol) : [...compare, symbol].slice(-MAX_COMPARED));
