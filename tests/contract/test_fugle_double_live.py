"""The double trading by the clock: what is sent is what was traded, across restarts, slow readers and midnight."""

import asyncio
import json
import socket
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection

from market.clock import Clock
from simulator.ledger import trades
from simulator.server import Timing
from tests.contract.double import (
    KEY,
    LIVE,
    Double,
    Json,
    a_double,
    ask,
    drain,
    hear,
    on_a_double,
    tell,
    until,
)

# --- live: what is sent is what was traded


def test_every_frame_sent_is_in_the_ledger_and_every_trade_of_the_ledger_was_sent(tmp_path: Path) -> None:
    path = tmp_path / "ledger.ndjson"

    async def inside() -> list[Json]:
        received: list[Json] = []
        async with a_double(**LIVE, ledger=path) as double, double.client() as ws:
            symbols = list(double.exchange.instruments)
            await ask(ws, "subscribe", channel="trades", symbols=symbols)
            await ask_odd(ws, symbols, received)
            while len(received) < 1_500:
                frame = await hear(ws)
                received += [frame["data"]] if frame["event"] == "data" else []
        return received

    received = asyncio.run(inside())
    recorded = list(trades(path))
    known = {key(each): each for each in recorded}
    assert all(known[key(each)] == exact(each) for each in received)
    first, last = (min(each["time"] for each in received[20:]), received[-1]["time"])
    missing = [k for k, each in known.items() if first < each["time"] < last and k not in {key(e) for e in received}]
    assert missing == []
    sent = {name for line in path.read_bytes().splitlines() for name in json.loads(line).get("prints", ())}
    assert {f"{each['symbol']}:{each['serial']}" for each in received} <= sent


async def ask_odd(ws: ClientConnection, symbols: list[str], received: list[Json]) -> None:
    await tell(ws, "subscribe", channel="trades", symbols=symbols, intradayOddLot=True)
    while (frame := await hear(ws))["event"] != "subscribed":
        received.append(frame["data"])


def key(trade: Json) -> tuple[str, str, int]:
    return trade["symbol"], trade["type"], trade["serial"]


def exact(trade: Json) -> Json:
    return trade | {name: Decimal(trade[name]) for name in ("price", "bid", "ask") if name in trade}


def test_a_restart_on_the_same_day_goes_on_with_serials_volumes_and_prices(tmp_path: Path) -> None:
    path = tmp_path / "ledger.ndjson"

    async def some_trading(wanted: int) -> Json:
        async with a_double(**LIVE, ledger=path) as double:
            await until(lambda: double.exchange.ledger.prints > wanted)
            return await double.rest("ticker/2330")

    first = asyncio.run(some_trading(1_000))
    with path.open("ab") as file:
        file.write(b'{"t":"trade","symbol":"2330","ty')  # what a kill leaves
    assert asyncio.run(some_trading(3_000)) == first
    volumes: dict[str, int] = {}
    serials: dict[tuple[str, str], int] = {}
    for each in trades(path):
        board = each["type"], each["exchange"]
        assert each["serial"] > serials.get(board, 0)
        serials[board] = each["serial"]
        if each["type"] == "EQUITY":
            assert volumes.get(each["symbol"], 0) + each["size"] * ("isTrial" not in each) == each["volume"]
            volumes[each["symbol"]] = each["volume"]


@on_a_double(**LIVE)
async def test_prints_are_stamped_with_the_moment_they_are_sent(double: Double) -> None:
    async with double.client() as ws:
        await ask(ws, "subscribe", channel="trades", symbols=list(double.exchange.instruments))
        delays: list[int] = []
        while len(delays) < 500:
            frame = await hear(ws, "data")
            delays.append(time.time_ns() // 1_000 - frame["data"]["time"])
    assert sorted(delays)[len(delays) // 2] < 20_000


def test_a_reader_that_stands_still_is_cut_off_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    async def inside() -> None:
        async with (
            a_double(Timing(queue_bytes=64 * 1024), **LIVE | {"rate": 5_000}) as double,
            double.client() as good,
        ):
            stuck = await double.connect(sock=a_narrow_socket(double.port))
            await tell(stuck, "auth", apikey=KEY)
            for ws in (stuck, good):
                await tell(ws, "subscribe", channel="trades", symbols=list(double.exchange.instruments))
            stuck.transport.pause_reading()
            listening = asyncio.create_task(drain(good))
            await until(lambda: double.exchange.account.connections == 2)
            await until(lambda: double.exchange.account.connections == 1)
            assert not listening.done()
            listening.cancel()
            stuck.transport.abort()
            await stuck.wait_closed()

    asyncio.run(inside())
    assert [record for record in caplog.records if "slow_reader_closed" in record.message]


def a_narrow_socket(port: int) -> socket.socket:
    """One whose kernel buffer holds little, so that a stop is noticed soon."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    sock.connect(("127.0.0.1", port))
    return sock


@dataclass(frozen=True, slots=True)
class FastClock(Clock):
    """Runs `speed` times as fast from a given moment on."""

    began_us: int = 0
    began: float = 0.0
    speed: float = 20.0

    def now_us(self) -> int:
        return self.began_us + int((time.monotonic() - self.began) * 1_000_000 * self.speed)


def test_at_taipei_midnight_a_day_ends_with_its_closing_prints_and_the_next_begins_from_them(tmp_path: Path) -> None:
    path = tmp_path / "ledger.ndjson"
    midnight_us = 1_796_054_400_000_000  # 2026-12-01 in Taipei

    async def inside() -> Json:
        clock = FastClock(began_us=midnight_us - 15_000_000, began=time.monotonic())
        async with a_double(clock=clock, ledger=path, **LIVE | {"rate": 200}) as double:
            await until(lambda: clock.now_us() > midnight_us + 10_000_000)
            assert (await double.rest("trades/2330?sort=asc"))["data"][0]["isOpen"]
            return await double.rest("ticker/2317")

    ticker = asyncio.run(inside())
    days: list[list[Json]] = [[], []]
    for each in trades(path):
        days[each["time"] >= midnight_us].append(each)
    closes = {each["symbol"]: each["price"] for each in days[0] if each.get("isClose")}
    assert len(closes) == LIVE["symbols"]
    assert (ticker["date"], ticker["previousClose"]) == ("2026-12-01", closes["2317"])
    assert days[1][0]["serial"] < 20
    assert all(each["volume"] == each["size"] for each in days[1] if each.get("isOpen"))
