"""Alerts over a real broker, a real database and a real receiver: one replica, two, and one that dies."""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from api.alert_rules import HOLDS_AFTER_S
from api.alert_store import DEADLINE_S, MOST_OF_ONE
from market.messages import Bar
from stock_insights_client import Alerts, Problem, Standing
from tests.api_builders import TEN, a_bar, a_gap, a_status, a_watch, an_average
from tests.integration.alert_receiver import Receiver, receiver
from tests.integration.api_stack import Api, Stack
from tests.waiting import until

pytestmark = pytest.mark.stack
OWNER = "somebody-who-watches"
RETRY_S = 40.0  # a lease, and a start


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as up:
        yield up


@pytest.fixture
def api(under: Stack, hook: Receiver) -> Iterator[Api]:
    """It starts without alerts."""
    with under.api(**hook.settings) as up:
        for owner in (OWNER, "somebody-else-here"):
            with Alerts(up.url, owner) as alerts:
                for each in alerts.all():
                    alerts.remove(each.id)
                    time.sleep(0.11)  # ten changes a second
        yield up


def now(under: Stack) -> int:
    """Seconds after ten on the market's clock."""
    return int(time.time()) + under.clock_offset_s - TEN


def in_force(api: Api, number: int = 1) -> None:
    """Known to this replica."""
    until(lambda: figure(api, "alerts") == number, f"{number} alerts are known")


def figure(api: Api, name: str) -> float:
    lines = httpx.get(f"{api.url}/metrics").text.splitlines()
    return float(next(line.split()[-1] for line in lines if line.startswith(f"stock_insights_{name} ")))


def set_one(api: Api, under: Stack, **rule: Any) -> tuple[Standing, int]:
    """An alert at 100 from below unless told otherwise, and the first second (after ten) for which it may fire."""
    asked: dict[str, Any] = {"type": "price", "symbol": "2330", "direction": "up", "level": 100} | rule
    asked = {name: value for name, value in asked.items() if value is not None}
    with Alerts(api.url, OWNER) as alerts:
        made = alerts.set(**asked)
    in_force(api)
    return made, made.created - TEN + HOLDS_AFTER_S + 1


def standing(api: Api) -> list[Standing]:
    with Alerts(api.url, OWNER) as alerts:
        return alerts.all()


@contextmanager
def listening(api: Api, symbols: str = "*") -> Iterator[ClientConnection]:
    with connect(f"{api.ws}?channels=alerts&symbols={symbols}") as socket:
        until(lambda: json.loads(socket.recv(10))["type"] == "ready", "it is subscribed")
        yield socket


def told(socket: ClientConnection, within_s: float = 10) -> dict[str, Any]:
    """The next alert."""
    deadline = time.monotonic() + within_s
    while True:
        message: dict[str, Any] = json.loads(socket.recv(max(0.01, deadline - time.monotonic())))
        if message["type"] == "alert":
            return dict(message["data"])


def known(under: Stack, api: Api, symbol: str = "2330") -> None:
    """There is a bar of the symbol, long ago."""
    under.send(a_bar(0, price="99", symbol=symbol))
    until(lambda: [each for each in api.get("/api/v1/symbols")["items"] if each["symbol"] == symbol], "it is known")


def test_an_alert_is_its_owners_alone(under: Stack, api: Api) -> None:
    known(under, api)
    made, _ = set_one(api, under, cool_down_s=60)
    assert [each.id for each in standing(api)] == [made.id]
    assert made.rule["level"] == 100
    with Alerts(api.url, "somebody-else-here") as others:
        assert others.all() == []
        with pytest.raises(Problem) as refused:
            others.remove(made.id)
        assert refused.value.status == 404
    with Alerts(api.url, OWNER) as alerts:
        alerts.remove(made.id)
    in_force(api, 0)
    assert standing(api) == []


def test_what_cannot_be_had_is_refused_with_the_reason(under: Stack, api: Api, hook: Receiver) -> None:
    known(under, api)
    asked: list[tuple[dict[str, Any], int, str]] = [
        ({"symbol": "9999"}, 404, "no symbol"),
        ({"webhook": "http://169.254.169.254/latest"}, 422, "API_WEBHOOK_HOSTS"),
        ({"webhook": f"http://127.0.0.1:{hook.port + 1}/"}, 422, "API_WEBHOOK_HOSTS"),
        ({"level": "100"}, 422, "level"),
    ]
    for rule, status, words in asked:
        with pytest.raises(Problem, match=words) as refused:
            set_one(api, under, **rule)
        assert refused.value.status == status


def test_so_many_alerts_and_no_more(under: Stack, api: Api) -> None:
    known(under, api)
    with Alerts(api.url, "somebody-else-here") as alerts:
        for _ in range(MOST_OF_ONE):
            alerts.price("2330", "up", 100)
            time.sleep(0.11)
        with pytest.raises(Problem, match=f"at most {MOST_OF_ONE} alerts of one owner") as refused:
            alerts.price("2330", "up", 100)
    assert refused.value.status == 429


def test_two_replicas_tell_their_clients_each_and_a_webhook_once(under: Stack, api: Api, hook: Receiver) -> None:
    known(under, api)
    with ExitStack() as both:
        other = both.enter_context(under.api(**hook.settings))
        sockets = [both.enter_context(listening(each)) for each in (api, other)]
        made, at = set_one(api, under, webhook=hook.url)
        in_force(other)
        for step, price in enumerate(("99.5", "100", "99", "101")):
            under.send(a_bar(at + step, price=price))
        found = [told(socket) for socket in sockets]
        assert found[0] == found[1]
        assert found[0]["id"] == f"{made.id}-{TEN + at + 1}"
        assert (found[0]["before"], found[0]["now"], found[0]["level"]) == (99.5, 100, 100)
        until(lambda: standing(other)[0].fired == TEN + at + 1, "it is written down")
        settled(under)
        assert hook.names == [found[0]["id"]]
        assert hook.data == [found[0]]
        assert hook.forged == []
        assert [figure(each, "alerts_fired_total") for each in (api, other)] == [1, 1]
        assert sum(figure(each, "webhooks_posted_total") for each in (api, other)) == 1
        assert standing(api)[0].fires == 1


def settled(under: Stack) -> None:
    """Nothing waits to be posted, and has not for as long as another replica would need to find it."""
    until(lambda: not under.database.query("SELECT * FROM alert_posts"), "all is posted")
    time.sleep(2.5)
    assert not under.database.query("SELECT * FROM alert_posts")


def bars(at: int, *prices: str) -> list[Bar]:
    """Of another symbol, one a second."""
    return [a_bar(at + step, price=price, symbol="2412") for step, price in enumerate(prices)]


def test_after_a_kill_what_has_fired_is_not_told_again_and_what_repeats_goes_on(
    under: Stack, api: Api, hook: Receiver
) -> None:
    known(under, api, "2412")  # its seconds run ahead of the clock
    made, at = set_one(api, under, symbol="2412", cool_down_s=10, webhook=hook.url)
    under.send(*bars(at, "99.5", "100", "99"))
    until(lambda: hook.names == [f"{made.id}-{TEN + at + 1}"], "it is posted")
    settled(under)  # or it would be posted once more
    api.end(signal.SIGKILL)
    under.send(*bars(at + 3, "101", "99"))  # while nobody looks
    api.start()
    in_force(api)
    with listening(api) as socket:
        under.send(*bars(at + 5, "100", "99"))  # it cools down
        under.send(*bars(at + 11, "100"))
        assert told(socket)["second"] == TEN + at + 11
    until(lambda: len(hook.names) == 2, "it is posted")
    settled(under)
    assert hook.names == [f"{made.id}-{TEN + at + 1}", f"{made.id}-{TEN + at + 11}"]


def test_a_replica_that_dies_while_it_posts_leaves_it_to_the_next_under_the_same_id(
    under: Stack, api: Api, hook: Receiver
) -> None:
    known(under, api)
    made, at = set_one(api, under, webhook=hook.url)
    hook.may_answer.clear()
    under.send(a_bar(at, price="99.5"), a_bar(at + 1, price="100"))
    until(lambda: hook.names, "the first is asking")
    assert api.process is not None
    api.end(signal.SIGKILL)
    assert under.database.query("SELECT tries FROM alert_posts") == [(1,)]
    hook.may_answer.set()
    api.start()
    until(lambda: len(hook.names) == 2, "the next has asked", RETRY_S)
    assert set(hook.names) == {f"{made.id}-{TEN + at + 1}"}
    settled(under)
    assert len(hook.names) == 2
    assert hook.forged == []


def test_a_receiver_that_fails_is_asked_again(under: Stack, api: Api, hook: Receiver) -> None:
    known(under, api)
    made, at = set_one(api, under, webhook=hook.url)
    hook.answers += [500]
    under.send(a_bar(at, price="99.5"), a_bar(at + 1, price="100"))
    until(lambda: len(hook.names) == 2, "it is posted again")
    settled(under)
    assert hook.names == [f"{made.id}-{TEN + at + 1}"] * 2


def test_an_alert_that_is_taken_away_posts_nothing_more(under: Stack, api: Api, hook: Receiver) -> None:
    known(under, api)
    made, at = set_one(api, under, webhook=hook.url)
    hook.answers += [500, 500]
    under.send(a_bar(at, price="99.5"), a_bar(at + 1, price="100"))
    until(lambda: len(hook.names) == 2, "it is posted again, in vain")
    with Alerts(api.url, OWNER) as alerts:
        alerts.remove(made.id)
    settled(under)


def test_a_post_that_nobody_could_make_in_time_is_not_made_late(under: Stack, api: Api, hook: Receiver) -> None:
    statement = "INSERT INTO alert_posts VALUES (1, %s, %s, '{}', 0, NOW() + INTERVAL 1 DAY)"
    under.database.query(statement, TEN + now(under) - DEADLINE_S - 5, hook.url)
    until(lambda: not under.database.query("SELECT * FROM alert_posts"), "it is gone")
    assert hook.names == []
    assert figure(api, "webhooks_given_up_total") == 1


def test_without_the_database_sockets_are_told_at_once_and_webhooks_afterwards(
    under: Stack, api: Api, hook: Receiver
) -> None:
    known(under, api)
    made, at = set_one(api, under, webhook=hook.url)
    with listening(api) as socket, under.database.frozen():
        under.send(a_bar(at, price="99.5"), a_bar(at + 1, price="100"))
        assert told(socket)["id"] == f"{made.id}-{TEN + at + 1}"
        assert hook.names == []
    until(lambda: hook.names == [f"{made.id}-{TEN + at + 1}"], "it is posted", 40)


def test_averages_cross_only_where_nothing_can_be_missing(under: Stack, api: Api) -> None:
    known(under, api, "1301")
    _, at = set_one(api, under, type="average", symbol="1301", fast=5, slow=15, level=None, cool_down_s=10)
    begin = now(under)
    under.send(a_status(begin, connection="c"), a_watch(begin, "1301"), a_status(begin + 60, connection="c"))
    with listening(api, "1301") as socket:
        crossed(under, at + 5)  # its windows reach back to before the feed was heard
        crossed(under, at + 20)
        found = told(socket)
        assert (found["second"], found["before"], found["now"]) == (TEN + at + 21, -1, 0.5)
        under.send(a_gap(at + 30, at + 31, symbol="1301", at_us=(TEN + at + 31) * 1_000_000))
        crossed(under, at + 35)
        crossed(under, at + 50)
        assert told(socket)["second"] == TEN + at + 51


def crossed(under: Stack, at: int) -> None:
    """From below to above, and a bar by which both have settled."""
    for step, over in enumerate(("-1", "0.5")):
        under.send(an_average(at + step, symbol="1301", sma_5=100 + Decimal(over), sma_15=Decimal(100)))
    under.send(a_bar(at + 5, symbol="1301"))


def test_gaps_and_a_lost_feed_are_told(under: Stack, api: Api) -> None:
    known(under, api, "1302")
    _, at = set_one(api, under, type="gap", symbol="1302", level=None, direction=None)
    with listening(api, "1302") as socket:
        under.send(a_gap(at - 9, at - 8, symbol="1302", at_us=(TEN + at) * 1_000_000))
        found = told(socket)
        assert (found["rule"], found["now"], found["second"]) == ("gap", 3, TEN + at)
    with Alerts(api.url, OWNER) as alerts:
        alerts.remove(alerts.all()[0].id)
    _, at = set_one(api, under, type="stale", symbol=None, level=None, direction=None, after_s=5)
    with listening(api, "1302") as socket:
        under.send(a_status(now(under) + 200, connected=False, alive_through_us=(TEN + at - 5) * 1_000_000))
        found = told(socket)
        assert (found["rule"], found["symbol"], found["second"]) == ("stale", None, TEN + at)
