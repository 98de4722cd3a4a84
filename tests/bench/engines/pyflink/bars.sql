-- Prices are counted in units of 1/10,000. What belongs to the first or last trade of a second is found as the least or
-- greatest of numbers that begin with the trade's place in the second: FIRST_VALUE and LAST_VALUE go by arrival.
-- MOD has the type of its second argument.

CREATE TABLE trades (
  symbol STRING, `time` BIGINT, serial BIGINT, price DECIMAL(12, 4), size BIGINT, volume BIGINT,
  bid DECIMAL(12, 4), ask DECIMAL(12, 4), kind STRING, arrived AS PROCTIME()
) WITH (
  'connector' = 'kafka', 'topic' = 'trades', 'properties.bootstrap.servers' = '{bootstrap}',
  'properties.group.id' = 'bench', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json'
);

CREATE TABLE bars (
  symbol STRING, `second` BIGINT, `open` DECIMAL(14, 4), high DECIMAL(14, 4), low DECIMAL(14, 4),
  `close` DECIMAL(14, 4), volume BIGINT, trades BIGINT, turnover DECIMAL(24, 4), vwap DECIMAL(14, 4),
  prior_volume BIGINT, day_volume BIGINT, buy_volume BIGINT, sell_volume BIGINT, auction STRING,
  last_trade_us BIGINT, PRIMARY KEY (symbol, `second`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka', 'topic' = 'bars', 'properties.bootstrap.servers' = '{bootstrap}',
  'properties.linger.ms' = '0', 'key.format' = 'json', 'value.format' = 'json'
);

CREATE TABLE averages (
  symbol STRING, `second` BIGINT, sma_5 DECIMAL(14, 4), count_5 BIGINT, sma_10 DECIMAL(14, 4), count_10 BIGINT,
  sma_15 DECIMAL(14, 4), count_15 BIGINT, trades BIGINT, PRIMARY KEY (symbol, `second`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka', 'topic' = 'averages', 'properties.bootstrap.servers' = '{bootstrap}',
  'properties.linger.ms' = '0', 'key.format' = 'json', 'value.format' = 'json'
);

CREATE TEMPORARY VIEW distinct_trades AS
SELECT *, CAST(price * 10000 AS BIGINT) AS units, `time` / 1000000 AS `second`,
  (MOD(`time`, CAST(1000000 AS BIGINT)) * 100000000 + serial) * CAST(1000000000000 AS DECIMAL(13, 0)) AS place,
  COALESCE(ask > 0 AND price >= ask, FALSE) AS bought, COALESCE(bid > 0 AND price <= bid, FALSE) AS sold
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY symbol, serial ORDER BY arrived) AS copy
  FROM trades WHERE kind IN ('continuous', 'open', 'close', 'call')
) WHERE copy = 1;

CREATE TEMPORARY VIEW seconds AS
SELECT symbol, `second`,
  CAST(MOD(MIN(place + units), CAST(1000000000000 AS DECIMAL(13, 0))) AS BIGINT) AS `open`, MAX(units) AS high, MIN(units) AS low,
  CAST(MOD(MAX(place + units), CAST(1000000000000 AS DECIMAL(13, 0))) AS BIGINT) AS `close`,
  SUM(size) AS volume, COUNT(*) AS trades, SUM(units * size) AS turnover,
  CAST(MOD(MIN(place + COALESCE(volume - size + 1, 0)), CAST(1000000000000 AS DECIMAL(13, 0))) AS BIGINT) AS prior_plus_1,
  CAST(MOD(MAX(place + COALESCE(volume + 1, 0)), CAST(1000000000000 AS DECIMAL(13, 0))) AS BIGINT) AS day_plus_1,
  SUM(CASE WHEN bought THEN size ELSE 0 END) AS buy_volume,
  SUM(CASE WHEN sold AND NOT bought THEN size ELSE 0 END) AS sell_volume,
  MAX(CASE kind WHEN 'call' THEN 1 WHEN 'close' THEN 2 WHEN 'open' THEN 3 ELSE 0 END) AS auction,
  MAX(`time`) AS last_trade_us
FROM distinct_trades GROUP BY symbol, `second`;

CREATE TEMPORARY VIEW weighted AS
SELECT *, {vwap} AS vwap FROM seconds;

CREATE TEMPORARY VIEW windows AS
SELECT symbol, `second`, {sums}, SUM(trades) AS trades
FROM (SELECT symbol, `second` + ahead AS `second`, ahead, trades, vwap
      FROM weighted CROSS JOIN UNNEST(ARRAY[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]) AS a (ahead))
GROUP BY symbol, `second` HAVING SUM(CASE WHEN ahead = 0 THEN 1 ELSE 0 END) > 0;

INSERT INTO bars
SELECT symbol, `second`, `open` * 0.0001, high * 0.0001, low * 0.0001, `close` * 0.0001, volume, trades,
  turnover * 0.0001, vwap * 0.0001, NULLIF(prior_plus_1, 0) - 1, NULLIF(day_plus_1, 0) - 1, buy_volume, sell_volume,
  CASE auction WHEN 1 THEN 'call' WHEN 2 THEN 'close' WHEN 3 THEN 'open' END, last_trade_us
FROM weighted;

INSERT INTO averages
SELECT symbol, `second`, {means}, trades FROM windows;
