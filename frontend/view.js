// What the URL carries: enough to show someone else the same page. Defaults are left out.

/** @import { View } from "./types.js" */

/** @type {{[K in "lang" | "theme" | "mode" | "axis" | "colours"]: readonly View[K][]}} first is the default */
const CHOICES = {
  lang: ["zh-TW", "en"],
  theme: ["system", "light", "dark"],
  mode: ["line", "candles"],
  axis: ["true", "compressed"],
  colours: ["tw", "us"],
};
const MAX_WATCHED = 50;

/** What may be a symbol's code; anything else in a URL is ignored. @param {string} code */
export const isCode = (code) => /^[0-9A-Za-z]{1,12}$/.test(code);

/** @param {string} search a query string @param {string[]} kept the watch list this browser remembers @returns {View} */
export function parseView(search, kept = []) {
  const given = new URLSearchParams(search);
  const chosen = Object.entries(CHOICES).map(([name, words]) => {
    const value = given.get(name);
    return [name, words.find((word) => word === value) ?? words[0]];
  });
  const watch = given.has("watch") ? (given.get("watch") ?? "").split(",") : kept;
  const symbol = given.get("symbol") ?? "";
  return { ...Object.fromEntries(chosen), symbol: isCode(symbol) ? symbol : null, watch: [...new Set(watch.filter(isCode))].slice(0, MAX_WATCHED) };
}

/** @param {View} view @returns {string} a query string, with its "?" */
export function formatView(view) {
  const parts = new URLSearchParams();
  if (view.symbol) parts.set("symbol", view.symbol);
  if (view.watch.length > 0) parts.set("watch", view.watch.join(","));
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
