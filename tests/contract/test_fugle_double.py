"""The exchange's double over a real socket: the streaming protocol (fugle.md 1 and 7)."""

import asyncio
import json
import time
from decimal import Decimal

import pytest

from simulator.server import Timing
from tests.contract.double import (
    KEY,
    TAPE,
    Double,
    a_double,
    ask,
    closing,
    hear,
    nothing,
    on_a_double,
    raw,
    tell,
    until,
)

# --- 7.1 authentication and the limit of connections


@on_a_double()
async def test_the_right_key_is_accepted_in_each_of_its_three_places(double: Double) -> None:
    for name in ("apikey", "token", "sdkToken"):
        async with double.connect() as ws:
            reply = await ask(ws, "auth", **{name: KEY})
            assert reply == {"event": "authenticated", "data": {"message": "Authenticated successfully"}}


@on_a_double()
async def test_a_wrong_key_is_error_1000_and_a_close_without_a_code(double: Double) -> None:
    async with double.connect() as ws:
        reply = await ask(ws, "auth", apikey="wrong")
        assert reply == {"event": "error", "code": 1000, "data": {"message": "Invalid authentication credentials"}}
        assert await closing(ws) == (None, "")


@on_a_double()
async def test_an_empty_key_is_a_bad_request(double: Double) -> None:
    async with double.connect() as ws:
        reply = await ask(ws, "auth", apikey="")
        assert (reply["code"], reply["data"]["message"]) == (1003, "apikey should not be empty")


@on_a_double(Timing(auth_timeout_s=0.05))
async def test_who_does_not_authenticate_in_time_hears_1004_and_is_closed_with_1001(double: Double) -> None:
    async with double.connect() as ws:
        assert (await hear(ws))["code"] == 1004
        assert (await closing(ws))[0] == 1001


@on_a_double(Timing(auth_timeout_s=0.05))
async def test_who_authenticated_in_time_stays(double: Double) -> None:
    async with double.client() as ws:
        await nothing(ws, 0.15)
        assert (await ask(ws, "ping"))["event"] == "pong"


@on_a_double()
async def test_repeated_auth_frames_are_closed_with_1008(double: Double) -> None:
    async with double.client() as ws:
        for _ in range(3):
            await tell(ws, "auth", apikey=KEY)
        assert (await closing(ws))[0] == 1008


@on_a_double(plan="basic")
async def test_a_connection_too_many_is_refused_in_answer_to_auth_and_the_old_one_stays(double: Double) -> None:
    async with double.client() as old:
        async with double.connect() as new:
            await tell(new, "auth", apikey=KEY)
            assert await closing(new) == (1001, "Maximum number of connections reached")
        assert (await ask(old, "ping"))["event"] == "pong"
    await until(lambda: double.exchange.account.connections == 0)
    async with double.client():
        pass


# --- 7.2 subscriptions


@on_a_double()
async def test_symbol_is_answered_with_an_object_and_symbols_with_a_list(double: Double) -> None:
    async with double.client() as ws:
        one = await ask(ws, "subscribe", channel="trades", symbol="2330")
        many = await ask(ws, "subscribe", channel="trades", symbols=["2317", "0050"])
    assert one == {"event": "subscribed", "data": {"id": one["data"]["id"], "channel": "trades", "symbol": "2330"}}
    assert [(each["channel"], each["symbol"]) for each in many["data"]] == [("trades", "2317"), ("trades", "0050")]


@on_a_double()
async def test_the_odd_lot_option_is_echoed_and_is_a_subscription_of_its_own(double: Double) -> None:
    async with double.client() as ws:
        lots = await ask(ws, "subscribe", channel="trades", symbol="2330")
        odd = await ask(ws, "subscribe", channel="trades", symbol="2330", intradayOddLot=True)
        listed = await ask(ws, "subscriptions")
    assert "intradayOddLot" not in lots["data"]
    assert odd["data"]["intradayOddLot"] is True
    assert listed == {"event": "subscriptions", "data": [lots["data"], odd["data"]]}


@on_a_double()
async def test_subscribing_twice_neither_doubles_the_delivery_nor_uses_the_quota(double: Double) -> None:
    async with double.client() as ws:
        first = await ask(ws, "subscribe", channel="trades", symbol="2330")
        assert await ask(ws, "subscribe", channel="trades", symbol="2330") == first
        assert double.exchange.account.subscriptions == 1
        await double.control("next")
        assert [(await hear(ws))["data"]["serial"] for _ in range(7)] == [1100, 1130, 1150, 1200, 1250, 1251, 1400]
        await nothing(ws)


@on_a_double()
async def test_unsubscribing_by_id_and_by_ids_stops_the_frames(double: Double) -> None:
    async with double.client() as ws:
        subscribed = await ask(ws, "subscribe", channel="trades", symbols=["2330", "2317", "0050"])
        first, *others = subscribed["data"]
        assert await ask(ws, "unsubscribe", id=first["id"]) == {"event": "unsubscribed", "data": first}
        reply = await ask(ws, "unsubscribe", ids=[each["id"] for each in others])
        assert reply == {"event": "unsubscribed", "data": others}
        await double.control("next")
        await nothing(ws)
    assert double.exchange.account.subscriptions == 0


@on_a_double(plan="basic")
async def test_over_the_quota_is_error_1001_and_the_connection_lives(double: Double) -> None:
    async with double.client() as ws:
        await ask(ws, "subscribe", channel="trades", symbols=["2330", "2317", "0050", "2454", "2603"])
        for symbol in ("2303", "2330"):  # a full quota refuses a repeat too, and its subscription lives on
            reply = await ask(ws, "subscribe", channel="trades", symbol=symbol)
            assert reply == {"event": "error", "code": 1001, "data": {"message": "Subscription limit exceeded"}}
        await double.control("next")
        assert (await hear(ws))["event"] == "data"


@on_a_double()
async def test_subscriptions_end_with_their_connection(double: Double) -> None:
    async with double.client() as ws:
        first = await ask(ws, "subscribe", channel="trades", symbol="2330")
    await until(lambda: double.exchange.account.subscriptions == 0)
    async with double.client() as ws:
        assert (await ask(ws, "subscriptions"))["data"] == []
        again = await ask(ws, "subscribe", channel="trades", symbol="2330")
    assert first["data"]["id"] != again["data"]["id"]


@pytest.mark.parametrize(
    "text",
    [
        "{", "[]", "null", '"auth"', '{"event":"auth","data":[]}', '{"event":"dance"}', "{}",
        '{"event":"subscribe"}', '{"event":"subscribe","data":{"channel":"trades"}}',
        '{"event":"subscribe","data":{"channel":"trades","symbols":[]}}',
        '{"event":"subscribe","data":{"channel":"trades","symbols":"2330"}}',
        '{"event":"subscribe","data":{"channel":"trades","symbol":2330}}',
        '{"event":"subscribe","data":{"channel":"nothing","symbol":"2330"}}',
        '{"event":"subscribe","data":{"channel":"trades","symbol":"NONE"}}',
        '{"event":"unsubscribe","data":{}}', '{"event":"unsubscribe","data":{"id":"none"}}', "[" * 100_000,
    ],
    ids=lambda text: text[:60],
)  # fmt: skip
def test_a_request_that_cannot_be_followed_is_error_1003_and_the_connection_lives(text: str) -> None:
    async def inside() -> None:
        async with a_double() as double, double.client() as ws:
            await ws.send(text)
            reply = await hear(ws)
            assert (reply["event"], reply["code"]) == ("error", 1003)
            assert reply["data"]["message"]
            assert (await ask(ws, "ping"))["event"] == "pong"

    asyncio.run(inside())


@on_a_double()
async def test_a_binary_frame_and_a_request_before_auth_are_error_1003(double: Double) -> None:
    async with double.connect() as ws:
        await ws.send(b"\xff")
        assert (await hear(ws))["code"] == 1003
        assert (await ask(ws, "subscribe", channel="trades", symbol="2330"))["code"] == 1003


@on_a_double()
async def test_an_unknown_symbol_in_a_list_is_left_out_of_the_answer(double: Double) -> None:
    async with double.client() as ws:
        reply = await ask(ws, "subscribe", channel="trades", symbols=["NONE", "2330"])
        assert [each["symbol"] for each in reply["data"]] == ["2330"]


# --- 7.3 heartbeat and pong


@on_a_double(Timing(heartbeat_s=0.05))
async def test_heartbeats_come_to_every_connection_with_the_time_in_microseconds(double: Double) -> None:
    async with double.connect() as ws:
        beats = [await hear(ws) for _ in range(2)]
    assert [each["event"] for each in beats] == ["heartbeat", "heartbeat"]
    assert abs(beats[1]["data"]["time"] / 1e6 - time.time()) < 1


@on_a_double()
async def test_a_pong_echoes_the_state_if_there_was_one(double: Double) -> None:
    async with double.client() as ws:
        for state in ("x", 7, None, {"a": [1]}):
            reply = await ask(ws, "ping", state=state)
            assert (reply["event"], reply["data"]["state"]) == ("pong", state)
        assert (await ask(ws, "ping"))["data"].keys() == {"time"}


# --- 7.4 the last trade after a subscribe


@pytest.mark.parametrize(("resend", "event"), [("data", "data"), ("snapshot", "snapshot"), ("none", None)])
def test_the_last_trade_comes_again_after_a_subscribe_as_the_setting_says(resend: str, event: str | None) -> None:
    async def inside() -> None:
        async with a_double(resend_last=resend) as double:
            await double.control("next")
            async with double.client() as ws:
                subscribed = await ask(ws, "subscribe", channel="trades", symbol="2330")
                if event is None:
                    await nothing(ws)
                    return
                frame = await hear(ws)
                assert (frame["event"], frame["data"]["serial"]) == (event, 1400)
                assert (frame["id"], frame["channel"]) == (subscribed["data"]["id"], "trades")

    asyncio.run(inside())


# --- the tape


@on_a_double()
async def test_the_tape_sends_its_objects_digit_for_digit_step_by_step(double: Double) -> None:
    steps = json.loads(TAPE.read_text("utf-8"), parse_float=lambda text: f"float {text}")["steps"]
    async with double.client() as ws:
        subscribed = await ask(ws, "subscribe", channel="trades", symbol="2330")
        for number, step in enumerate(steps, 1):
            told = await double.control("next")
            assert (told["step"], told["sent"]) == (number, len(step["send"]))
            for expected in step["send"]:
                frame = json.loads(await raw(ws), parse_float=lambda text: f"float {text}")
                assert frame == {
                    "event": "data", "data": expected, "id": subscribed["data"]["id"], "channel": "trades",
                }  # fmt: skip
        assert (await double.control("next"))["step"] is None
        await nothing(ws)


@on_a_double()
async def test_rest_answers_from_what_the_tape_sent_newest_first_each_trade_once(double: Double) -> None:
    assert (await double.rest("trades/2330"))["data"] == []
    for _ in range(3):
        await double.control("next")
    day = await double.rest("trades/2330")
    assert (day["date"], day["symbol"], day["exchange"], day["market"]) == ("2026-12-01", "2330", "TWSE", "TSE")
    serials = [each["serial"] for each in day["data"]]
    assert serials == [99999999, 1400, 1251, 1250, 1200, 1181, 1175, 1150, 1130, 1100]
    assert day["data"][1] == {
        "time": 1796090408250000, "price": Decimal("1084.5"), "size": 7, "serial": 1400, "volume": 1025,
        "isContinuous": True, "bid": Decimal("1084.5"), "ask": 1085,
    }  # fmt: skip
    assert [each["serial"] for each in (await double.rest("trades/2330?type=oddlot"))["data"]] == [77]
    assert [each["serial"] for each in (await double.rest("trades/2330?isTrial=true"))["data"]] == [1180]
    assert [each["serial"] for each in (await double.rest("trades/2330?oddLot=true"))["data"]] == serials
    assert [each["serial"] for each in (await double.rest("trades/2330?sort=asc&offset=1&limit=2"))["data"]] == [
        1130, 1150,
    ]  # fmt: skip
