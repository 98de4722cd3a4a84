"""The API process and its end: killed, asked to stop, given nothing but rubbish."""

import json
import os
import random
import signal
import threading

import pytest
from websockets.sync.client import connect as connect_sync

from market.topics import AVERAGES, BARS
from tests.api_builders import TEN, a_bar
from tests.integration.api_stack import Stack
from tests.waiting import until

pytestmark = pytest.mark.stack
STOP_GRACE_S = 10  # what compose gives a service before it kills it


def place(under: Stack) -> int:
    """The next offset of `bars` to be read."""
    found = under.database.query("SELECT next_offset FROM consumer_offsets WHERE topic = 'bars'")
    return int(found[0][0]) if found else 0


def stored(under: Stack) -> dict[int, int]:
    """Trades by second."""
    return dict(under.database.query("SELECT second, trades FROM bars"))


def test_nothing_is_lost_or_doubled_when_it_is_killed_again_and_again(under: Stack) -> None:
    stop = threading.Event()
    final: dict[int, int] = {}

    def write() -> None:
        chance = random.Random(3)
        while not stop.is_set():
            at, trades = chance.randrange(300), chance.randint(1, 9)
            under.send(a_bar(at, trades, symbol="1104"))
            final[TEN + at] = max(trades, final.get(TEN + at, 0))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3):
            with under.api() as doomed:
                before = place(under)
                until(lambda before=before: place(under) > before, "it is storing")
                assert doomed.end(signal.SIGKILL) == -signal.SIGKILL
    finally:
        stop.set()
        writer.join()
    with under.api():
        until(lambda: stored(under) == final, "all is stored")
    assert place(under) == len(under.broker.records(BARS))


def test_sigterm_says_goodbye_and_exits_with_0(under: Stack) -> None:
    with under.api() as going, connect_sync(going.ws) as browser:
        browser.recv()
        assert going.process is not None
        os.kill(going.process.pid, signal.SIGTERM)
        kinds = [json.loads(text)["type"] for text in browser]  # until it is closed
        assert kinds[-1] == "bye"
        assert browser.close_code == 1001
        assert going.process.wait(STOP_GRACE_S) == 0


def test_it_stops_when_most_records_are_bad(under: Stack) -> None:
    with under.api() as doomed:
        for _ in range(1_000):
            under.put(AVERAGES.name, b"1106", b"{}")
        under.producer.flush(10)
        assert doomed.process is not None
        assert doomed.process.wait(20) == 1
        assert "of the last 1000 records are bad" in doomed.log.read_text().splitlines()[-1]
