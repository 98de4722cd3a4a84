"""The double's faults, each of which must prove that it landed (fugle.md 7.8)."""

import asyncio
from contextlib import suppress

import pytest
from pydantic import ValidationError
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from simulator.server import Timing
from simulator.settings import SimulatorSettings
from tests.contract.double import (
    BASE,
    KEY,
    Double,
    a_double,
    ask,
    closing,
    drain,
    hear,
    nothing,
    on_a_double,
    raw,
    tell,
    until,
)


@on_a_double()
async def test_swallowed_trades_are_not_sent_but_rest_has_them(double: Double) -> None:
    async with double.client() as ws:
        await ask(ws, "subscribe", channel="trades", symbol="2330")
        await double.control("fault?swallow=1")
        await double.control("next")
        await nothing(ws)
    assert await double.landed("swallow") == 7
    assert len((await double.rest("trades/2330"))["data"]) == 7


@on_a_double()
async def test_duplicated_trades_come_twice_in_a_row(double: Double) -> None:
    async with double.client() as ws:
        await ask(ws, "subscribe", channel="trades", symbol="2330")
        await double.control("fault?duplicate=1")
        await double.control("next")
        assert [(await hear(ws))["data"]["serial"] for _ in range(4)] == [1100, 1100, 1130, 1130]
    assert await double.landed("duplicate") == 7


@on_a_double()
async def test_late_trades_come_after_their_time(double: Double) -> None:
    async with double.client() as ws:
        await ask(ws, "subscribe", channel="trades", symbol="2330")
        await double.control("fault?late=1&after=0.2")
        await double.control("next")
        await double.control("fault?late=0")
        await nothing(ws, 0.05)
        assert len((await double.rest("trades/2330"))["data"]) == 7
        assert [(await hear(ws))["data"]["serial"] for _ in range(2)] == [1100, 1130]
    assert await double.landed("late") == 7


@on_a_double(Timing(heartbeat_s=0.05))
async def test_mute_leaves_heartbeats_and_silent_leaves_nothing(double: Double) -> None:
    async with double.client() as ws:
        await tell(ws, "subscribe", channel="trades", symbol="2330")
        await hear(ws, "subscribed")
        await double.control("fault?mute=1")
        await double.control("next")
        assert {(await hear(ws))["event"] for _ in range(3)} == {"heartbeat"}
        await double.control("fault?mute=0&silent=1")
        await until(lambda: double.exchange.faults.landed["silent"] > 1)
        await swallow(ws)
        await nothing(ws, 0.15)
    assert await double.landed("mute") >= 1


async def swallow(ws: ClientConnection) -> None:
    """Read what is already there."""
    with suppress(TimeoutError):
        async with asyncio.timeout(0.05):
            await drain(ws)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [("close=1001", (1001, "fault")), ("close=1005", (None, "")), ("drop=1", "cut"), ("tear=1", "cut")],
)
def test_a_connection_is_closed_with_a_code_or_cut(fault: str, expected: object) -> None:
    async def inside() -> None:
        async with a_double() as double, double.client() as ws:
            await double.control(f"fault?{fault}")
            assert await closing(ws) == expected
            assert await double.landed(fault.split("=", maxsplit=1)[0]) == 1

    asyncio.run(inside())


@on_a_double()
async def test_an_upgrade_is_answered_with_404_while_the_fault_is_in_force(double: Double) -> None:
    await double.control("fault?upgrade_404=1")
    with pytest.raises(InvalidStatus) as refused:
        async with double.connect():
            pass
    assert refused.value.response.status_code == 404
    await double.control("fault?upgrade_404=0")
    async with double.client():
        assert await double.landed("upgrade_404") == 1


@on_a_double()
async def test_unknown_events_extra_fields_and_a_code_inside_data(double: Double) -> None:
    async with double.client() as ws:
        await ask(ws, "subscribe", channel="trades", symbol="2330")
        await double.control("fault?unknown_event=1")
        assert (await hear(ws))["event"] == "surprise"
        await double.control("fault?extra_fields=1&code_in_data=1")
        await double.control("next")
        frame = await hear(ws)
        assert (frame["data"]["serial"], frame["data"]["newField"]) == (1100, {"nested": [1, 2]})
        await ws.send("{")
        assert "code" not in (error := await hear(ws, "error"))
        assert error["data"]["code"] == 1003


@on_a_double()
async def test_rest_faults_and_what_is_no_fault(double: Double) -> None:
    await double.control("fault?rest_429=1")
    assert (await double.get(f"{BASE}/intraday/ticker/2330"))[0] == 429
    await double.control("fault?rest_429=0&rest_500=1")
    assert (await double.get(f"{BASE}/intraday/ticker/2330"))[0] == 500
    for wrong in (
        "",
        "?nothing=1",
        "?swallow=2",
        "?swallow=x",
        "?close=1006",
        "?late=1&after=x",
        "?close=inf",
        "?late=1&seconds=-1",
    ):
        assert (await double.get(f"/control/fault{wrong}"))[0] == 400


@on_a_double()
async def test_a_fault_ends_by_itself(double: Double) -> None:
    await double.control("fault?rest_500=1&seconds=0.05")
    await asyncio.sleep(0.06)
    assert (await double.get(f"{BASE}/intraday/ticker/2330"))[0] == 200


@pytest.mark.parametrize("moment", ["auth", "subscribe"])
def test_a_connection_is_cut_while_it_is_being_set_up(moment: str) -> None:
    async def inside() -> None:
        async with a_double() as double, double.connect() as ws:
            await double.control(f"fault?cut_in_{moment}=1")
            await tell(ws, "auth", apikey=KEY)
            await tell(ws, "subscribe", channel="trades", symbol="2330")
            assert await closing(ws) == "cut"
            assert await double.landed(f"cut_in_{moment}") == 1

    asyncio.run(inside())


@on_a_double()
async def test_any_frame_at_all_can_be_sent(double: Double) -> None:
    async with double.client() as ws:
        await double.control("frame?text=%7B%22event%22&repeat=2")
        assert await raw(ws) == '{"event"{"event"'
        await double.control("frame?hex=00ff&binary=1")
        assert await raw(ws) == b"\x00\xff"
        assert (await double.get("/control/frame?hex=0"))[0] == 400


@on_a_double(faults="swallow=1&seconds=60")
async def test_faults_can_be_in_force_from_the_start(double: Double) -> None:
    async with double.client() as ws:
        await ask(ws, "subscribe", channel="trades", symbol="2330")
        await double.control("next")
        await nothing(ws)
    assert await double.landed("swallow") == 7


def test_an_unknown_fault_in_the_settings_is_refused() -> None:
    with pytest.raises(ValidationError, match="probability"):
        SimulatorSettings(faults="swallow=2")
