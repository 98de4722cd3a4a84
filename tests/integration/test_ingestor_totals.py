"""The exchange's totals: compared when a symbol has gone quiet, and for every symbol after the close."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from ingestor import totals
from ingestor.allowance import Allowance
from ingestor.rest import Rest
from ingestor.tally import Tally
from ingestor.totals import Totals
from ingestor.watch import Watch
from market.calendar import Calendar
from market.clock import Clock
from market.messages import Total, decode_feed
from market.topics import FEED
from tests.integration.ingestor_exchange import Kept, running, until
from tests.integration.test_ingestor_watch import ALWAYS, DAY, MINUTE_US, START_US, a_print, begun, hand, told

XTAI = Calendar.named("xtai")
CLOSE_US = START_US + (13 * 60 + 30) * MINUTE_US


class Quotes:
    """Answers with the total the test wants; the first answer is none."""

    def __init__(self, lots: int, time_us: int) -> None:
        self.total = {"tradeVolume": lots, "time": time_us}
        self.asked = 0

    def reply(self, _request: httpx.Request) -> httpx.Response:
        self.asked += 1
        return httpx.Response(404) if self.asked == 1 else httpx.Response(200, json={"total": self.total})


@asynccontextmanager
async def compared(
    quotes: Quotes, calendar: Calendar, clock: Clock, tally: Tally | None = None
) -> AsyncIterator[tuple[Watch, Kept]]:
    """A day on which 2330 has traded 5 lots, compared with the exchange's quotes."""
    kept = Kept()
    watch = begun(Watch(kept, tally or Tally(DAY), clock, calendar))
    watch.note(a_print(START_US + 10 * 3_600 * 10**6, 5, 5), "stream")
    async with httpx.AsyncClient(base_url="http://x", transport=httpx.MockTransport(quotes.reply)) as client:
        rest = Rest(client, Allowance(10_000, random.Random(0)), clock)
        async with running(watch.run()), running(Totals(rest, watch, clock, calendar).run(("2330",), 0.01)):
            yield watch, kept


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(totals, "_LOOK_S", 0.01)
    monkeypatch.setattr(totals, "_AGAIN_S", 0.01)
    caplog.set_level("INFO")


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("total", "missing", "said"),
    [(12, [7], "short=1"), (5, [], "equal=1"), (3, [], "over=1")],
    ids=str,
)
def test_after_the_close_the_exchanges_total_is_compared_and_reported(
    caplog: pytest.LogCaptureFixture, total: int, missing: list[int], said: str
) -> None:
    quotes = Quotes(total, CLOSE_US)

    async def scenario() -> None:
        clock, at = hand(CLOSE_US + 4 * MINUTE_US)
        async with compared(quotes, XTAI, clock) as (_, kept):
            await asyncio.sleep(0.05)
            assert not quotes.asked, "the close may be postponed"
            at[0] += 2 * MINUTE_US
            await until(lambda: said in caplog.text, "the report")
            await asyncio.sleep(0.7)
        assert [(gap.state, gap.missing_lots) for gap in told(kept)] == [("open", lots) for lots in missing]

    asyncio.run(scenario())
    assert quotes.asked == 2
    assert ("total_differs symbol=2330 ours=5" in caplog.text) == (total != 5)


@pytest.mark.usefixtures("at_once")
def test_a_symbol_that_has_gone_quiet_is_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    quotes = Quotes(12, CLOSE_US)

    async def scenario() -> None:
        async with compared(quotes, ALWAYS, hand(CLOSE_US)[0]) as (watch, kept):
            await asyncio.sleep(0.1)
            assert not quotes.asked, "not quiet yet"
            monkeypatch.setattr(totals, "_QUIET_S", 0.0)
            await until(lambda: told(kept), "what came after the last trade")
            watch.note(a_print(CLOSE_US - 5, 7, 12), "rest")
            await until(lambda: told(kept)[-1].state == "healed", "healed")
            await asyncio.sleep(0.4)
            assert quotes.asked == 2
            watch.note(a_print(CLOSE_US, 1, 13), "stream")
            await until(lambda: quotes.asked == 3, "compared again, because it traded")

    asyncio.run(scenario())


@pytest.mark.usefixtures("at_once")
def test_another_days_total_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "_QUIET_S", 0.0)
    quotes = Quotes(9_000, CLOSE_US - 86_400 * 10**6)

    async def scenario() -> None:
        async with compared(quotes, ALWAYS, hand(CLOSE_US)[0]) as (_, kept):
            await until(lambda: quotes.asked == 2, "a comparison")
            await asyncio.sleep(0.7)
            assert told(kept) == []

    asyncio.run(scenario())


@pytest.mark.usefixtures("at_once")
def test_an_equal_total_is_told_once_on_each_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_QUIET_S", "_NEW_S"):
        monkeypatch.setattr(totals, name, 0.0)
    quotes = Quotes(5, CLOSE_US)

    async def scenario() -> None:
        tally = Tally(DAY, connection="first")
        async with compared(quotes, ALWAYS, hand(CLOSE_US)[0], tally) as (_, kept):
            await until(lambda: confirmed(kept), "an equal total")
            await asyncio.sleep(0.1)
            tally.connection = None
            await asyncio.sleep(0.1)
            tally.connection = "second"
            await until(lambda: len(confirmed(kept)) == 2, "the same on the next connection")
            await asyncio.sleep(0.1)
        five_s_ago = CLOSE_US - 5_000_000
        assert confirmed(kept) == [Total(symbol="2330", at_us=five_s_ago, day_volume=5)] * 2

    asyncio.run(scenario())


def confirmed(kept: Kept) -> list[Total]:
    return [record for value in kept.of(FEED) if isinstance(record := decode_feed(value), Total)]
