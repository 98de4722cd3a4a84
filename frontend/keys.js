// The keyboard: digits and "/" search, arrows move, letters switch.

/** @import { View } from "./types.js" */

/**
 * @typedef {object} Acts
 * @property {(first: string) => void} search
 * @property {(by: number) => void} symbol
 * @property {(by: number) => void} move
 * @property {(by: number) => void} bar
 * @property {(mode: View["mode"]) => void} mode
 * @property {() => void} now
 * @property {() => void} help
 * @property {() => void} explain
 * @property {() => void} gaps
 * @property {() => void} alert
 * @property {() => void} leave
 */

/** A key held down changes the symbol no faster than the server takes subscriptions. */
const REPEAT_MS = 150;

/** @param {Acts} acts */
export function listen(acts) {
  let actedMs = 0;
  document.addEventListener("keydown", (event) => {
    const within = event.target instanceof Element && event.target.closest("input, dialog[open]");
    if (within || event.isComposing) return;
    const act = meaning(event, acts);
    if (!act || (event.key === "Enter" && !(event.target instanceof Element && event.target.matches("#chart")))) return;
    event.preventDefault();
    const vertical = event.key === "ArrowUp" || event.key === "ArrowDown";
    if (event.repeat && vertical && event.timeStamp - actedMs < REPEAT_MS) return;
    actedMs = event.timeStamp;
    act();
  });
}

/** @param {KeyboardEvent} event @param {Acts} acts @returns {(() => void) | undefined} */
export function meaning({ key, altKey, ctrlKey, metaKey }, acts) {
  const vertical = { ArrowUp: -1, ArrowDown: 1 }[key];
  if ((ctrlKey || metaKey) && key.toLowerCase() === "k") return () => acts.search("");
  if (ctrlKey || metaKey) return undefined;
  if (vertical) return () => (altKey ? acts.move(vertical) : acts.symbol(vertical));
  if (altKey) return undefined;
  if (/^[0-9]$/.test(key)) return () => acts.search(key);
  /** @type {Record<string, () => void>} */
  const plain = {
    "/": () => acts.search(""), ArrowLeft: () => acts.bar(-1), ArrowRight: () => acts.bar(1), "?": acts.help, Escape: acts.leave,
    l: () => acts.mode("line"), c: () => acts.mode("candles"), t: () => acts.mode("table"), r: acts.now, e: acts.explain, Enter: acts.explain, g: acts.gaps, a: acts.alert,
  };
  return plain[key.length === 1 ? key.toLowerCase() : key];
}
