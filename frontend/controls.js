// The buttons of the page: each changes the view, and the view is what the URL carries.

/** @import { Translate } from "./i18n.js" */
/** @import { View } from "./types.js" */

import { byId, write } from "./dom.js";

const THEMES = /** @type {const} */ (["system", "light", "dark"]);

/** @param {() => View} view @param {(change: Partial<View>) => void} change @param {() => void} now */
export function wire(view, change, now) {
  byId("colours").onclick = () => change({ colours: view().colours === "tw" ? "us" : "tw" });
  byId("theme").onclick = () => change({ theme: THEMES[(THEMES.indexOf(view().theme) + 1) % THEMES.length] ?? "system" });
  byId("language").onclick = () => change({ lang: view().lang === "en" ? "zh-TW" : "en" });
  byId("now").onclick = now;
  byId("help-open").onclick = openHelp;
  for (const button of document.querySelectorAll("[data-mode]")) button.addEventListener("click", () => change({ mode: button.getAttribute("data-mode") === "candles" ? "candles" : "line" }));
  for (const button of document.querySelectorAll("[data-axis]")) button.addEventListener("click", () => change({ axis: button.getAttribute("data-axis") === "compressed" ? "compressed" : "true" }));
}

/** The words on buttons that say what is chosen. @param {View} view @param {Translate} t */
export function label(view, t) {
  write(byId("colours-name"), t(`colours_${view.colours}`));
  write(byId("theme-name"), t(`theme_${view.theme}`));
}

export const openHelp = () => /** @type {HTMLDialogElement} */ (byId("help")).showModal();
