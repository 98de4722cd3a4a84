"""What the tests of the API stand on, and which parts: native ones, or containers with `--parts=containers`."""

from collections.abc import Iterator

import pytest

from tests.api_builders import TEN
from tests.integration import containers
from tests.integration.api_stack import Api, Stack, stack


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--parts", choices=("native", "containers"), default="native", help="Kafka's and the database's")


def pytest_configure(config: pytest.Config) -> None:
    # Without this folder among pytest's arguments there is no such option.
    containers.chosen.set(config.getoption("--parts", "native") == "containers")


@pytest.fixture(scope="module")
def under(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A module's own broker and database; the market's clock starts at its `NOW_S`, or five minutes after ten."""
    with stack(tmp_path_factory.mktemp("stack"), getattr(request.module, "NOW_S", TEN + 300)) as up:
        yield up


@pytest.fixture(scope="module")
def api(under: Stack) -> Iterator[Api]:
    with under.api() as up:
        yield up
