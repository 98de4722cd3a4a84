"""The storage over days: a partition each, candles that are their bars', old rows gone and their candles kept."""

import asyncio
import os
import random
import subprocess
import sys
from datetime import date, timedelta
from typing import Any, Protocol

import msgspec
import pytest

from api import mysql
from api.candle_ranges import CandleRanges
from api.candles import Candle, Interval, candles
from api.history import History, UnavailableError
from api.ranges import Ranges
from api.settings import ApiSettings
from api.spans import Span
from api.storage.keeper import Keeper
from api.storage.partitions import Wish
from api.storage.rollups import Rollups
from market.calendar import Calendar
from market.messages import Bar, encode
from tests.api_builders import TEN, a_bar, a_raw
from tests.integration.api_stack import Api, Database, Stack
from tests.integration.storing import a_batch, store_all
from tests.unit.test_api_ranges import a_live
from tests.waiting import until

pytestmark = pytest.mark.stack
DAY_S = 86_400
TODAY = date(2026, 12, 1)
NOW_S = TEN + 600
REST = "PARTITION beyond VALUES LESS THAN (MAXVALUE)"
AHEAD = ["d20261201", "d20261202", "d20261203", "d20261204", "d20261207", "d20261208", "beyond"]


def a_wish(keep_days: int = 400, today: date = TODAY) -> Wish:
    return Wish(Calendar(), today, keep_days, 7)


def keep(options: dict[str, Any], wish: Wish) -> None:
    asyncio.run(Keeper(options).look(wish))


def a_days_bars(days_ago: int, symbol: str = "2330", seed: int = 0) -> list[Bar]:
    chance = random.Random(f"{seed}{symbol}{days_ago}")
    seconds = sorted(chance.sample(range(3_000), 200))
    return [
        a_bar(at - days_ago * DAY_S, chance.randint(1, 9), f"{chance.randint(1, 9_999)}.5", symbol=symbol)
        for at in seconds
    ]


def partitions(tables: Database, table: str = "bars") -> list[str]:
    found = tables.query(
        "SELECT partition_name FROM information_schema.partitions WHERE table_schema = DATABASE() AND table_name = %s "
        "ORDER BY partition_ordinal_position",
        table,
    )
    return [name for (name,) in found]


@pytest.fixture
def fresh(under: Stack) -> Database:
    """No days, and no partitions but the one for everything."""
    tables = under.database
    tables.clear()
    for table in ("bars", "averages"):
        tables.query(f"ALTER TABLE {table} REMOVE PARTITIONING")
        tables.query(f"ALTER TABLE {table} PARTITION BY RANGE COLUMNS (trading_day) ({REST})")
    return tables


@pytest.fixture
def options(under: Stack, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    for name, value in under.database.environment.items():
        monkeypatch.setenv(name, value)
    return mysql.options(ApiSettings())


def stored(tables: Database, table: str) -> list[Candle]:
    columns = ", ".join(Candle.__struct_fields__)
    rows = tables.query(f"SELECT {columns} FROM {table} ORDER BY symbol, second")  # noqa: S608 - names of ours
    return [Candle(**dict(zip(Candle.__struct_fields__, row, strict=True))) for row in rows]


def test_days_get_partitions_and_the_rows_lie_in_theirs(options: dict[str, Any], fresh: Database) -> None:
    yesterday = a_days_bars(1)
    store_all(options, a_batch(*map(a_raw, [*yesterday, a_bar(0)])))
    keep(options, a_wish())
    assert partitions(fresh) == ["d20261130", *AHEAD]
    assert partitions(fresh, "averages") == ["d20261130", *AHEAD]
    assert fresh.query("SELECT COUNT(*) FROM bars PARTITION (d20261130)") == [(len(yesterday),)]
    assert fresh.query("SELECT COUNT(*) FROM bars PARTITION (d20261201)") == [(1,)]
    keep(options, a_wish(today=TODAY + timedelta(days=1)))
    assert partitions(fresh)[-2:] == ["d20261209", "beyond"]


def test_candles_of_days_that_are_over_are_their_bars_also_after_a_late_one(
    options: dict[str, Any],
    fresh: Database,
) -> None:
    bars = {symbol: a_days_bars(1, symbol) for symbol in ("0050", "2330")}
    store_all(options, a_batch(*map(a_raw, [*bars["0050"], *bars["2330"], a_bar(0)])))
    keep(options, a_wish())
    assert stored(fresh, "minutes") == [each for symbol in bars for each in candles("1m", bars[symbol])]
    assert stored(fresh, "sessions") == [each for symbol in bars for each in candles("1d", bars[symbol])]
    late = bars["2330"][7]
    bars["2330"][7] = a_bar(late.second - TEN, 50, f"{late.close + 1}")
    store_all(options, a_batch(a_raw(bars["2330"][7])))
    assert fresh.query("SELECT trading_day FROM days WHERE rolled <> writes ORDER BY 1")[0] == (date(2026, 11, 30),)
    keep(options, a_wish())
    assert stored(fresh, "minutes") == [each for symbol in bars for each in candles("1m", bars[symbol])]


def test_what_is_stored_while_candles_are_made_leaves_the_day_changed(
    options: dict[str, Any],
    fresh: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store_all(options, a_batch(*map(a_raw, a_days_bars(1))))
    roll = Rollups._roll

    async def roll_beside_a_writer(self: Rollups, day: date, symbol: str) -> None:
        await asyncio.to_thread(store_all, options, a_batch(a_raw(a_bar(2_999 - DAY_S, 77))))
        await roll(self, day, symbol)

    with monkeypatch.context() as patched:
        patched.setattr(Rollups, "_roll", roll_beside_a_writer)
        keep(options, a_wish())
    assert fresh.query("SELECT writes - rolled FROM days") == [(1,)]
    assert 77 not in {candle.trades for candle in stored(fresh, "minutes")}
    keep(options, a_wish())
    assert fresh.query("SELECT writes - rolled FROM days") == [(0,)]
    assert [(sum(candle.trades for candle in stored(fresh, "minutes")),)] == fresh.query("SELECT SUM(trades) FROM bars")


def test_old_rows_go_and_their_candles_stay_whatever_comes_late(options: dict[str, Any], fresh: Database) -> None:
    old, new = a_days_bars(20), a_days_bars(1)
    store_all(options, a_batch(*map(a_raw, old)), a_batch(*map(a_raw, new)))
    keep(options, a_wish())
    keep(options, a_wish(keep_days=10))
    assert partitions(fresh) == ["d20261130", *AHEAD]
    assert fresh.query("SELECT COUNT(*) FROM bars") == [(len(new),)]
    assert stored(fresh, "sessions") == candles("1d", old) + candles("1d", new)
    store_all(options, a_batch(a_raw(old[0])))
    keep(options, a_wish(keep_days=10))
    assert stored(fresh, "sessions") == candles("1d", old) + candles("1d", new)


def test_of_two_keepers_one_works(options: dict[str, Any], fresh: Database, caplog: pytest.LogCaptureFixture) -> None:
    other = fresh.connect()
    with other.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK('stock_insights_storage', 0)")
        with caplog.at_level("INFO"):
            keep(options, a_wish())
    other.close()
    assert "storage.busy" in caplog.text
    assert partitions(fresh) == ["beyond"]


class Pages(Protocol):
    def __call__(self, interval: Interval, **asked: int) -> list[dict[str, Any]]: ...


@pytest.fixture
def pages(api: Api) -> Pages:
    """All candles, through all pages, from the first on or from the last back."""

    def read(interval: Interval, **asked: int) -> list[dict[str, Any]]:
        start, end = TEN - 40 * DAY_S, TEN + DAY_S
        path = f"/api/v1/candles/2330?interval={interval}&start={start}&end={end}&limit=7"
        items: list[dict[str, Any]] = []
        place = "".join(f"&{name}={value}" for name, value in asked.items())
        while True:
            page = api.get(path + place)
            items = page["items"] + items if asked else items + page["items"]
            link, name = (page["previous"], "before") if asked else (page["next"], "cursor")
            if link is None:
                return items
            place = f"&{name}={link}"

    return read


def test_http_gives_the_same_candles_before_and_after_they_are_made(
    under: Stack, api: Api, pages: Pages, fresh: Database, options: dict[str, Any]
) -> None:
    days = {days_ago: a_days_bars(days_ago) for days_ago in (20, 3, 1)} | {0: [a_bar(at, 2) for at in range(0, 300, 7)]}
    under.send(*(bar for bars in days.values() for bar in bars))
    count = sum(map(len, days.values()))
    until(lambda: fresh.query("SELECT COUNT(*) FROM bars") == [(count,)], "all is stored")
    for wish in (None, a_wish(), a_wish(keep_days=10)):
        if wish:
            keep(options, wish)
        for interval in ("1m", "1d"):
            wanted = [msgspec.json.decode(encode(each)) for bars in days.values() for each in candles(interval, bars)]
            assert pages(interval) == wanted
            assert pages(interval, before=TEN + DAY_S) == wanted
    assert fresh.query("SELECT COUNT(*) FROM bars WHERE trading_day < '2026-11-20'") == [(0,)]


def test_many_days_without_candles_are_refused_in_words(options: dict[str, Any], fresh: Database) -> None:
    store_all(options, a_batch(*(a_raw(a_bar(-days * DAY_S)) for days in range(12))))

    async def ask() -> None:
        history = History(options)
        ranges = Ranges(history, a_live(), Calendar(always=True), lambda: True)
        try:
            await CandleRanges(history, ranges).page("1d", Span("2330", TEN - 20 * DAY_S, TEN, 100))
        finally:
            await history.close()

    with pytest.raises(UnavailableError, match="candles of 12 days are not made yet"):
        asyncio.run(ask())


def test_the_command_says_what_it_did_and_ends_well(fresh: Database) -> None:
    environment = os.environ | fresh.environment | {"MARKET_CALENDAR": "always"}
    done = subprocess.run(
        [sys.executable, "-m", "api.storage"], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "storage.split table=bars" in done.stderr
    assert "storage.kept" in done.stderr
    assert len(partitions(fresh)) == 9
