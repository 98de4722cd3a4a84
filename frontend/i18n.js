// Every word on the page, in both languages. A key that lacks one is a failing test.

/** @import { Lang } from "./types.js" */

import { PAGE } from "./words.js";
import { ALERTS } from "./words_alerts.js";
import { STATUS } from "./words_status.js";

/** @type {Record<string, readonly [zhTW: string, en: string]>} */
export const WORDS = { ...PAGE, ...STATUS, ...ALERTS };

/** @type {readonly Lang[]} */
export const LANGS = ["zh-TW", "en"];

/** @typedef {(key: string, values?: Record<string, string | number>) => string} Translate */

/** The words of one language; a key that does not exist is a fault of ours and throws. @param {Lang} lang @returns {Translate} */
export function translator(lang) {
  const at = LANGS.indexOf(lang);
  return (key, values = {}) => {
    const word = WORDS[key]?.[at];
    if (word === undefined) throw new Error(`no word for ${key}`);
    return word.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
  };
}

/** A symbol's name in the language, its code when it has none. @param {{symbol: string, name: string | null, name_en: string | null} | undefined} info @param {Lang} lang */
export const nameOf = (info, lang) => (lang === "en" ? info?.name_en ?? info?.name : info?.name ?? info?.name_en) ?? info?.symbol ?? "";

/** Fills the page's fixed words: `data-t` is text, `data-t-label` an aria-label, `data-t-title` a title. @param {ParentNode} root @param {Translate} t */
export function translatePage(root, t) {
  const each = (/** @type {string} */ name, /** @type {(node: HTMLElement, word: string) => void} */ put) => {
    for (const node of root.querySelectorAll(`[${name}]`)) put(/** @type {HTMLElement} */ (node), t(node.getAttribute(name) ?? ""));
  };
  each("data-t", (node, word) => { node.textContent = word; });
  each("data-t-label", (node, word) => node.setAttribute("aria-label", word));
  each("data-t-title", (node, word) => { node.title = word; });
  each("data-t-placeholder", (node, word) => node.setAttribute("placeholder", word));
}
