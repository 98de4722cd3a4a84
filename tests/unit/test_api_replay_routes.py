"""How a replay goes on is told to the exchange that plays it: by our own page or a program, and only in a replay."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from schemathesis import GenerationMode

from market import replay
from market.replay import Mark
from market.settings import MarketSettings
from tests.api_builders import TEN
from tests.api_server import Served, served
from tests.integration.test_api_hostile import CHECKS


class Exchange(HTTPServer):
    """Answers as the double does, and remembers what it was told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.told: list[str] = []
        self.raw: bytes | None = None  # instead of an answer
        self.refusal: bytes | None = None  # in the words of the double, as a 404

    @property
    def control(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/control/replay"


class Handler(BaseHTTPRequestHandler):
    server: Exchange

    def do_GET(self) -> None:
        self.server.told.append(self.path)
        if self.server.raw is not None:
            self.wfile.write(self.server.raw)
            return
        self.send_response(404 if self.server.refusal else 200)
        self.end_headers()
        self.wfile.write(self.server.refusal or b'{"day":"2026-12-01","speed":20.0,"state":"paused"}')

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    with Exchange() as up:
        threading.Thread(target=up.serve_forever, daemon=True).start()
        yield up
        up.shutdown()


@pytest.fixture
def api(exchange: Exchange, tmp_path: Path) -> Iterator[Served]:
    clock = tmp_path / "clock"
    replay.add(clock, Mark(time.time_ns() // 1_000, TEN * 1_000_000, 10.0, "playing"))
    market = MarketSettings(market_calendar="always", market_replay=clock)
    with served("2330", market=market, replay_control=exchange.control) as up:
        yield up


def told(api: Served, **wish: Any) -> httpx.Response:
    return httpx.post(f"{api.url}/api/v1/replay", json=wish)


def test_a_pause_and_a_speed_are_told_and_how_it_stands_is_answered(api: Served, exchange: Exchange) -> None:
    assert told(api, paused=True, speed=20).json() == {"day": "2026-12-01", "speed": 20.0, "state": "paused"}
    told(api, paused=False)
    told(api)
    asked = [f"/control/replay?{query}" for query in ("speed=20&pause=1", "pause=0", "")]
    assert exchange.told == asked


@pytest.mark.parametrize("wish", [{"speed": 0}, {"speed": 101}, {"speed": 2.5}, {"paused": 1}, {"to": "10:00"}])
def test_what_is_no_wish_is_refused(api: Served, exchange: Exchange, wish: dict[str, Any]) -> None:
    assert told(api, **wish).status_code == 422
    assert exchange.told == []


def test_a_page_of_another_site_may_not(api: Served, exchange: Exchange) -> None:
    answer = httpx.post(f"{api.url}/api/v1/replay", json={}, headers={"origin": "https://evil.example"})
    assert (answer.status_code, exchange.told) == (403, [])


def test_what_the_exchange_refuses_is_told_in_its_words(api: Served, exchange: Exchange) -> None:
    exchange.refusal = b'{"statusCode":404,"message":"no recorded session is played"}'
    answer = told(api, paused=True)
    said = f"the exchange that plays the tape answers 404: {exchange.refusal.decode()}"
    assert (answer.status_code, answer.json()["detail"]) == (503, said)
    exchange.refusal = 1_000 * b"\xff"
    assert len(told(api, paused=True).json()["detail"]) < 400


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"what is this\r\n\r\n",
        b'HTTP/1.0 200 OK\r\nContent-Length: 99\r\n\r\n{"day":"2026-12-01"',
        b"HTTP/1.0 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\nnone",
        b'HTTP/1.0 200 OK\r\n\r\n{"day":"\xff"}',
        b"HTTP/1.0 200 OK\r\n\r\n{}",
    ],
    ids=["closed", "no_http", "short", "short_refusal", "no_utf8", "no_replay"],
)
def test_an_exchange_that_fails_is_no_error_of_ours(api: Served, exchange: Exchange, raw: bytes) -> None:
    exchange.raw = raw
    answer = told(api, paused=True)
    assert answer.status_code == 503
    assert answer.json()["detail"].startswith("the exchange that plays the tape does not answer: ")


def test_where_nothing_is_replayed_nothing_can_be_told(exchange: Exchange) -> None:
    with served("2330", replay_control=exchange.control) as api:
        assert (told(api, paused=True).status_code, exchange.told) == (409, [])


@pytest.mark.parametrize("mode", GenerationMode)
def test_the_route_keeps_to_its_description_whatever_it_is_asked(api: Served, mode: GenerationMode) -> None:
    described = schemathesis.openapi.from_url(f"{api.url}/openapi.json")
    refusals = described.config.checks.negative_data_rejection
    refusals.expected_statuses = [*refusals.expected_statuses, "413"]
    operation = described["/api/v1/replay"]["POST"]

    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    @hypothesis.settings(max_examples=40, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS)

    ask()
