"""When a connection is given up, how long the next one waits, and what is asked for again. Time is an argument."""

import random
from dataclasses import dataclass

import pytest
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.frames import Close
from websockets.http11 import Response

from ingestor import faults
from ingestor.backoff import Backoff
from ingestor.frames import Refused
from ingestor.silence import Silence
from ingestor.subscriptions import Subscriptions


class Most(random.Random):
    """The longest of what chance allows."""

    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


def test_the_wait_doubles_to_a_minute_and_starts_anew_after_a_healthy_connection() -> None:
    backoff = Backoff(Most())
    assert [backoff.pause_s(crowded=False, lasted_s=0) for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert backoff.pause_s(crowded=False, lasted_s=10) == 1


def test_a_connection_that_ends_soon_after_subscribing_is_no_success() -> None:
    backoff = Backoff(Most())
    assert [backoff.pause_s(crowded=False, lasted_s=9) for _ in range(3)] == [1, 2, 4]


def test_the_wait_is_spread_from_nothing_to_its_reach() -> None:
    waits = [Backoff(random.Random(seed)).pause_s(crowded=False, lasted_s=0) for seed in range(200)]
    assert min(waits) < 0.1
    assert 0.9 < max(waits) <= 1


def test_a_crowded_account_is_left_alone_for_half_a_minute_and_then_longer() -> None:
    waits = [Backoff(random.Random(seed)).pause_s(crowded=True, lasted_s=0) for seed in range(200)]
    assert min(waits) >= 30
    backoff = Backoff(Most())
    assert [backoff.pause_s(crowded=True, lasted_s=0) for _ in range(5)] == [45, 90, 180, 360, 450]


def closed(code: int | None, reason: str = "") -> ConnectionClosedError:
    return ConnectionClosedError(None if code is None else Close(code, reason), None)


def upgrade(status: int) -> InvalidStatus:
    return InvalidStatus(Response(status, "", Headers()))


@pytest.mark.parametrize(
    ("fault", "crowded"),
    [
        (closed(1001, "Maximum number of connections reached"), True),
        (closed(1013), True),
        (closed(1001, "maintenance"), False),
        (closed(None), False),
        (upgrade(404), True),
        (upgrade(429), True),
        (upgrade(502), False),
        (ConnectionRefusedError(), False),
        (faults.CrowdedError(), True),
        (faults.LostError(), False),
    ],
)
def test_only_an_account_without_a_free_connection_is_crowded(fault: BaseException, crowded: bool) -> None:  # noqa: FBT001
    assert faults.is_crowded(fault) is crowded


@pytest.mark.parametrize(
    ("refused", "kind"),
    [
        (Refused(1000, "Invalid authentication credentials"), faults.WrongKeyError),
        (Refused(1001, "Maximum number of connections reached"), faults.CrowdedError),
        (Refused(1003, "Maximum number of connections reached"), faults.CrowdedError),
        (Refused(None, "Maximum number of connections reached"), faults.CrowdedError),
        (Refused(1001, ""), faults.CrowdedError),
        (Refused(1004, "no auth"), faults.LostError),
        (Refused(1011, "unavailable"), faults.LostError),
        (Refused(None, ""), faults.LostError),
    ],
)
def test_a_refusal_of_auth_says_whether_to_stop_to_wait_or_to_try_again(refused: Refused, kind: type) -> None:
    assert type(faults.refusal(refused)) is kind


@dataclass
class Market:
    """Feeds a Silence with trades and heartbeats, one a second or as told, and asks it every half second."""

    silence: Silence
    now_s: float = 1_000.0

    def runs(self, seconds: int, *, trade_every: int = 1, beats: bool = True, trading: bool = True) -> str | None:
        for second in range(seconds * 2):
            self.now_s += 0.5
            if trade_every and second % (2 * trade_every) == 0:
                self.silence.heard(self.now_s, trade=True)
            elif beats:
                self.silence.heard(self.now_s, trade=False)
            verdict = self.silence.verdict(self.now_s, trading=trading)
            if verdict:
                return verdict
        return None


@pytest.fixture
def market() -> Market:
    silence = Silence()
    silence.connected(1_000.0)
    return Market(silence)


def test_35_seconds_without_any_frame_are_a_dead_connection(market: Market) -> None:
    assert market.runs(34, trade_every=0, beats=False) is None
    assert market.runs(1, trade_every=0, beats=False) == "silent for 35 s"


def test_heartbeats_do_not_excuse_12_seconds_without_a_trade_in_a_busy_market(market: Market) -> None:
    assert market.runs(60) is None
    assert market.runs(11, trade_every=0) is None
    assert market.runs(1, trade_every=0) == "no trade for 12 s in continuous trading"


def test_a_quiet_watch_list_is_given_the_time_it_usually_needs(market: Market) -> None:
    assert market.runs(300, trade_every=5) is None
    assert market.runs(54, trade_every=0) is None
    assert market.runs(6, trade_every=0) == "no trade for 60 s in continuous trading"


def test_before_the_usual_pace_is_known_five_minutes_without_a_trade_are_too_long(market: Market) -> None:
    assert market.runs(20) is None
    assert market.runs(299, trade_every=0) is None
    assert market.runs(1, trade_every=0) == "no trade for 300 s in continuous trading"


def test_a_symbol_that_hardly_trades_is_left_to_the_heartbeat(market: Market) -> None:
    assert market.runs(1_200, trade_every=20) is None
    assert market.runs(900, trade_every=0) is None


def test_no_trades_outside_continuous_trading_are_as_they_should_be(market: Market) -> None:
    assert market.runs(60) is None
    assert market.runs(300, trade_every=0, trading=False) is None
    assert market.runs(11, trade_every=0) is None


def test_a_second_silence_without_a_trade_between_is_given_twice_the_time(market: Market) -> None:
    market.runs(60)
    assert market.runs(20, trade_every=0) is not None
    market.silence.connected(market.now_s)
    assert market.runs(23, trade_every=0) is None
    assert market.runs(1, trade_every=0) is not None


def test_waiting_for_the_broker_is_not_silence_of_the_exchange(market: Market) -> None:
    market.silence.busy()
    assert market.runs(600, trade_every=0, beats=False) is None


def test_a_quiet_spell_is_pinged_once_before_the_next_heartbeat() -> None:
    silence = Silence()
    silence.connected(0.0)
    assert [now for now in range(34) if silence.wants_ping(float(now))] == [17]


def test_what_is_not_confirmed_is_asked_for_again_ever_more_seldom() -> None:
    subscriptions = Subscriptions(("2330", "0050", "9999"), 0.0)
    subscriptions.confirm(("2330", "0050"))
    asked = [now for now in range(200) if subscriptions.overdue(float(now))]
    assert asked == [10, 30, 70, 150]
    assert subscriptions.missing() == ("9999",)


def test_when_all_is_confirmed_nothing_is_asked_again() -> None:
    subscriptions = Subscriptions(("2330",), 0.0)
    subscriptions.confirm(("2330",))
    assert subscriptions.overdue(1_000.0) == ()
