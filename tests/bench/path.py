"""P3: from the exchange's stamp to a browser's socket, beside as many bare Kafka hops and one socket hop.

One stack for each rate, everything on this machine. While the bare hops are measured, on the same broker, nothing is
traded; so they have the machine for themselves. The worst bar is that of a whole minute, a batch boundary included.
"""

import asyncio
import tempfile
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

from market.settings import load
from tests.bench.hops import Hops, hops
from tests.bench.result import OURS, Figure
from tests.bench.settings import BenchSettings
from tests.bench.stacks import Browser, quantile, stack, trading
from tests.e2e.stack import Stack

RATES, SYMBOLS = (500, 5_000), 200
BARE = "2 bare Kafka hops, 1 socket"
WARM_S, SESSION_S = 15.0, 65  # Spark begins a new batch every 60 s
_BARE_S = 5.0
_SHARES = {"p50": 0.50, "p99": 0.99}


def measure(rounds: int, say: Callable[[str], None]) -> list[Figure]:
    return list(chain.from_iterable(at_rate(rate, rounds, say) for rate in RATES))


def at_rate(rate: int, rounds: int, say: Callable[[str], None]) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, stack(Path(folder), rate, SYMBOLS) as up:
        say(f"P3 at {rate:,}/s: the stack is up")
        with hops(up.addresses["kafka"]) as bare:
            return asyncio.run(_watched(up, bare, rate, rounds, say))


async def _watched(up: Stack, bare: Hops, rate: int, rounds: int, say: Callable[[str], None]) -> list[Figure]:
    ours: list[list[float]] = []
    others: list[list[float]] = []
    async with Browser().watching(up) as browser:
        async with trading(up, WARM_S):
            say(f"P3 at {rate:,}/s: warm")
        await browser.quiet()
        async with trading(up):
            session = await browser.seconds(SESSION_S)
            hop_by_hop = _hop_by_hop(rate, await asyncio.to_thread(up.get, "/api/v1/status"))
        await browser.quiet()
        say(f"P3 at {rate:,}/s: worst of {SESSION_S} s {max(chain.from_iterable(session)):.0f} ms")
        for number in range(rounds):
            async with trading(up):
                ours.append(list(chain.from_iterable(await browser.seconds(load(BenchSettings).seconds))))
            await browser.quiet()
            others.append(await asyncio.to_thread(bare.measured, rate, _BARE_S))
            say(f"P3 at {rate:,}/s round {number + 1}: {told(ours[-1])}; bare {told(others[-1])}")
    return [*_quantiles(rate, OURS, ours), *_quantiles(rate, BARE, others), *_worst(rate, session), *hop_by_hop]


def _quantiles(rate: int, subject: str, rounds: list[list[float]]) -> list[Figure]:
    return [
        Figure("P3", f"{name}, {rate:,}/s", subject, "ms", tuple(quantile(each, share) for each in rounds))
        for name, share in _SHARES.items()
    ]


def _worst(rate: int, session: list[list[float]]) -> list[Figure]:
    """Of all bars, and of the second that was worst its middle one: how wide the worst moment is."""
    middles = [quantile(each, 0.5) for each in session if each]
    return [
        Figure("P3", f"worst, {rate:,}/s", OURS, "ms", (max(chain.from_iterable(session)),)),
        Figure("P3", f"p50 of the worst second, {rate:,}/s", OURS, "ms", (max(middles),)),
    ]


def _hop_by_hop(rate: int, status: dict[str, Any]) -> list[Figure]:
    """Where the time of the last minute went, by the pipeline's own account."""
    return [
        Figure("P3", f"hop until {name}, {point}, {rate:,}/s", OURS, "ms", (float(took[f"{point}_ms"]),))
        for name, took in status["hops"].items()
        for point in _SHARES
        if took is not None and took[f"{point}_ms"] is not None
    ]


def told(late_ms: list[float]) -> str:
    figures = ", ".join(f"{name} {quantile(late_ms, share):.1f}" for name, share in _SHARES.items())
    return f"{figures}, max {max(late_ms):.0f} ms of {len(late_ms):,}"
