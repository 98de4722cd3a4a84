// One drawn series of the chart, and which seconds have a value in it.

/** @typedef {{time: number, [field: string]: unknown}} Row */

/** The library overwrites the next row when a late value is put where it had none, hence the memory. */
export class Track {
  /** @param {import("lightweight-charts").ISeriesApi<import("lightweight-charts").SeriesType>} api */
  constructor(api) {
    this.api = api;
    /** @type {Set<number>} */
    this.valued = new Set();
    this.newest = -Infinity;
    this.count = 0;
  }

  /** @param {Row[]} data ascending */
  lay(data) {
    this.api.setData(/** @type {any} */ (data));
    this.valued = new Set(data.filter(isValued).map((row) => row.time));
    this.newest = data.at(-1)?.time ?? -Infinity;
    this.count = data.length;
  }

  /** Says whether the row could be put; a late row that adds or takes away a value needs `lay`. @param {Row} row */
  put(row) {
    const late = row.time < this.newest;
    if (late && !(isValued(row) && this.valued.has(row.time))) return !isValued(row) && !this.valued.has(row.time);
    this.api.update(/** @type {any} */ (row), late);
    if (isValued(row)) this.valued.add(row.time);
    else this.valued.delete(row.time);
    if (row.time > this.newest) this.count += 1;
    this.newest = Math.max(this.newest, row.time);
    return true;
  }
}

/** @param {Row} row */
const isValued = (row) => "value" in row || "open" in row;
