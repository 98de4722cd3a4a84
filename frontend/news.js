// What changed since the screen last looked.

export const nothingNew = () => ({
  /** Seconds of the symbols beside the chosen one. @type {Map<string, Set<number>>} */
  others: new Map(),
  /** @param {string} symbol @returns {Set<number>} */
  beside(symbol) {
    const held = this.others.get(symbol) ?? new Set();
    this.others.set(symbol, held);
    return held;
  },
  /** The chart must be laid anew. */
  reset: false,
  marks: false,
  status: false,
  /** Seconds of the chosen symbol whose bar changed. @type {Set<number>} */
  seconds: new Set(),
  /** @type {Set<number>} */
  averages: new Set(),
  /** Symbols whose quote changed, and those that really traded just now. @type {Set<string>} */
  quotes: new Set(),
  /** @type {Set<string>} */
  traded: new Set(),
});

/** @typedef {ReturnType<typeof nothingNew>} News */
