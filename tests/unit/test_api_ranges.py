"""A second without a bar is empty only if its symbol was listened for, all has come out, and all of it is recorded."""

import asyncio
from typing import Any

import msgspec

from api.history import History
from api.hub import Hub
from api.live import Live
from api.memory import Memory
from api.ranges import Ranges
from api.spans import Span
from market.calendar import Calendar
from market.messages import Pause
from tests.api_builders import TEN, a_bar, a_raw, a_status, a_watch

NOW = TEN + 100


class Nothing(History):
    """A database with no rows in it."""

    def __init__(self) -> None:
        super().__init__({})

    async def rows(self, *_: Any) -> list[Any]:
        return []

    async def gaps_within(self, *_: Any) -> set[Any]:
        return set()


def a_live(*records: Any) -> Live:
    live = Live(Hub(Memory()), now_us=lambda: NOW * 1_000_000, tick_s=lambda: 0.0)
    for record in records:
        live.take(record, a_raw(record) if not isinstance(record, Pause) else a_raw(a_status()), fresh=True)
    return live


def states(live: Live, seconds: range, *, current: bool = True) -> str:
    ranges = Ranges(Nothing(), live, Calendar(always=True), lambda: current)
    span = Span("2330", TEN + seconds.start, TEN + seconds.stop, 1_000)
    items = asyncio.run(ranges.filled_bars(span)).items
    return "".join(msgspec.json.decode(item)["state"][0] for item in items)


ALIVE = [a_status(at) for at in range(-5, 31)]
BARS = a_bar(3), a_bar(20, symbol="0050")


def test_a_watched_symbol_is_empty_as_far_as_all_has_come() -> None:
    assert states(a_live(a_watch(-5, "2330", "0050"), *ALIVE, *BARS), range(20)) == "eeeteeeeeeeeeeeeeeuu"


def test_nothing_is_empty_while_the_database_lacks_what_memory_may_have_forgotten() -> None:
    live = a_live(a_watch(-5, "2330", "0050"), *ALIVE, *BARS)
    assert states(live, range(6), current=False) == "uuutuu"


def test_a_symbol_whose_subscription_is_not_confirmed_is_unknown() -> None:
    assert states(a_live(a_watch(-5, "0050"), *ALIVE, *BARS), range(6)) == "uuutuu"
    assert states(a_live(*ALIVE, *BARS), range(6)) == "uuutuu"


def test_a_symbol_is_known_from_the_second_after_its_confirmation_until_it_is_watched_no_more() -> None:
    words = a_watch(-5, "0050"), a_watch(1.5, "0050", "2330"), a_watch(6, "0050")
    assert states(a_live(*words, *ALIVE, *BARS), range(9)) == "uueteeuuu"


def test_on_a_new_connection_nobody_is_known_until_it_is_said_again() -> None:
    #  feed       ──── 4      8 ────────
    #  watched    told           told at 10
    feed = [a_status(at, connected=not 4 < at < 8, reconnects=int(at > 4)) for at in range(-5, 31)]
    live = a_live(a_watch(-5, "2330"), a_watch(10, "2330"), *feed, *BARS)
    assert states(live, range(13)) == "eeetuuuuuueee"


def test_symbols_in_a_pause_are_named_until_the_call_that_ends_it() -> None:
    pauses = [Pause(symbol=symbol, time_us=(TEN + 90) * 1_000_000, direction="up") for symbol in ("2330", "0050")]
    old = Pause(symbol="1101", time_us=(TEN - 600) * 1_000_000, direction="up")
    live = a_live(*pauses, old, a_bar(95, symbol="0050", auction="call"))
    assert live.halted() == ["2330"]
