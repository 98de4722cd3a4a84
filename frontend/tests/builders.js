// What the tests build with: everything has a default but the point.

/** A bar with one trade of one lot at its vwap. */
export function aBar(second, fields = {}) {
  const price = fields.vwap ?? fields.close ?? 100;
  return {
    symbol: "2330", second, open: price, high: price, low: price, close: price, volume: 1, trades: 1, turnover: price, vwap: price,
    prior_volume: null, day_volume: null, buy_volume: 0, sell_volume: 0, auction: null, last_trade_us: second * 1_000_000, ...fields,
  };
}

/** Bars whose counters follow one another from 0, a lot each. */
export const aChain = (seconds) => seconds.map((second, at) => aBar(second, { prior_volume: at, day_volume: at + 1 }));

/** 10:00:00 in Taipei on some day. */
export const TEN = 1_796_090_400;
