-- A day's rows are dropped in an instant where they are a partition of their own. `api.storage` splits the days off
-- `beyond`; until it has run, everything lies there.
ALTER TABLE bars PARTITION BY RANGE COLUMNS (trading_day) (PARTITION beyond VALUES LESS THAN (MAXVALUE));

ALTER TABLE averages PARTITION BY RANGE COLUMNS (trading_day) (PARTITION beyond VALUES LESS THAN (MAXVALUE));

-- `writes` counts the transactions that stored bars of a day; `rolled` is its value when the day's candles were made.
-- Where the two are one, the candles are the rows'. `dropped`: the rows are gone, and the candles stay as they are.
CREATE TABLE days (
    trading_day DATE NOT NULL PRIMARY KEY,
    writes BIGINT NOT NULL,
    rolled BIGINT NOT NULL DEFAULT 0,
    dropped TINYINT NOT NULL DEFAULT 0
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT INTO days (trading_day, writes) SELECT DISTINCT trading_day, 1 FROM bars;

-- Candles of one minute and of one day; `second` is their first, `seconds` how many of theirs traded.
CREATE TABLE minutes (
    trading_day DATE NOT NULL,
    symbol VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    second BIGINT NOT NULL,
    seconds INT NOT NULL,
    open DECIMAL(12, 4) NOT NULL,
    high DECIMAL(12, 4) NOT NULL,
    low DECIMAL(12, 4) NOT NULL,
    close DECIMAL(12, 4) NOT NULL,
    volume BIGINT NOT NULL,
    trades BIGINT NOT NULL,
    turnover DECIMAL(24, 4) NOT NULL,
    vwap DECIMAL(12, 4) NOT NULL,
    buy_volume BIGINT NOT NULL,
    sell_volume BIGINT NOT NULL,
    PRIMARY KEY (symbol, second),
    KEY by_day (trading_day)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE sessions LIKE minutes;
