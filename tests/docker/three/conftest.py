"""The three hosts, up once for all modules here. Their order counts: first the tape, while its rows are all."""

import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.docker.containers import AS_ROOT
from tests.docker.hosts import SYMBOL, Hosts, three_hosts
from tests.e2e.screen import Screen

TRADES_AFTERWARDS = 20  # more than the tests play


@pytest.fixture(scope="package")
def hosts(images: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    if AS_ROOT and subprocess.run([*AS_ROOT, "true"], capture_output=True, check=False).returncode:
        pytest.skip("killing containers from outside and cutting their networks needs root, or sudo without a password")
    with three_hosts(tmp_path_factory.mktemp("hosts"), TRADES_AFTERWARDS) as hosts:
        yield hosts


@pytest.fixture(scope="package")
def screen(hosts: Hosts) -> Iterator[Screen]:
    """A client that stays, and comes back when it is cut off."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(hosts.secrets / "ca.crt"))
        with Screen(hosts.page, [SYMBOL]) as screen:
            yield screen


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    def aloud(line: str) -> None:
        with capsys.disabled():
            print(f"\n    {line}", end="", flush=True)  # noqa: T201 - the figures are what is asked for

    return aloud
