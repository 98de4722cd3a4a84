// Draws stretches of the time axis behind the price: what the chart library calls a pane primitive, and plain canvas.

/** @import { Band } from "./marks.js" */

/** @typedef {Band & {caption: string}} Captioned */
/** @typedef {{timeToIndex(time: any, findNearest: boolean): any, logicalToCoordinate(index: any): number | null, options(): {barSpacing: number}}} TimeScale */
/** @typedef {{context: CanvasRenderingContext2D, mediaSize: {width: number, height: number}}} Scope */

const LINE_PX = 15;
const HATCH_PX = 6;

export class BandPainter {
  constructor() {
    /** @type {Captioned[]} */
    this.bands = [];
    /** @type {TimeScale | null} */
    this.scale = null;
    /** @type {Record<string, string>} */
    this.colours = {};
    this.font = "sans-serif";
    /** Captions begin below the legend, px. */
    this.top = 34;
    const renderer = { draw: (/** @type {{useMediaCoordinateSpace(draw: (scope: Scope) => void): void}} */ target) => target.useMediaCoordinateSpace((scope) => this.draw(scope)) };
    this.views = [{ zOrder: () => "bottom", renderer: () => renderer }];
    this.redraw = () => {};
  }

  /** The library's hooks. @param {{requestUpdate(): void}} given */
  attached({ requestUpdate }) {
    this.redraw = requestUpdate;
  }

  paneViews() {
    return this.views;
  }

  /** @param {Record<string, string>} colours @param {string} font */
  dress(colours, font) {
    this.colours = colours;
    this.font = font;
    this.redraw();
  }

  /** @param {Captioned[]} bands @param {TimeScale} scale */
  show(bands, scale) {
    this.bands = bands;
    this.scale = scale;
    this.redraw();
  }

  /** @param {Scope} scope */
  draw({ context, mediaSize }) {
    const { scale } = this;
    if (!scale) return;
    const half = Math.max(scale.options().barSpacing, 2) / 2;
    let taken = -Infinity;
    let line = 0;
    for (const band of this.bands) {
      const [from, to] = [at(scale, band.from), at(scale, band.to)];
      if (from === null || to === null || to + half < 0 || from - half > mediaSize.width) continue;
      const [left, right] = [from - half, to + half];
      this.fill(context, band, left, right, mediaSize.height);
      line = left < taken ? (line + 1) % 3 : 0;
      taken = left + this.caption(context, band, left, line);
    }
  }

  /** @param {CanvasRenderingContext2D} context @param {Band} band @param {number} left @param {number} right @param {number} height */
  fill(context, band, left, right, height) {
    context.save();
    context.beginPath();
    context.rect(left, 0, right - left, height);
    context.clip();
    context.fillStyle = context.strokeStyle = this.colours[band.kind] ?? "gray";
    context.globalAlpha = band.kind === "healed" ? 0.08 : 0.16;
    context.fillRect(left, 0, right - left, height);
    if (band.kind === "gap" || band.kind === "lost") hatch(context, left, right, height);
    context.restore();
  }

  /** Writes the caption and gives its width. @param {CanvasRenderingContext2D} context @param {Captioned} band @param {number} left @param {number} line */
  caption(context, band, left, line) {
    context.font = `11px ${this.font}`;
    context.fillStyle = this.colours[band.kind] ?? "gray";
    context.textBaseline = "top";
    context.fillText(band.caption, left + 4, this.top + line * LINE_PX);
    return context.measureText(band.caption).width + 12;
  }
}

/** Where a second is, or the nearest that the axis has. @param {TimeScale} scale @param {number} second */
function at(scale, second) {
  const index = scale.timeToIndex(second, true);
  return index === null ? null : scale.logicalToCoordinate(index);
}

/** @param {CanvasRenderingContext2D} context @param {number} left @param {number} right @param {number} height */
function hatch(context, left, right, height) {
  context.globalAlpha = 0.45;
  context.lineWidth = 1;
  context.beginPath();
  for (let x = left - height; x < right; x += HATCH_PX) {
    context.moveTo(x, height);
    context.lineTo(x + height, 0);
  }
  context.stroke();
}
