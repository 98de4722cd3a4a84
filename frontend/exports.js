// The stretch in sight as a file, in the forms that the server offers.

import { byId, show } from "./dom.js";
import * as history from "./history.js";

/** @typedef {{symbol: string, from: number, to: number} | null} Stretch seconds, both included */

/** @param {() => Stretch} stretch */
export function offer(stretch) {
  const [csv, parquet] = [byId("export-csv"), byId("export-parquet")];
  csv.onclick = () => save(stretch(), "csv");
  parquet.onclick = () => save(stretch(), "parquet");
  const ask = async () => {
    const formats = await history.formats().catch(() => /** @type {string[]} */ ([]));
    show(parquet, formats.includes("parquet"));
  };
  for (const name of ["pointerenter", "focus"]) csv.addEventListener(name, once(ask));
}

/** @param {() => void} act */
function once(act) {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}

/** @param {Stretch} stretch @param {string} format */
function save(stretch, format) {
  if (!stretch) return;
  const link = document.createElement("a");
  link.href = history.file(stretch.symbol, stretch.from, stretch.to + 1, format);
  link.download = `${stretch.symbol}-${stretch.from}.${format}`;
  link.click();
}
