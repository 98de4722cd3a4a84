"""The store on a real database."""

import asyncio
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from api import mysql
from api.history import History
from api.hops import Hop
from api.settings import ApiSettings
from api.store import Store
from market.calendar import trading_day
from market.links import RefusedError
from market.messages import decode_bar
from tests.api_builders import TEN, a_bar, a_gap, a_raw, an_average
from tests.integration.api_stack import Database, database
from tests.integration.storing import a_batch, store_all
from tests.waiting import until

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with database(tmp_path_factory.mktemp("database")) as up:
        yield up


@pytest.fixture
def tables(server: Database) -> Database:
    server.clear()
    return server


@pytest.fixture
def options(tables: Database, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    for name, value in tables.environment.items():
        monkeypatch.setenv(name, value)
    return mysql.options(ApiSettings())


def offsets(options: dict[str, Any]) -> dict[tuple[str, int], int]:
    async def run() -> dict[tuple[str, int], int]:
        store = Store(options, Hop("database"))
        found = await store.offsets()
        await store.close()
        return found

    return asyncio.run(run())


@pytest.mark.parametrize("seed", range(3))
def test_in_any_order_and_repetition_the_row_with_most_trades_stays_whole(
    options: dict[str, Any], tables: Database, seed: int
) -> None:
    chance = random.Random(seed)
    versions = [a_bar(at, trades, price=f"{1000 + trades}.5") for at in range(5) for trades in range(1, 6)]
    sent = chance.choices(versions, k=60) + versions
    chance.shuffle(sent)
    raws = [a_raw(bar, offset) for offset, bar in enumerate(sent)]
    store_all(options, *(a_batch(*raws[at : at + 7]) for at in range(0, len(raws), 7)))
    found = tables.query("SELECT second, trades, open, turnover, day_volume, last_trade_us FROM bars ORDER BY second")
    wanted = [a_bar(at, 5, price="1005.5") for at in range(5)]
    assert found == [(b.second, 5, b.open, b.turnover, b.day_volume, b.last_trade_us) for b in wanted]


def test_decimals_are_stored_to_the_last_digit(options: dict[str, Any], tables: Database) -> None:
    price = Decimal("99999999.9999")
    store_all(options, a_batch(a_raw(a_bar(price=str(price), trades=123_456_789))))
    assert tables.query("SELECT high, turnover FROM bars") == [(price, price * 123_456_789)]


def test_null_stays_null(options: dict[str, Any], tables: Database) -> None:
    store_all(options, a_batch(a_raw(a_bar(prior_volume=None, day_volume=None))))
    assert tables.query("SELECT prior_volume, day_volume, auction FROM bars") == [(None, None, None)]


def test_rows_belong_to_the_day_of_taipei(options: dict[str, Any], tables: Database) -> None:
    midnight = 1_796_054_400 - TEN
    store_all(options, a_batch(a_raw(a_bar(midnight - 1)), a_raw(a_bar(midnight)), a_raw(an_average(midnight))))
    days = [f"{day}" for (day,) in tables.query("SELECT trading_day FROM bars ORDER BY second")]
    assert days == ["2026-11-30", "2026-12-01"]


def test_offsets_never_go_backwards(options: dict[str, Any]) -> None:
    store_all(options, a_batch(a_raw(a_bar(), 9)), a_batch(a_raw(a_bar(), 4)))
    assert offsets(options) == {("bars", 0): 10}


def test_the_last_word_on_a_gap_stands_and_it_may_open_again(options: dict[str, Any], tables: Database) -> None:
    told = ((1, "open", 3), (2, "healed", 3), (3, "open", 2))
    opened, healed, again = (
        a_batch(a_raw(a_gap(state=state, at_us=at, missing_lots=lots, reason=f"word {at}"))) for at, state, lots in told
    )
    last = "SELECT state, missing_lots, reason, at_us FROM gaps"
    store_all(options, opened, healed, opened)
    assert tables.query(last) == [("healed", 3, "word 2", 2)]
    store_all(options, again, healed, again, opened)
    assert tables.query(last) == [("open", 2, "word 3", 3)]


def test_rows_and_offsets_are_stored_together_when_the_connection_is_killed_between(
    options: dict[str, Any], tables: Database
) -> None:
    store_all(options, a_batch(a_raw(a_bar(0), 0)))
    blocker = tables.connect()
    blocker.begin()
    with blocker.cursor() as cursor:
        cursor.execute("SELECT * FROM consumer_offsets WHERE topic = 'bars' FOR UPDATE")

    async def run() -> None:
        hop = Hop("database")
        store = Store(options, hop)
        work = asyncio.create_task(store.upsert(a_batch(a_raw(a_bar(0, trades=2), 1), a_raw(a_bar(1), 2))))
        await asyncio.to_thread(until, lambda: waiting(tables), "the offsets wait for the lock")
        assert tables.query("SELECT COUNT(*), SUM(trades) FROM bars") == [(1, 1)]
        tables.query(f"KILL {waiting(tables)}")
        await asyncio.to_thread(until, lambda: hop.state == "down", "the store notices")
        blocker.rollback()
        await work
        await store.close()

    asyncio.run(run())
    blocker.close()
    assert tables.query("SELECT COUNT(*), SUM(trades) FROM bars") == [(2, 3)]
    assert offsets(options) == {("bars", 0): 3}


def waiting(tables: Database) -> int | None:
    """The connection that is at the offsets' statement."""
    found = tables.query(
        "SELECT id FROM information_schema.processlist WHERE info LIKE 'INSERT INTO consumer_offsets%%'"
    )
    return int(found[0][0]) if found else None


def test_concurrent_writers_of_the_same_rows_agree(options: dict[str, Any], tables: Database) -> None:
    async def write(seed: int) -> None:
        chance, store = random.Random(seed), Store(options, Hop("database"))
        for number in range(15):
            bars = [a_bar(at, chance.randint(1, 50), symbol=f"{at % 7}") for at in chance.sample(range(200), 100)]
            bars += [a_bar(at, 99, symbol=f"{at % 7}") for at in range(number * 14, number * 14 + 14) if at < 200]
            chance.shuffle(bars)
            await store.upsert(a_batch(*(a_raw(bar, number) for bar in bars)))
        await store.close()

    async def run() -> None:
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            for seed in range(4):
                group.create_task(write(seed))

    asyncio.run(run())
    assert tables.query("SELECT COUNT(*), MIN(trades) FROM bars") == [(200, 99)]


def test_history_gives_back_the_record_digit_for_digit(options: dict[str, Any]) -> None:
    bar = a_bar(3, 7, price="1085.5", auction="close", prior_volume=None)
    store_all(options, a_batch(a_raw(bar), a_raw(a_bar(4, price="1080")), a_raw(a_bar(3, symbol="0050"))))

    async def run() -> None:
        history = History(options)
        rows = await history.rows("bar", "2330", TEN, TEN + 10, 10)
        assert [(row.second, row.trades) for row in rows] == [(TEN + 3, 7), (TEN + 4, 1)]
        assert decode_bar(rows[0].value) == bar
        assert b'"open":1080,' in rows[1].value
        assert await history.rows("bar", "2330", TEN + 4, TEN + 4, 10) == []
        assert len(await history.rows("bar", "2330", TEN, TEN + 10, 1)) == 1
        assert {symbol: row.second - TEN for symbol, row in (await history.last_bars()).items()} == {
            "2330": 4,
            "0050": 3,
        }
        assert await history.gaps(None, None, 10) == []
        await history.close()

    asyncio.run(run())


def test_history_gives_the_neighbours_of_a_second_within_its_day(options: dict[str, Any]) -> None:
    midnight = 1_796_054_400 - TEN
    others = [a_bar(midnight - 1), a_bar(midnight), a_bar(midnight, symbol="0050"), a_bar(midnight + 86_400)]
    store_all(options, a_batch(*map(a_raw, [*others, a_bar(3), a_bar(5), a_bar(9)])))

    async def run() -> None:
        history = History(options)

        async def around(at: int) -> list[int]:
            return [row.second - TEN for row in await history.around("2330", TEN + at)]

        assert await around(5) == [3, 5, 9]
        assert await around(4) == [3, 5, 9]
        assert await around(10) == [9]
        assert await around(midnight) == [midnight, 3]
        assert await around(midnight - 1) == [midnight - 1]
        await history.close()

    asyncio.run(run())


def test_history_gives_a_days_chain(options: dict[str, Any]) -> None:
    bars = [a_bar(9, 2, prior_volume=None), a_bar(3, day_volume=None), a_bar(3, symbol="0050"), a_bar(86_400)]
    store_all(options, a_batch(*map(a_raw, bars)))

    async def run() -> None:
        history, day = History(options), trading_day(TEN * 1_000_000)
        assert sorted(await history.symbols_of(day)) == ["0050", "2330"]
        assert await history.chain(day, "2330") == [TEN + 3, 1, 1, 1_000, -1, TEN + 9, 2, 2, -1, 1_002]
        assert await history.chain(day, "9999") == []
        await history.close()

    asyncio.run(run())


def test_history_gives_the_gaps_that_touch_a_stretch(options: dict[str, Any]) -> None:
    gaps = [a_gap(0, 5), a_gap(6, 9), a_gap(20, 30, "lost"), a_gap(7, 8, "healed"), a_gap(6, 9, symbol="0050")]
    store_all(options, a_batch(*map(a_raw, gaps)))

    async def run() -> None:
        history = History(options)

        async def within(first: int, end: int) -> list[int]:
            found = await history.gaps_within("2330", (TEN + first) * 1_000_000, (TEN + end) * 1_000_000)
            return sorted(from_us // 1_000_000 - TEN for from_us, _ in found)

        assert await within(0, 100) == [0, 6, 20]
        assert await within(5, 7) == [0, 6]
        assert await within(10, 20) == []
        await history.close()

    asyncio.run(run())


def test_a_fault_of_ours_is_not_taken_for_a_database_that_is_away(options: dict[str, Any]) -> None:
    async def run() -> None:
        store = Store({**options, "db": "no_such_database"}, Hop("database"))
        with pytest.raises(RefusedError):
            await store.offsets()

    asyncio.run(run())
