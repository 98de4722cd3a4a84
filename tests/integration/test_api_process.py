"""The API as a process between a real broker and a real database."""

import asyncio
import contextlib
import json
import random
import socket
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect as connect_sync

from api.limits import LONGEST_STANDSTILL_S
from market.messages import encode
from market.topics import DEAD_LETTERS
from tests.api_builders import TEN, a_bar, a_gap, a_status, an_average
from tests.integration.api_stack import Api, Stack
from tests.waiting import until

pytestmark = pytest.mark.stack


def stored(under: Stack, symbol: str) -> dict[int, int]:
    """Trades by second."""
    return dict(under.database.query("SELECT second, trades FROM bars WHERE symbol = %s", symbol))


@dataclass
class Seen:
    """What a browser has merged so far: trades by second."""

    bars: dict[int, int] = field(default_factory=dict)

    def hear(self, text: str | bytes) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(text)
        bars = [message["data"]] if message["type"] == "bar" else message.get("bars", ())
        for bar in bars:
            self.bars[bar["second"]] = max(bar["trades"], self.bars.get(bar["second"], 0))
        return message


def subscription(symbols: list[str], channels: tuple[str, ...] = ("bars", "averages", "status"), **more: Any) -> str:
    return json.dumps({"type": "subscribe", "id": 1, "channels": channels, "symbols": symbols, **more})


async def hear(browser: ClientConnection, kind: str, seen: Seen | None = None) -> dict[str, Any]:
    """The next message of a type."""
    async with asyncio.timeout(10):
        while True:
            message = (seen or Seen()).hear(await browser.recv())
            if message["type"] == kind:
                return message


def test_a_subscriber_sees_every_bar_once_it_is_written_wherever_it_joins(under: Stack, api: Api) -> None:
    """Snapshot and live have no seam: browsers join at any moment while bars are written and corrected."""
    final = {TEN + at: 3 for at in range(200)}

    def write() -> None:
        chance = random.Random(1)
        sent = [(at, trades) for at in range(200) for trades in (1, 2, 3)]
        chance.shuffle(sent)
        for at, trades in sent:
            under.send(a_bar(at, trades, symbol="1101"))

    async def browse(delay_s: float) -> Seen:
        await asyncio.sleep(delay_s)
        seen = Seen()
        async with connect(f"{api.ws}?channels=bars&symbols=1101&since={TEN}", max_size=None) as browser:
            async with asyncio.timeout(40):
                while seen.bars != final:
                    seen.hear(await browser.recv())
        return seen

    async def run() -> list[Seen]:
        writer = asyncio.create_task(asyncio.to_thread(write))
        seen = await asyncio.gather(*(browse(number * 0.1) for number in range(8)))
        await writer
        return seen

    under.send(a_bar(0, symbol="1101"))
    until(lambda: stored(under, "1101"), "the symbol is known")
    assert all(seen.bars == final for seen in asyncio.run(run()))
    until(lambda: stored(under, "1101") == final, "every bar is stored")


def test_a_conversation(under: Stack, api: Api) -> None:
    under.send(a_bar(0, symbol="1102"), an_average(0, symbol="1102"), a_status(0))

    async def run() -> None:
        async with connect(api.ws) as browser:
            welcome = await hear(browser, "welcome")
            assert welcome["limits"]["frame_bytes"] == 4_096
            await browser.send(subscription(["1102", "9999"], since=TEN))
            ack = await hear(browser, "ack")
            assert (ack["id"], ack["subscriptions"]["bars"]) == (1, ["1102"])
            assert [(each["symbol"], each["code"]) for each in ack["refused"]] == [("9999", 404)]
            snapshot = await hear(browser, "snapshot")
            assert (snapshot["symbol"], snapshot["since"], snapshot["complete"]) == ("1102", TEN, True)
            assert len(snapshot["bars"]) == len(snapshot["averages"]) == 1
            under.send(a_gap(symbol="1102"))
            assert (await hear(browser, "gap"))["data"]["missing_lots"] == 3
            under.send(an_average(1, symbol="1102"))
            assert (await hear(browser, "average"))["data"]["second"] == TEN + 1
            status = await hear(browser, "status")
            assert (status["kafka"]["state"], status["database"]["state"]) == ("ok", "ok")
            await browser.send('{"type":"unsubscribe","id":2,"channels":["bars","averages","status"]}')
            assert not any((await hear(browser, "ack"))["subscriptions"].values())
            await browser.send('{"type":"ping","id":3}')
            assert (await hear(browser, "pong"))["id"] == 3
            await browser.send('{"type":"dance","id":4}')
            assert (await hear(browser, "error"))["code"] == 400
            await browser.send("x" * 5_000)
            assert (await hear(browser, "error"))["code"] == 413

    until(lambda: stored(under, "1102"), "the bar is stored")
    asyncio.run(run())


def test_too_many_messages_are_refused_and_then_end_the_conversation(api: Api) -> None:
    async def run() -> tuple[set[int], int | None]:
        codes: set[int] = set()
        async with connect(api.ws) as browser:
            with contextlib.suppress(ConnectionClosed):
                for _ in range(300):
                    await browser.send('{"type":"ping"}')
            with contextlib.suppress(ConnectionClosed):
                while True:
                    codes.add(json.loads(await browser.recv()).get("code", 0))
        return codes, browser.close_code

    codes, closed = asyncio.run(run())
    assert 429 in codes
    assert closed == 1008


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost.evil.example", "http://localhost:1"]
)
def test_pages_of_other_sites_are_refused_at_the_handshake(api: Api, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refusal, connect_sync(api.ws, additional_headers={"Origin": origin}):
        pass
    assert refusal.value.response.status_code == 403


def test_the_own_page_and_programs_may_connect(api: Api) -> None:
    for headers in ({}, {"Origin": f"http://127.0.0.1:{api.port}"}, {"Origin": f"http://localhost:{api.port}"}):
        with connect_sync(api.ws, additional_headers=headers) as browser:
            assert json.loads(browser.recv())["type"] == "welcome"


def test_a_frozen_reader_is_closed_with_1013_and_delays_nobody(under: Stack, api: Api) -> None:
    symbols = [f"F{number}" for number in range(40)]
    under.send(*(a_bar(0, symbol=symbol) for symbol in symbols))
    until(lambda: stored(under, symbols[-1]), "the symbols are known")
    frozen = raw_browser(api, f"/ws?channels=bars&symbols={','.join(symbols)}")
    sent = [a_bar(at, symbol=symbol) for at in range(1, 251) for symbol in symbols]
    delays: list[float] = []

    async def run() -> None:
        async with connect(api.ws, max_size=None, max_queue=None) as browser:
            await browser.send(subscription(symbols, ("bars",)))
            for _ in symbols:
                await hear(browser, "snapshot")
            writer = asyncio.create_task(asyncio.to_thread(under.send, *sent))
            seen = 0
            async with asyncio.timeout(60):
                while seen < len(sent):
                    began = time.monotonic()
                    message = json.loads(await browser.recv())
                    delays.append(time.monotonic() - began)
                    seen += message["type"] == "bar"
            await writer

    asyncio.run(run())
    assert close_code(frozen) == 1013
    # Whoever waited for the frozen one would have stood still until that was cut off.
    assert max(delays) < LONGEST_STANDSTILL_S / 3


def raw_browser(api: Api, path: str) -> socket.socket:
    """A handshake, and then a reader that does not read, with hardly a buffer."""
    wire = socket.socket()
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    wire.connect(("127.0.0.1", api.port))
    wire.sendall(
        f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    return wire


def close_code(wire: socket.socket) -> int | None:
    """All that the socket still holds, to the close frame at its end."""
    wire.settimeout(10)
    held = b""
    while chunk := wire.recv(65_536):
        held += chunk
        at = held.rfind(b"\x88")
        if at >= 0 and len(held) >= at + 4 and held[at + 1] == len(held) - at - 2:
            break
    wire.close()
    at = held.rfind(b"\x88")
    return int.from_bytes(held[at + 2 : at + 4], "big") if at >= 0 else None


def test_bad_records_are_buried_and_nothing_else_is_disturbed(under: Stack, api: Api) -> None:
    good = a_bar(0, symbol="1103")
    bad: list[tuple[bytes | None, bytes | None, str]] = [
        (b"1103", None, "null value"),
        (b"1103", b'{"another":"schema"}', "not the schema"),
        (b"1103", b"\xff\xfe", "not the schema"),
        (b"0050", encode(good), "key"),
        (None, encode(good), "key"),
        (b"1103", encode(a_bar(-TEN, symbol="1103")), "second"),
        (b"1103", encode(a_bar(1, symbol="1103", trades=0)), "trades"),
        (b"1103", encode(a_bar(2, symbol="1103", high=1)), "contradicts"),
    ]
    before = len(under.broker.records(DEAD_LETTERS))
    for key, value, _ in bad:
        under.put("bars", key, value)
    under.send(a_bar(5, symbol="1103"))
    until(lambda: stored(under, "1103") == {TEN + 5: 1}, "the good one is stored")
    letters = under.broker.records(DEAD_LETTERS)[before:]
    assert [letter.value() for letter in letters] == [value for _, value, _ in bad]
    for letter, (_, _, reason) in zip(letters, bad, strict=True):
        headers = {name: (value or b"").decode() for name, value in letter.headers() or ()}
        assert reason in headers["reason"]
        assert headers["source"].startswith("bars/0@")
        assert headers["at_us"].isdigit()
    assert api.get("/api/v1/status")["database"]["dead_letters"] >= len(bad)


def test_without_the_database_live_goes_on_and_says_so_and_afterwards_all_is_stored(under: Stack, api: Api) -> None:
    under.send(a_bar(0, symbol="1105"))
    until(lambda: stored(under, "1105"), "the symbol is known")

    async def run() -> None:
        async with connect(api.ws) as browser:
            await browser.send(subscription(["1105"], since=TEN))
            snapshot = await hear(browser, "snapshot")
            assert [bar["second"] for bar in snapshot["bars"]] == [TEN]
            assert not snapshot["complete"]
            under.send(a_bar(1, symbol="1105"))
            assert (await hear(browser, "bar"))["data"]["second"] == TEN + 1

    with under.database.frozen():
        asyncio.run(run())
        answer = httpx.get(f"{api.url}/api/v1/bars/1105?start={TEN}", timeout=20)
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
    until(lambda: stored(under, "1105") == {TEN: 1, TEN + 1: 1}, "both are stored", 40)
    until(api.is_ready, "it is ready again")
