"""What no client should say: refused, answered in words, and afterwards nothing is left of it."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from functools import partial

import httpx
import hypothesis
import psutil
import pytest
import requests
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from stock_insights_client import Live
from tests.api_builders import TEN, a_bar, a_gap, a_status, an_average
from tests.integration.api_stack import Api, Stack, until
from tests.integration.hostile import ATTACKS, a_thousand_at_once

pytestmark = pytest.mark.stack
SECONDS = 200
NEGATIVE = GenerationMode.NEGATIVE  # what a description does not allow; the status has nothing to be asked


@pytest.fixture(scope="module")
def api(under: Stack) -> Iterator[Api]:
    with under.api() as up:
        under.send(*(a_status(at) for at in range(5)), *(a_bar(at) for at in range(SECONDS)), a_gap(3, 5))
        under.send(*(an_average(at) for at in range(SECONDS)))
        until(lambda: len(up.get(f"/api/v1/averages/2330?start={TEN}")["items"]) == SECONDS, "the rows are there")
        yield up


CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
ROUTES = (
    "GET symbols",
    "GET bars/{symbol}",
    "GET averages/{symbol}",
    "GET candles/{symbol}",
    "GET gaps",
    "GET explain/{symbol}/{second}",
    "GET status",
    "GET alerts",
    "POST alerts",
    "DELETE alerts/{id}",
    "POST replay",
)
ASKED = [(route, mode) for route in ROUTES for mode in GenerationMode if (route, mode) != ("GET status", NEGATIVE)]


@pytest.mark.parametrize(("route", "mode"), ASKED)
def test_every_route_keeps_to_its_description_whatever_it_is_asked(api: Api, route: str, mode: GenerationMode) -> None:
    method, path = route.split()
    described = schemathesis.openapi.from_url(f"{api.url}/openapi.json")
    refusals = described.config.checks.negative_data_rejection
    refusals.expected_statuses = [*refusals.expected_statuses, "413"]  # a wrong body may be too large, too
    operation = described[f"/api/v1/{path}"][method]

    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    @hypothesis.settings(max_examples=60, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS, session=session)

    with requests.Session() as session:
        ask()


def test_no_route_is_left_out(api: Api) -> None:
    paths = api.get("/openapi.json")["paths"]
    described = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert {route.replace(" ", " /api/v1/") for route in ROUTES} == described


WORDS = (
    "'", "'; DROP TABLE bars; --", '" OR 1=1 --', "<script>alert(1)</script>", "../../../etc/passwd", "%00", "%",
    "${jndi:ldap://x}", "{{7*7}}", "\u202e0332", "💥", "A" * 5_000, "__proto__", "-1", "0", "NaN", "1e309", "[]",
    "null",
)  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_whatever_stands_in_a_query_is_refused_or_answered(api: Api, word: str) -> None:
    for path in ("bars/2330", "averages/2330", "gaps", "symbols"):
        for name in ("start", "end", "limit", "cursor", "before", "format", "state", "symbol", "q", "fill"):
            answer = httpx.get(f"{api.url}/api/v1/{path}", params={name: word})
            assert answer.status_code in {200, 404, 422}, (path, name, answer.text)
            assert "<script>alert(1)</script>" not in answer.text or answer.headers["content-type"] != "text/html"
    for path in ("bars", "averages", "explain/2330"):
        assert httpx.get(f"{api.url}/api/v1/{path}/{word}").status_code in {404, 422}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_each_is_answered_as_it_must_be(api: Api, attack: Callable[[int], None]) -> None:
    attack(api.port)
    assert api.get("/healthz") == {"alive": True}


@pytest.mark.measured
def test_afterwards_it_is_as_before_and_a_good_client_noticed_nothing(under: Stack, api: Api) -> None:
    assert api.process is not None
    process = psutil.Process(api.process.pid)
    connections = clients(api)
    before = settled(lambda: process.memory_info().rss, api)
    peak = asyncio.run(attacked(under, api, lambda: process.memory_info().rss))
    assert peak > before * 1.05, f"a thousand took no memory to give back: {before // 1024} KiB, then {peak // 1024}"
    until(lambda: clients(api) == connections, "all are gone", 60)
    until(lambda: process.memory_info().rss < before * 1.05, "memory is back", 30)
    mib = [each / 2**20 for each in (before, peak, process.memory_info().rss)]
    sys.stdout.write("memory before {:.1f} MiB, with a thousand hostile clients {:.1f}, after {:.1f}\n".format(*mib))
    lines = api.log.read_text().splitlines()
    # The bars of this test are no chain of the exchange's counter, which the audit says.
    assert [line for line in lines if " ERROR " in line and " chain_" not in line] == []
    assert "Traceback (most recent call last):" not in lines


def settled(rss: Callable[[], int], api: Api) -> int:
    """Memory once another pass adds next to nothing: the heap has its usual size, and cycles were collected."""
    connections, before = clients(api), 0
    for _ in range(12):
        tidied = times_tidied(api) + 1
        for attack in (*ATTACKS, lambda port: a_thousand_at_once(port, rss)):
            attack(api.port)
        until(lambda: clients(api) == connections, "all are gone", 60)
        until(partial(is_tidied, api, tidied), "what they left was looked for")
        if (now := rss()) < before * 1.01:
            return now
        before = now
    pytest.fail(f"memory grows with every pass: {before // 1024} KiB after the twelfth")


def clients(api: Api) -> float:
    figures = httpx.get(f"{api.url}/metrics").text
    return float(next(line.split()[-1] for line in figures.splitlines() if line.startswith("stock_insights_clients ")))


def times_tidied(api: Api) -> int:
    return api.log.read_text().count("api.tidied ")


def is_tidied(api: Api, times: int) -> bool:
    return times_tidied(api) >= times


async def attacked(under: Stack, api: Api, rss: Callable[[], int]) -> int:
    """Every attack again, while somebody well behaved is sent rows; the memory while a thousand were there."""
    live = Live(api.url, ["2330"], ["bars"], since=TEN)
    following = asyncio.create_task(follow(live))
    await live.ready.wait()
    for number, attack in enumerate(ATTACKS):
        under.send(a_bar(SECONDS + number))
        await asyncio.to_thread(attack, api.port)
    peak = await asyncio.to_thread(a_thousand_at_once, api.port, rss)
    async with asyncio.timeout(10):
        while len(live.bars) < SECONDS + len(ATTACKS):  # noqa: ASYNC110 - whatever comes is counted
            await asyncio.sleep(0.05)
    assert live.connections == 1
    following.cancel()
    await asyncio.wait([following])
    return peak


async def follow(live: Live) -> None:
    async for _ in live:
        pass
