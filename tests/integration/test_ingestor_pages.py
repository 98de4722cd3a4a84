"""Repair against an exchange whose answers the test scripts: what is asked, what is published, what is given up."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal

import httpx
import pytest

from ingestor import repair
from ingestor.allowance import Allowance
from ingestor.intake import Intake
from ingestor.repair import Repair
from ingestor.rest import Rest
from ingestor.tally import Tally
from ingestor.watch import Watch
from market.calendar import Calendar, trading_day
from market.messages import Gap, decode_feed, decode_trade
from market.topics import DEAD_LETTERS, FEED, TRADES
from tests.builders import TEN, Data, a_trade, to_json
from tests.integration.ingestor_exchange import TAPE_US, Kept, running, tape_clock, until

HEAD = ("symbol", "type", "exchange", "market")


def a_day(count: int, symbol: str = "2330") -> list[Data]:
    """A lot a tenth of a second, from the session's first on."""
    return [
        a_trade(f"{n // 10}.{n % 10}", symbol=symbol, volume=n, price=f"{1000 + n % 7}.50") for n in range(1, count + 1)
    ]


@dataclass
class Exchange:
    """Answers from `printed`, newest first; `before` runs ahead of each answer and may give one of its own."""

    printed: dict[str, list[Data]]
    before: Callable[[str, int], httpx.Response | None] = lambda _symbol, _offset: None
    asked: list[tuple[str, int]] = field(default_factory=list)

    def reply(self, request: httpx.Request) -> httpx.Response:
        symbol, query = request.url.path.rsplit("/", 1)[1], request.url.params
        offset = int(query["offset"])
        self.asked.append((symbol, offset))
        return self.before(symbol, offset) or httpx.Response(200, content=self.page(symbol, offset))

    def page(self, symbol: str, offset: int) -> str:
        rows = list(reversed(self.printed[symbol]))[offset : offset + 500]
        bodies = [to_json({name: value for name, value in row.items() if name not in HEAD}) for row in rows]
        head = {name: a_trade(symbol=symbol)[name] for name in HEAD}
        return to_json({"date": "2026-12-01", **head})[:-1] + f',"data":[{",".join(bodies)}]}}'


@dataclass
class Scene:
    """An ingestor without a stream: the test is the stream."""

    exchange: Exchange
    intake: Intake
    kept: Kept
    tally: Tally

    async def hear(self, *trades: Data) -> None:
        for trade in trades:
            frame = f'{{"event":"data","channel":"trades","data":{to_json(trade)}}}'
            await self.intake.take(frame.encode())

    def fetched(self) -> list[Data]:
        """What was published from REST, without what we add."""
        found = [json.loads(value, parse_float=Decimal) for value in self.kept.of(TRADES)]
        ours = ("kind", "received_us", "source")
        return [{n: v for n, v in trade.items() if n not in ours} for trade in found if trade["source"] == "rest"]

    def gaps(self) -> list[Gap]:
        return [record for value in self.kept.of(FEED) if isinstance(record := decode_feed(value), Gap)]

    def states(self) -> list[str]:
        return [gap.state for gap in self.gaps()]


@asynccontextmanager
async def a_scene(exchange: Exchange) -> AsyncIterator[Scene]:
    kept, tally, clock, calendar = Kept(), Tally(trading_day(TAPE_US)), tape_clock(), Calendar.named("always")
    watch = Watch(kept, tally, clock, calendar)
    watch.begin(watch.unknown(trading_day(TAPE_US)), ())
    intake = Intake(frozenset(exchange.printed), kept, tally, watch, clock)
    transport = httpx.MockTransport(exchange.reply)
    async with httpx.AsyncClient(base_url="http://exchange/v1.0/stock", transport=transport) as client:
        rest = Rest(client, Allowance(1_000_000, random.Random(0)), clock)
        async with running(watch.run()), running(Repair(rest, watch, intake).run()):
            yield Scene(exchange, intake, kept, tally)


@pytest.fixture(autouse=True)
def asked_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repair, "_AGAIN_S", (0.01, 0.01, 0.01))


def test_only_what_is_missing_is_published_as_the_stream_would_have_sent_it() -> None:
    async def scenario() -> None:
        day = a_day(300)
        async with a_scene(Exchange({"2330": day})) as scene:
            await scene.hear(*day[:100], *day[103:200], *day[201:])
            await until(lambda: scene.states().count("healed") == 2, "two healed gaps")
            assert scene.fetched() == [*day[100:103], day[200]]
            assert scene.exchange.asked == [("2330", 0)]
            assert scene.tally.trades == 300
            assert {decode_trade(value).kind for value in scene.kept.of(TRADES)} == {"continuous"}

    asyncio.run(scenario())


def test_pages_that_shift_while_they_are_read_leave_nothing_out() -> None:
    async def scenario() -> None:
        day = a_day(2_100)
        exchange = Exchange({"2330": day[:2_000]})

        def shift(_symbol: str, _offset: int) -> None:
            so_far = exchange.printed["2330"]
            exchange.printed["2330"] = day[: len(so_far) + 7]

        exchange.before = shift
        async with a_scene(exchange) as scene:
            await scene.hear(*day[:10], *day[1_990:2_000])
            await until(lambda: "healed" in scene.states(), "a healed gap")
            await until(lambda: not scene.tally.open_gaps, "no gap")
            fetched = scene.fetched()
            assert len(fetched) == 1_980
            assert {trade["serial"] for trade in fetched} == {trade["serial"] for trade in day[10:1_990]}
            assert len(exchange.asked) == 5

    asyncio.run(scenario())


def test_the_reading_ends_at_the_oldest_gap() -> None:
    async def scenario() -> None:
        day = a_day(3_000)
        async with a_scene(Exchange({"2330": day})) as scene:
            await scene.hear(*day[:2_300], *day[2_301:])
            await until(lambda: scene.states() == ["open", "healed"], "a healed gap")
            assert scene.exchange.asked == [("2330", 0), ("2330", 475)]

    asyncio.run(scenario())


def test_a_long_day_of_one_symbol_does_not_hold_the_others_up() -> None:
    async def scenario() -> None:
        long, short = a_day(3_000), a_day(300, "0050")
        async with a_scene(Exchange({"2330": long, "0050": short})) as scene:
            await scene.hear(long[-1], short[-1])
            await until(lambda: scene.states().count("healed") >= 2, "both healed")
            await until(lambda: not scene.tally.open_gaps, "no gap")
            assert [symbol for symbol, _ in scene.exchange.asked[:3]].count("0050") == 1
            assert len(scene.fetched()) == 3_298

    asyncio.run(scenario())


def test_what_complete_answers_lack_is_lost_and_no_longer_asked_for() -> None:
    async def scenario() -> None:
        day = a_day(600)
        exchange = Exchange({"2330": [*day[:50], *day[52:]]})
        async with a_scene(exchange) as scene:
            await scene.hear(*day[:50], *day[52:])
            await until(lambda: scene.states() == ["open", "lost"], "a lost gap")
            assert scene.gaps()[-1].reason == "the exchange answered 4 times, without these lots"
            assert scene.gaps()[-1].missing_lots == 2
            asked = len(exchange.asked)
            await asyncio.sleep(0.3)
            assert len(exchange.asked) == asked == 8, "two pages, four times"
            assert scene.tally.open_gaps == 0
            await scene.hear(*day[50:52])
            await until(lambda: scene.states()[-1] == "healed", "healed by late trades")
            assert scene.fetched() == []

    asyncio.run(scenario())


def test_a_gap_from_the_days_start_is_lost_only_when_the_last_page_was_read() -> None:
    async def scenario() -> None:
        day = a_day(520)
        exchange = Exchange({"2330": day[1:]})
        async with a_scene(exchange) as scene:
            await scene.hear(*day[300:])
            await until(lambda: scene.states()[-1:] == ["lost"], "a lost gap")
            assert {offset for _, offset in exchange.asked} == {0, 475, 494}
            assert [gap.missing_lots for gap in scene.gaps()] == [300, 1, 299, 1]
            assert len(scene.fetched()) == 299

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404, json={"statusCode": 404, "message": "Resource Not Found"}),
        httpx.Response(403, json={"statusCode": 403, "message": "Forbidden"}),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, json={"symbol": "0050", "type": "EQUITY", "exchange": "TWSE", "data": []}),
        httpx.Response(200, json={"symbol": "2330", "type": "EQUITY", "exchange": "TWSE", "data": [
            {"time": (TEN - 86_400) * 1_000_000, "serial": 9, "price": 1, "size": 4, "volume": 14}]}),
    ],
    ids=["unknown", "forbidden", "no JSON", "another symbol", "another day"],
)  # fmt: skip
def test_an_answer_that_is_none_leaves_the_gap_open_and_is_not_hurried(answer: httpx.Response) -> None:
    async def scenario() -> None:
        day = a_day(20)
        exchange = Exchange({"2330": day}, lambda _symbol, _offset: answer)
        async with a_scene(exchange) as scene:
            await scene.hear(*day[:10], *day[14:])
            await until(lambda: exchange.asked, "a call")
            await asyncio.sleep(0.3)
            assert len(exchange.asked) == 1
            assert scene.states() == ["open"]
            assert scene.fetched() == []

    asyncio.run(scenario())


def test_a_row_that_is_no_trade_is_a_dead_letter_and_the_others_are_published() -> None:
    async def scenario() -> None:
        day = a_day(20)
        wrong = day[11] | {"price": Decimal(-5)}
        exchange = Exchange({"2330": [*day[:11], wrong, *day[12:]]})
        async with a_scene(exchange) as scene:
            await scene.hear(*day[:10], *day[14:])
            await until(lambda: "lost" in scene.states(), "a lost gap")
            assert scene.fetched() == [day[10], *day[12:14]]
            letters = [headers for name, _, _, headers in scene.kept.records if name == DEAD_LETTERS.name]
            assert letters
            assert all(headers and headers["source"] == "rest" for headers in letters)

    asyncio.run(scenario())
