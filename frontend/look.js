// How a chart looks: the options of the library, which it is given and does not know.

/** @import { Palette, Texts } from "./chart.js" */

/** Room for the seconds to come. */
export const AHEAD_S = 6;

/** @param {typeof import("lightweight-charts")} lib @param {Texts} texts @returns {import("lightweight-charts").DeepPartial<import("lightweight-charts").TimeChartOptions>} */
export function options(lib, { time, minute, date }) {
  const { DayOfMonth, Time } = lib.TickMarkType;
  return {
    autoSize: true,
    layout: { attributionLogo: true, fontSize: 11 },
    crosshair: { mode: lib.CrosshairMode.Normal },
    localization: { timeFormatter: (/** @type {import("lightweight-charts").Time} */ at) => time(Number(at)) },
    rightPriceScale: { scaleMargins: { top: 0.14, bottom: 0.08 }, minimumWidth: 64, entireTextOnly: true },
    timeScale: {
      secondsVisible: true, timeVisible: true, rightOffset: AHEAD_S, minBarSpacing: 0.05, allowShiftVisibleRangeOnWhitespaceReplacement: true,
      tickMarkFormatter: (/** @type {import("lightweight-charts").Time} */ at, /** @type {import("lightweight-charts").TickMarkType} */ kind) =>
        (kind <= DayOfMonth ? date : kind === Time ? minute : time)(Number(at)),
    },
    kineticScroll: { mouse: false, touch: true },
  };
}

/** @param {Palette} palette */
export const colours = ({ dim, font, grid, text }) => ({
  layout: { textColor: dim, fontFamily: font, background: { color: "transparent" }, panes: { separatorColor: grid } },
  grid: { vertLines: { color: grid }, horzLines: { color: grid } },
  crosshair: { vertLine: { color: dim, labelBackgroundColor: text }, horzLine: { color: dim, labelBackgroundColor: text } },
  rightPriceScale: { borderColor: grid },
  timeScale: { borderColor: grid },
});
