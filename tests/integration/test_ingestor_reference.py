"""Reference data: asked each trading day until the answer is of that day, and never a burden on the plan's calls."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal

import httpx
import pytest

from ingestor import allowance, reference
from ingestor.allowance import Allowance
from ingestor.reference import Reference, pace_s
from ingestor.rest import Rest
from ingestor.ticker import unknown
from market.calendar import Calendar, trading_day
from market.clock import Clock
from market.messages import SymbolInfo, decode_symbol
from market.topics import SYMBOLS
from tests.integration.ingestor_exchange import KEY, TAPE_US, Kept, golden_tape, running, tape_clock, until

DAY_US = 86_400_000_000
ALWAYS = Calendar.named("always")


@dataclass(frozen=True, slots=True)
class Hand:
    """A clock whose hand the test moves."""

    at: list[int]

    def now_us(self) -> int:
        return self.at[0]


class Exchange:
    """The exchange's answers, as the test scripts them, and how often each symbol was asked for."""

    def __init__(self, answer: Callable[[str, int], httpx.Response]) -> None:
        self.asked: Counter[str] = Counter()
        self._answer = answer

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url="http://exchange/v1.0/stock", transport=httpx.MockTransport(self._reply))

    def _reply(self, request: httpx.Request) -> httpx.Response:
        symbol = request.url.path.removeprefix("/v1.0/stock/intraday/ticker/")
        self.asked[symbol] += 1
        return self._answer(symbol, self.asked[symbol])


def within_plan(client: httpx.AsyncClient, clock: Clock) -> Rest:
    return Rest(client, Allowance(1_000_000, random.Random(0)), clock)


def asking(client: httpx.AsyncClient, kept: Kept, clock: Clock, *symbols: str) -> Awaitable[None]:
    return Reference(within_plan(client, clock), kept, clock, ALWAYS).run(symbols, 0.0)


def published(kept: Kept) -> list[SymbolInfo]:
    return [decode_symbol(value) for value in kept.of(SYMBOLS)]


@pytest.fixture(autouse=True)
def rounds_follow_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "_AGAIN_S", 0.005)
    monkeypatch.setattr(allowance, "_FIRST_S", 0.001)
    monkeypatch.setattr(allowance, "_SPREAD_S", 0.001)


def run(kept: Kept, exchange: Exchange, clock: Clock, calendar: Calendar, done: Callable[[], object]) -> None:
    async def scenario() -> None:
        async with exchange.client() as client:
            reference = Reference(within_plan(client, clock), kept, clock, calendar)
            async with running(reference.run(("2330", "9999"), 0.0)):
                await until(done, "the answers")
                await asyncio.sleep(0.05)  # further rounds would show in what is counted

    asyncio.run(scenario())


def of_day(day: str) -> httpx.Response:
    return httpx.Response(200, json={"date": day, "referencePrice": 1085})


def hand() -> tuple[Clock, list[int]]:
    at = [TAPE_US]
    return Hand(at), at  # type: ignore[return-value]


def test_half_of_the_calls_are_left_for_repair() -> None:
    assert [pace_s(calls) for calls in (60, 600, 2_000)] == [2.0, 0.2, 0.06]


def test_the_simulated_exchange_is_asked_for_each_symbol_once() -> None:
    async def scenario() -> None:
        kept = Kept()
        async with (
            golden_tape() as exchange,
            httpx.AsyncClient(base_url=exchange.rest, headers={"X-API-KEY": KEY}) as client,
            running(asking(client, kept, tape_clock(), "2330", "0050", "ZZZZ")),
        ):
            await until(lambda: len(published(kept)) == 3, "three answers")
            await asyncio.sleep(0.05)
        tsmc, fund, nobody = published(kept)
        assert (tsmc.symbol, tsmc.name, tsmc.trading_day, tsmc.board_lot) == ("2330", "台積電", "2026-12-01", 1000)
        assert isinstance(tsmc.reference_price, Decimal)
        assert fund.symbol == "0050"
        assert nobody == unknown("ZZZZ", trading_day(TAPE_US))

    asyncio.run(scenario())


def test_a_new_trading_day_is_asked_for_at_once_and_until_the_exchange_has_opened_it() -> None:
    kept, (clock, at) = Kept(), hand()
    answers = {"day": "2026-12-01"}
    exchange = Exchange(lambda _symbol, _times: of_day(answers["day"]))

    async def scenario() -> None:
        async with exchange.client() as client, running(asking(client, kept, clock, "2330", "0050")):
            await until(lambda: len(published(kept)) == 2, "the first day")
            at[0] += DAY_US
            await until(lambda: exchange.asked["2330"] >= 5, "asking again")
            assert len(published(kept)) == 2, "yesterday's answer is not published again"
            answers["day"] = "2026-12-02"
            await until(lambda: len(published(kept)) == 4, "the second day")

    asyncio.run(scenario())
    assert [info.trading_day for info in published(kept)] == ["2026-12-01"] * 2 + ["2026-12-02"] * 2


def test_on_a_day_without_trading_any_answer_will_do() -> None:
    kept, (clock, _) = Kept(), hand()
    exchange = Exchange(lambda _symbol, _times: of_day("2026-11-30"))
    closed = Calendar.named("xtai", "2026-12-01")
    run(kept, exchange, clock, closed, lambda: len(published(kept)) == 2)
    assert exchange.asked == {"2330": 1, "9999": 1}


def test_a_failing_exchange_is_asked_again_and_meanwhile_the_unknown_is_null() -> None:
    kept, (clock, _) = Kept(), hand()
    exchange = Exchange(
        lambda symbol, times: httpx.Response(503) if symbol == "9999" and times < 6 else of_day("2026-12-01")
    )
    run(kept, exchange, clock, ALWAYS, lambda: len(published(kept)) == 3)
    assert [info.symbol for info in published(kept)] == ["2330", "9999", "9999"]
    assert published(kept)[1] == unknown("9999", trading_day(TAPE_US))
    assert published(kept)[2].reference_price == 1085
    assert exchange.asked == {"2330": 1, "9999": 6}


def test_an_unreachable_exchange_is_no_crash() -> None:
    def unreachable(symbol: str, times: int) -> httpx.Response:
        message = f"{symbol}: no route"
        if times < 3:
            raise httpx.ConnectError(message)
        return of_day("2026-12-01")

    kept, (clock, _) = Kept(), hand()
    run(kept, Exchange(unreachable), clock, ALWAYS, lambda: len(published(kept)) == 2)


def test_over_the_calls_of_the_plan_the_next_minute_is_waited_for() -> None:
    kept, (clock, at) = Kept(), hand()
    exchange = Exchange(lambda _symbol, times: httpx.Response(429) if times == 1 else of_day("2026-12-01"))

    async def scenario() -> None:
        async with exchange.client() as client, running(asking(client, kept, clock, "2330", "0050")):
            await until(lambda: exchange.asked["2330"], "the first call")
            await asyncio.sleep(0.05)
            assert exchange.asked == {"2330": 1}

    asyncio.run(scenario())
    at[0] += 59_990_000
    again = Exchange(lambda _symbol, times: httpx.Response(429) if times == 1 else of_day("2026-12-01"))
    run(kept, again, clock, ALWAYS, lambda: len(published(kept)) == 2)
