-- Bars and averages: the contract's fields and the trading day they belong to. A day's rows of one symbol lie
-- together, and a range of seconds within the day, or over many days, is one index walk.
CREATE TABLE bars (
    trading_day DATE NOT NULL,
    symbol VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    second BIGINT NOT NULL,
    open DECIMAL(12, 4) NOT NULL,
    high DECIMAL(12, 4) NOT NULL,
    low DECIMAL(12, 4) NOT NULL,
    close DECIMAL(12, 4) NOT NULL,
    volume BIGINT NOT NULL,
    trades BIGINT NOT NULL,
    turnover DECIMAL(24, 4) NOT NULL,
    vwap DECIMAL(12, 4) NOT NULL,
    prior_volume BIGINT NULL,
    day_volume BIGINT NULL,
    buy_volume BIGINT NOT NULL,
    sell_volume BIGINT NOT NULL,
    auction ENUM('open', 'close', 'call') CHARACTER SET ascii COLLATE ascii_bin NULL,
    last_trade_us BIGINT NOT NULL,
    PRIMARY KEY (trading_day, symbol, second),
    KEY by_symbol (symbol, second)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE averages (
    trading_day DATE NOT NULL,
    symbol VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    second BIGINT NOT NULL,
    sma_5 DECIMAL(12, 4) NULL,
    count_5 SMALLINT NOT NULL,
    sma_10 DECIMAL(12, 4) NULL,
    count_10 SMALLINT NOT NULL,
    sma_15 DECIMAL(12, 4) NULL,
    count_15 SMALLINT NOT NULL,
    trades BIGINT NOT NULL,
    PRIMARY KEY (trading_day, symbol, second),
    KEY by_symbol (symbol, second)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One gap is one pair of trades; a later record of it (healed, lost) replaces its state.
CREATE TABLE gaps (
    trading_day DATE NOT NULL,
    symbol VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    from_us BIGINT NOT NULL,
    to_us BIGINT NOT NULL,
    missing_lots BIGINT NOT NULL,
    state ENUM('open', 'healed', 'lost') CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reason VARCHAR(255) NOT NULL,
    PRIMARY KEY (trading_day, symbol, from_us, to_us),
    KEY by_state (state, trading_day, symbol),
    KEY by_symbol (symbol, from_us)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Stored in the transaction that stores the rows, so that neither can be ahead of the other.
CREATE TABLE consumer_offsets (
    topic VARCHAR(249) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    partition_id INT NOT NULL,
    next_offset BIGINT NOT NULL,
    PRIMARY KEY (topic, partition_id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
