// Lines at prices that are no trade's: the trial match's, the alerts'. Each kind is drawn anew as a whole.

/** @typedef {{price: number, title: string, color: string}} Level */

const DASHED = 2;

export class Levels {
  /** @param {any[]} series the library's, of which one is seen at a time */
  constructor(series) {
    this.series = series;
    /** @type {Map<string, () => void>} */
    this.undo = new Map();
  }

  /** @param {string} kind @param {Level[]} levels */
  show(kind, levels) {
    this.undo.get(kind)?.();
    const lines = this.series.flatMap((series) => levels.map((level) => ({ series, line: series.createPriceLine({ ...level, lineWidth: 1, lineStyle: DASHED, axisLabelVisible: true }) })));
    this.undo.set(kind, () => { for (const { series, line } of lines) series.removePriceLine(line); });
  }
}
