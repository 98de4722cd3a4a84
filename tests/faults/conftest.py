"""One running pipeline for all fault tests: 300 symbols, 500 trades a second, and a client that stays."""

import os
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.compare import compare
from tests.e2e.screen import Screen
from tests.e2e.stack import Stack, running, until

SYMBOLS, RATE = 300, 500
CALM = "/control/fault?swallow=0&duplicate=0&late=0&rest_500=0&rest_429=0&mute=0"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    settings = {
        "SIMULATOR_RATE": str(RATE),
        "SIMULATOR_SYMBOLS": str(SYMBOLS),
        "SIMULATOR_BEGIN": "when_told",
        "SPARK_TRIGGER": os.environ.get("SPARK_TRIGGER", "realtime 10 seconds"),  # more ends of batches to die at
    }
    with running(tmp_path_factory.mktemp("faults") / "data", **settings) as stack:
        until(lambda: stack.exchange("/control/stats")["subscriptions"] == SYMBOLS, "the ingestor subscribed", 60)
        yield stack


@pytest.fixture(scope="module")
def screen(stack: Stack) -> Iterator[Screen]:
    with Screen(stack.addresses["page"], ["*"]) as screen:
        yield screen


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Prints through pytest's capture: the figures are what is asked for."""

    def line(text: str) -> None:
        with capsys.disabled():
            print(f"\n    {text}", end="", flush=True)  # noqa: T201

    return line


@pytest.fixture
def trading(stack: Stack, screen: Screen, say: Callable[[str], None]) -> Iterator[Stack]:
    """The market trades during the test; after it, without faults, every row of every reader must be the oracle's."""
    stack.exchange(CALM)
    stack.exchange("/control/begin")
    yield stack
    stack.exchange(CALM)
    stack.exchange("/control/end")
    compare(stack, screen, say, settle_s=180)
