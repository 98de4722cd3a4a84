// Dark, light or the system's; red up or green up; and the same tokens for the chart, which draws on a canvas.

/** @import { Palette } from "./chart.js" */
/** @import { View } from "./types.js" */

const SYSTEM = matchMedia("(prefers-color-scheme: light)");

/** @param {Pick<View, "theme" | "colours">} view */
export function wear({ theme, colours }) {
  const worn = theme === "system" ? (SYSTEM.matches ? "light" : "dark") : theme;
  document.documentElement.dataset.theme = worn;
  document.documentElement.dataset.colours = colours;
}

/** @param {() => void} listener */
export const onSystemChange = (listener) => SYSTEM.addEventListener("change", listener);

/** @returns {Palette} */
export function palette() {
  const style = getComputedStyle(document.documentElement);
  const token = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  return {
    up: token("up"), down: token("down"), flat: token("flat"),
    volumeUp: token("volume-up"), volumeDown: token("volume-down"), volumeFlat: token("volume-flat"),
    text: token("text"), dim: token("dim"), grid: token("grid"), line: token("price"), fill: token("price-fill"),
    sma_5: token("sma-5"), sma_10: token("sma-10"), sma_15: token("sma-15"), font: token("font"),
    bands: { gap: token("warn"), lost: token("alarm"), healed: token("dim"), pause: token("halt"), auction: token("accent") },
  };
}
