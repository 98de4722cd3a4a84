// What the watch list keeps of a symbol: its last bar and the shape of its last quarter of an hour.

/** @import { Bar } from "./types.js" */

const BUCKET_S = 15;
const BUCKETS = 60;

export class Quote {
  constructor() {
    /** @type {Bar | null} */
    this.last = null;
    /** Last close of each 15 seconds that traded, ascending. @type {{bucket: number, second: number, close: number}[]} */
    this.spark = [];
  }

  /** Takes a bar; says whether the last price or its volume is new. @param {Bar} bar */
  take(bar) {
    this.trace(bar);
    const newer = !this.last || bar.second > this.last.second || (bar.second === this.last.second && bar.trades > this.last.trades);
    if (newer) this.last = bar;
    return newer;
  }

  /** @param {Bar} bar */
  trace(bar) {
    const bucket = Math.floor(bar.second / BUCKET_S);
    const at = this.spark.findLastIndex((point) => point.bucket <= bucket);
    const held = this.spark[at];
    const point = { bucket, second: bar.second, close: bar.close };
    if (held?.bucket !== bucket) this.spark.splice(at + 1, 0, point);
    else if (bar.second >= held.second) this.spark[at] = point;
    const newest = this.spark.at(-1)?.bucket ?? bucket;
    this.spark = this.spark.filter((kept) => kept.bucket > newest - BUCKETS);
  }

  /** The spark line as points of an SVG polyline, oldest left; empty when there is no line. @param {number} width @param {number} height */
  polyline(width, height) {
    if (this.spark.length < 2) return "";
    const closes = this.spark.map((point) => point.close);
    const [low, high] = [Math.min(...closes), Math.max(...closes)];
    const first = /** @type {{bucket: number}} */ (this.spark[0]).bucket;
    const span = /** @type {{bucket: number}} */ (this.spark.at(-1)).bucket - first;
    const y = (/** @type {number} */ close) => (high === low ? height / 2 : height - 1.5 - ((close - low) / (high - low)) * (height - 3));
    return this.spark.map(({ bucket, close }) => `${(((bucket - first) / span) * width).toFixed(1)},${y(close).toFixed(1)}`).join(" ");
  }
}
