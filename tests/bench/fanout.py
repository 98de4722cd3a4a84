"""P5: bars pushed to 1,000 browsers of five symbols each, beside `websockets.broadcast` of the same bytes.

The servers and the browsers are processes of their own. Throughput is frames that arrived by the second of processor
time their server took: at one and the same rate neither is held up by the browsers' end.
"""

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from tests.bench.pushing import SYMBOLS
from tests.bench.result import OURS, Figure
from tests.load.__main__ import Nuisance
from tests.waiting import until

CLIENTS, SECONDS = 1_000, 6.0
BROADCAST = "websockets.broadcast"
_WAITING = "stock_insights_mailbox_longest_frames "


@dataclass(frozen=True)
class Pushing:
    """A server of `tests.bench.pushing`."""

    port: int
    offset_us: int
    pid: int

    def watched(self, clients: int = CLIENTS) -> dict[str, float]:
        """What its browsers saw; none may be lost."""
        order: dict[str, Any] = {"port": self.port, "clients": clients, "symbols": SYMBOLS, "seconds": SECONDS}
        order |= {"offset_us": self.offset_us, "server": self.pid}
        command = [sys.executable, "-m", "tests.load.watchers", json.dumps(order)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=60 + SECONDS)
        seen = dict(json.loads(done.stdout))
        assert not seen["lost"], f"{seen['lost']} browsers were cut off"
        return seen

    @contextlib.contextmanager
    def with_a_frozen_reader(self) -> Iterator[None]:
        """One more, that asked for everything and reads nothing: frames wait for it."""
        frozen = Nuisance(self.port, 0)
        frozen.start()
        try:
            until(lambda: self._waiting() > 0, "frames wait for the frozen reader")
            yield
        finally:
            frozen.end()

    def _waiting(self) -> float:
        text = httpx.get(f"http://127.0.0.1:{self.port}/metrics", trust_env=False).text
        return float(next(line for line in text.splitlines() if line.startswith(_WAITING)).split()[-1])


@contextlib.contextmanager
def pushing(kind: str) -> Iterator[Pushing]:
    """`ours` or `broadcast`."""
    command = [sys.executable, "-m", "tests.bench.pushing", kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield Pushing(**json.loads(process.stdout.readline()))
        finally:
            process.terminate()


def measure(rounds: int, say: Callable[[str], None]) -> list[Figure]:
    seen: dict[str, list[dict[str, float]]] = {"ours": [], "broadcast": [], "frozen": []}
    with pushing("ours") as ours, pushing("broadcast") as broadcast:
        for number in range(rounds):
            seen["ours"].append(ours.watched())
            seen["broadcast"].append(broadcast.watched())
            with ours.with_a_frozen_reader():
                seen["frozen"].append(ours.watched())
            say(f"P5 round {number + 1}: {', '.join(f'{name} {told(each[-1])}' for name, each in seen.items())}")
    return [
        *(_figure("frames a second of processor", who, "1/s", map(_speed, seen[name])) for name, who in _SIDES.items()),
        *(_figure("p99", who, "ms", map(_p99, seen[name])) for name, who in _SIDES.items()),
        _figure("p99 with a frozen reader", OURS, "ms", map(_p99, seen["frozen"])),
        _figure("p99 with a frozen reader", "alone", "ms", map(_p99, seen["ours"])),
    ]


_SIDES = {"ours": OURS, "broadcast": BROADCAST}


def _figure(what: str, subject: str, unit: str, values: Iterator[float]) -> Figure:
    return Figure("P5", what, subject, unit, tuple(values))


def _speed(seen: dict[str, float]) -> float:
    return seen["bars"] / seen["server_s"]


def _p99(seen: dict[str, float]) -> float:
    return seen["p99_ms"]


def told(seen: dict[str, float]) -> str:
    return f"{_speed(seen):,.0f} frames/s of processor, p99 {seen['p99_ms']:.1f} ms"
