// The buttons of the page: each changes the view, and the view is what the URL carries.

/** @import { Translate } from "./i18n.js" */
/** @import { View } from "./types.js" */

import { byId, write } from "./dom.js";
import { CHOICES } from "./view.js";

/** @param {() => View} view @param {(change: Partial<View>) => void} change @param {{now(): void, gaps(): void, hops(): void, alert(): void, choose(symbol: string): void}} acts */
export function wire(view, change, { now, gaps, hops, alert, choose }) {
  byId("colours").onclick = () => change({ colours: next("colours", view()) });
  byId("theme").onclick = () => change({ theme: next("theme", view()) });
  byId("language").onclick = () => change({ lang: next("lang", view()) });
  byId("now").onclick = now;
  byId("help-open").onclick = openHelp;
  byId("gaps-open").onclick = gaps;
  byId("broken-open").onclick = gaps;
  byId("hops-open").onclick = hops;
  byId("alerts-open").onclick = alert;
  byId("held").onclick = () => choose(byId("held").dataset.symbol ?? "");
  byId("watch-edit").onclick = () => edit(byId("watch-edit").getAttribute("aria-pressed") !== "true");
  for (const name of /** @type {const} */ (["mode", "axis"])) {
    for (const button of document.querySelectorAll(`button[data-${name}]`)) button.addEventListener("click", () => change({ [name]: button.getAttribute(`data-${name}`) }));
  }
}

/** The choice after the present one. @template {keyof typeof CHOICES} K @param {K} name @param {View} view @returns {View[K]} */
function next(name, view) {
  const words = CHOICES[name];
  return /** @type {View[K]} */ (words[(words.indexOf(/** @type {never} */ (view[name])) + 1) % words.length]);
}

/** Handles and buttons of all rows, where there is no pointer to show them. @param {boolean} on */
function edit(on) {
  byId("watch-edit").setAttribute("aria-pressed", String(on));
  byId("watch").toggleAttribute("data-edit", on);
}

/** The words on buttons that say what is chosen. @param {View} view @param {Translate} t */
export function label(view, t) {
  write(byId("colours-name"), t(`colours_${view.colours}`));
  write(byId("theme-name"), t(`theme_${view.theme}`));
}

export const openHelp = () => /** @type {HTMLDialogElement} */ (byId("help")).showModal();
