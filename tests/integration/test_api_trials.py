"""Trial matches are told while orders are collected for a call, and then only: they are no trades and no rows."""

import json
import time

import pytest
from websockets.sync.client import ClientConnection, connect

from market.messages import Pause, SymbolInfo, Trade, encode
from tests.api_builders import TEN, a_bar
from tests.integration.api_stack import Api, Stack, until

pytestmark = pytest.mark.stack


def a_trade(symbol: str, at_us: int, kind: str, price: int, serial: int) -> bytes:
    """As the ingestor splices it."""
    flags = {"is_trial": kind == "trial", "is_continuous": kind == "continuous"}
    trade = Trade(
        symbol=symbol, type="EQUITY", exchange="TWSE", time=at_us, serial=serial, price=price, size=7, **flags
    )  # type: ignore[arg-type]
    shown = json.loads(encode(trade)) | {"kind": kind, "received_us": at_us, "source": "stream"}
    return json.dumps(shown, separators=(",", ":")).encode()


def said(api: Api, word: str) -> int:
    return api.log.read_text().count(word)


def trials(socket: ClientConnection, within_s: float) -> list[dict[str, object]]:
    """What is told of trial matches in so long."""
    found, deadline = [], time.monotonic() + within_s
    while (left_s := deadline - time.monotonic()) > 0:
        try:
            message = json.loads(socket.recv(left_s))
        except TimeoutError:
            break
        found += [message["data"]] if message["type"] == "trial" else []
    return found


def test_a_trial_match_is_told_in_a_pause_of_its_symbol_and_no_trade_is(under: Stack) -> None:
    def now_us() -> int:
        return (time.time_ns() // 1_000) + under.clock_offset_s * 1_000_000

    def match(price: int, kind: str = "trial") -> None:
        under.put("trades", b"2330", a_trade("2330", now_us(), kind, price, price))
        under.producer.flush(10)

    with under.api() as api:
        under.send(SymbolInfo(symbol="2330", trading_day="2026-12-01"), a_bar(-100))
        until(lambda: api.get("/api/v1/symbols")["items"], "the symbol is known")
        reading, resting = said(api, "trials.reading"), said(api, "trials.resting")
        with connect(f"{api.ws}?channels=status&symbols=2330") as socket:
            match(1_080)
            assert trials(socket, 1.5) == [], "nothing is collected for: nobody reads"
            begun_us = now_us()
            under.send(Pause(symbol="2330", time_us=begun_us, direction="up"))
            until(lambda: said(api, "trials.reading") > reading, "it reads")

            def heard() -> list[dict[str, object]]:
                match(1_085, "continuous")
                match(1_090)  # its consumer begins at the newest: one of these is
                return trials(socket, 0.5)

            found = until(heard, "a trial match is told")
            assert {each["price"] for each in found} == {1_090}
            assert found[0].keys() == {"symbol", "time", "price", "size"}
            second = now_us() // 1_000_000
            under.send(a_bar(second - TEN, auction="call"))
            until(lambda: said(api, "trials.resting") > resting, "it rests")
        assert api.get(f"/api/v1/bars/2330?start={second}")["items"][0]["auction"] == "call"
