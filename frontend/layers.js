// The drawn series of one chart and what is put into them; it knows rows and tracks, and no library.

/** @import { Series } from "./series.js" */
/** @import { Paint } from "./rows.js" */
/** @import { Track } from "./track.js" */

import { WINDOWS } from "./averages.js";
import * as rows from "./rows.js";
import { merged, place, span, touched } from "./series.js";

export class Layers {
  /** @param {{clock: Track, smas: Track[], candles: Track, line: Track, volume: Track}} tracks no averages: they are not drawn */
  constructor(tracks) {
    this.tracks = tracks;
    this.everySecond = true;
    /** @type {Paint} */
    this.paint = { up: "", down: "", flat: "", volumeUp: "", volumeDown: "", volumeFlat: "" };
  }

  /** Lays all rows anew. @param {Series} series @param {number[]} seconds of the axis, ascending @param {number} through @param {Set<number>} brokenAfter */
  lay(series, seconds, through, brokenAfter) {
    const { bars } = series;
    const { clock, candles, line, volume, smas } = this.tracks;
    // Without bars no axis either: the library loses its places when its only series is laid twice over the same times.
    clock.lay(this.everySecond && bars.length > 0 ? seconds.map((time) => ({ time, value: 0 })) : []);
    candles.lay(bars.map((bar) => rows.candle(bar, this.paint)));
    line.lay(bars.map((bar) => rows.point(bar, brokenAfter)));
    volume.lay(bars.map((bar, at) => rows.volume(bar, bars[at - 1], this.paint)));
    const shown = smas.length > 0 ? rows.windows(series, seconds, through) : [];
    smas.forEach((track, at) => {
      const key = rows.smaKey(WINDOWS[at] ?? 5);
      track.lay(bars.length === 0 ? [] : seconds.map((time, index) => rows.smaPoint(time, shown[index]?.[key] ?? null, this.everySecond ? shown[index + 1]?.[key] : undefined)));
    });
  }

  /**
   * Draws only what changed: bars, averages, and the seconds from `since` (the last `through`) to `through`.
   * Says whether it could; a late bar in a second that had none needs `lay`.
   * @param {Series} series @param {{seconds: Set<number>, averages: Set<number>}} changed @param {number} since @param {number} through @param {Set<number>} brokenAfter
   */
  update(series, changed, since, through, brokenAfter) {
    if (series.bars.length === 0) return true;
    const fresh = [...changed.seconds].sort((one, other) => one - other);
    const drawn = this.putClock(since, through) && fresh.every((second) => this.putBar(series, second, brokenAfter));
    const seconds = touched([...fresh, ...span(since, through)], through);
    return drawn && this.putAverages(series, merged(seconds, changed.averages), through);
  }

  /** @param {Series} series @param {number} second @param {Set<number>} brokenAfter */
  putBar(series, second, brokenAfter) {
    const { candles, line, volume } = this.tracks;
    const at = place(series.bars, second);
    const bar = series.bars[at];
    if (!bar || bar.second !== second) return false;
    const next = series.bars[at + 1];
    const puts = [
      candles.put(rows.candle(bar, this.paint)),
      line.put(rows.point(bar, brokenAfter)),
      volume.put(rows.volume(bar, series.bars[at - 1], this.paint)),
      next ? volume.put(rows.volume(next, bar, this.paint)) : true,
    ];
    return puts.every(Boolean);
  }

  /** @param {number} since @param {number} through */
  putClock(since, through) {
    return !this.everySecond || span(since, through).every((time) => this.tracks.clock.put({ time, value: 0 }));
  }

  /** @param {Series} series @param {number[]} seconds ascending @param {number} through */
  putAverages(series, seconds, through) {
    const { smas } = this.tracks;
    if (smas.length === 0) return true;
    const shown = this.everySecond ? seconds.filter((second) => second <= through) : seconds.filter((second) => series.barAt(second));
    const at = (/** @type {number} */ second) => (second > through ? undefined : series.averageAt(second));
    return shown.every((time) => {
      const [before, here, after] = [at(time - 1), series.averageAt(time), at(time + 1)];
      return smas.every((track, index) => {
        const key = rows.smaKey(WINDOWS[index] ?? 5);
        const closes = !this.everySecond || here[key] !== null || !track.valued.has(time - 1) || track.put(rows.smaPoint(time - 1, before?.[key] ?? null, null));
        return closes && track.put(rows.smaPoint(time, here[key], this.everySecond ? after?.[key] : undefined));
      });
    });
  }
}
