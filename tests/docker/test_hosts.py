"""Three hosts: the golden tape through them, reboots of each, cuts of each link, and what a stranger gets to see."""

import random
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.builders import by_key, golden_tape
from tests.docker.compose import AS_ROOT, Cut
from tests.docker.hosts import KEY, SYMBOL, Hosts, three_hosts
from tests.e2e.compare import KINDS, compare
from tests.e2e.screen import Screen
from tests.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.stack, pytest.mark.timeout(1_800)]

BACK_S = 120  # what the flow may take after the worst
Rows = list[dict[str, Any]]
Fault = Callable[[Hosts], AbstractContextManager[Cut | None]]
MANY = 6  # packets; TCP waits twice as long before each, so that the last is some seconds late

FAULTS: dict[str, Fault] = {
    "host A reboots": lambda hosts: hosts.a.rebooted(),
    "host B reboots": lambda hosts: hosts.b.rebooted(),
    "host C reboots": lambda hosts: hosts.c.rebooted(),
    "A and B are parted": lambda hosts: hosts.a.running()["ingestor"].cut_off(hosts.ports.kafka),
    "B and C are parted": lambda hosts: hosts.c.running()["api"].cut_off(hosts.ports.kafka),
    "A and the exchange are parted": lambda hosts: hosts.a.running()["ingestor"].cut_off(hosts.ports.exchange),
    "C and its browsers are parted": lambda hosts: hosts.c.running()["proxy"].cut_off(8443, own=True),
}


@pytest.fixture(scope="module")
def hosts(images: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    if AS_ROOT and subprocess.run([*AS_ROOT, "true"], capture_output=True, check=False).returncode:
        pytest.skip("killing containers from outside and cutting their networks needs root, or sudo without a password")
    with three_hosts(tmp_path_factory.mktemp("hosts"), len(FAULTS) + 1) as hosts:
        yield hosts


@pytest.fixture(scope="module")
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


@pytest.mark.parametrize("step", golden_tape(), ids=lambda step: step["name"])
def test_every_reader_has_the_rows_of_the_tape(step: dict[str, Any], hosts: Hosts, screen: Screen) -> None:
    assert hosts.play()["name"] == step["name"]
    for kind in KINDS:
        readers = {
            "MySQL": partial(hosts.rows, kind),
            "the client": partial(_shown, screen, kind),
            "history": partial(_history, hosts, kind),
        }
        for reader, read in readers.items():
            until(partial(_holds, read, step["expect"][kind]), f"{reader} has the tape's {kind}", 60)


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_traded_meanwhile_is_there_afterwards(
    name: str, hosts: Hosts, screen: Screen, say: Callable[[str], None]
) -> None:
    with FAULTS[name](hosts) as cut:
        shown = len(screen.rows["bars"])
        hosts.play()
        if cut is not None:
            until(lambda: cut.dropped() >= MANY, f"{MANY} packets were dropped", 60)
            assert len(screen.rows["bars"]) == shown, "the cut let a trade through"
    healed = time.monotonic()
    compare(hosts, screen, lambda _: None, BACK_S)  # type: ignore[arg-type]  # it is read like a Stack
    say(f"{name}: all rows right {time.monotonic() - healed:.1f} s after it was over")


def test_after_all_three_reboot_in_any_order_trades_flow_within_two_minutes(
    hosts: Hosts, screen: Screen, say: Callable[[str], None]
) -> None:
    order = random.sample([hosts.a, hosts.b, hosts.c], 3)
    began = time.monotonic()
    with ExitStack() as stack:
        for project in order:
            stack.enter_context(project.rebooted())
        hosts.play()
    compare(hosts, screen, lambda _: None, BACK_S)  # type: ignore[arg-type]  # it is read like a Stack
    took = time.monotonic() - began
    say(f"rebooted {', '.join(project.name for project in order)}: all rows right after {took:.1f} s")
    assert took <= BACK_S


def test_a_page_of_another_site_gets_no_socket(hosts: Hosts) -> None:
    own = f"https://127.0.0.1:{hosts.ports.page}"
    address = hosts.page.replace("https", "wss", 1) + "/ws"
    with connect(address, ssl=hosts.trust, origin=own, proxy=None) as socket:
        assert "welcome" in str(socket.recv(timeout=10))
    foreign = (
        "https://evil.example",
        own + "0",
        own + ".evil.example",
        "http" + own[5:],
        "null",
        f"{own},{own}",
        f"x,y,|{own}",
    )
    for origin in foreign:
        with pytest.raises(InvalidStatus) as refused, connect(address, ssl=hosts.trust, origin=origin, proxy=None):
            pass
        assert refused.value.response.status_code == httpx.codes.FORBIDDEN, origin


def test_the_proxy_wants_a_login_and_keeps_what_is_the_hosts_own(hosts: Hosts) -> None:
    page, stranger = hosts.page, f"https://127.0.0.1:{hosts.ports.page}"
    with httpx.Client(verify=hosts.trust, trust_env=False, timeout=10) as client:
        assert client.get(stranger).status_code == httpx.codes.UNAUTHORIZED
        assert client.get(stranger, auth=("viewer", "guess")).status_code == httpx.codes.UNAUTHORIZED
        answer = client.get(page + "/")
        assert answer.status_code == httpx.codes.OK
        assert "max-age" in answer.headers["strict-transport-security"]
        assert answer.headers["server"] == "nginx"  # and no version
        for path in ("/metrics", "/readyz"):
            assert client.get(page + path).status_code == httpx.codes.NOT_FOUND, path
        assert client.post(page + "/api/v1/status", content=b"{}").status_code == httpx.codes.FORBIDDEN
    plain = stranger.replace("https", "http", 1)
    assert httpx.get(plain, trust_env=False).status_code == httpx.codes.BAD_REQUEST


def test_nobody_crashed_in_a_way_that_was_not_meant(hosts: Hosts) -> None:
    for project in hosts.projects:
        traces = [line for line in project.compose("logs", "--no-color").splitlines() if "Traceback" in line]
        assert traces == [], project.name


def test_no_secret_is_to_be_seen_from_outside(hosts: Hosts) -> None:
    canaries = _canaries(hosts.secrets)
    assert KEY.encode() in canaries
    assert len(canaries) >= 12
    for project in hosts.projects:
        containers = project.running().values()
        seen = {f"inspect {each.service}": str(each.inspected) for each in containers}
        seen["logs"] = project.compose("logs", "--no-color")
        for where, text in seen.items():
            assert [canary for canary in canaries if canary in text.encode()] == [], f"{project.name}: {where}"


def _canaries(folder: Path) -> list[bytes]:
    """Every password and key, as it would be found in a text: of a PEM file a line from its middle."""
    found = []
    for file in folder.iterdir():
        if file.suffix in {".crt", ".p12", ".sql"}:  # public, not text, and made of the others
            continue
        lines = file.read_bytes().split()
        found.append(lines[len(lines) // 2])
    return found


def _shown(screen: Screen, kind: str) -> Rows:
    return list(screen.rows[kind].values())


def _history(hosts: Hosts, kind: str) -> Rows:
    found: Rows = hosts.get(f"/api/v1/{kind}/{SYMBOL}")["items"]
    return found


def _holds(read: Callable[[], Rows], expected: Rows) -> bool:
    rows, wanted = by_key(read()), by_key(expected)
    return rows.keys() == wanted.keys() and all(
        rows[key].get(name) == value for key, row in wanted.items() for name, value in row.items()
    )
