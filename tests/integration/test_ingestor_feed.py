"""The feed against the simulated exchange: every frame once, and each end of a connection answered as it should be."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from ingestor import silence
from ingestor.faults import WrongKeyError
from ingestor.intake import MostlyBadError
from market.messages import decode_trade
from market.topics import DEAD_LETTERS, FEED, TRADES
from simulator.server import Timing
from tests.integration.ingestor_exchange import KEY, TAPE, Fed, golden_tape, running, until


def sent(step: int) -> list[dict[str, Any]]:
    """The data objects of one step of the golden tape."""
    tape = json.loads(TAPE.read_text("utf-8"), parse_float=Decimal)
    return [data for data in tape["steps"][step]["send"] if data["symbol"] == "2330"]


def test_the_golden_tape_arrives_with_every_field_and_digit() -> None:
    async def scenario() -> None:
        fed = Fed()
        async with golden_tape() as exchange, running(fed.feed(exchange.url, "2330").run()):
            await until(lambda: len(fed.tally.confirmed) == 1, "subscription")
            for step in range(3):
                exchange.next()
                wanted = sum(data["size"] > 0 for earlier in range(step + 1) for data in sent(earlier))
                await until(lambda wanted=wanted: fed.tally.trades >= wanted, f"step {step}")
        ours = ("kind", "received_us", "source")
        found = [json.loads(value, parse_float=Decimal) for value in fed.kept.of(TRADES)]
        plain = [{name: value for name, value in trade.items() if name not in ours} for trade in found]
        assert plain == [data for step in range(3) for data in sent(step) if data["size"] > 0]
        kinds = Counter(decode_trade(value).kind for value in fed.kept.of(TRADES))
        assert kinds["trial"] == kinds["after_hours"] == kinds["odd_lot"] == 1
        assert len(fed.kept.of(FEED)) == 1, "the pause notice"
        assert fed.kept.of(DEAD_LETTERS) == []

    asyncio.run(scenario())


def test_a_wrong_key_stops_at_the_first_refusal() -> None:
    async def scenario() -> None:
        fed = Fed()
        async with golden_tape() as exchange:
            with pytest.raises(WrongKeyError, match="code 1000"):
                await asyncio.wait_for(fed.feed(exchange.url, "2330", key="wrong").run(), 5)
        assert fed.tally.generation == 1

    asyncio.run(scenario())


@pytest.mark.parametrize(("fault", "value"), [("drop", 1), ("close", 1000), ("close", 1001), ("close", 1011)])
def test_a_lost_connection_is_replaced_and_subscribed_again_without_leaving_a_socket(fault: str, value: int) -> None:
    async def scenario() -> None:
        fed = Fed()
        async with golden_tape() as exchange, running(fed.feed(exchange.url, "2330", "0050").run()):
            for times in range(1, 11):
                await until(lambda: len(fed.tally.confirmed) == 2, "subscription")
                exchange.fault(f"{fault}={value}")
                await until(lambda times=times: fed.tally.generation == times + 1, f"connection {times + 1}")
            await until(lambda: len(fed.tally.confirmed) == 2, "subscription")
            exchange.next()
            await until(lambda: fed.tally.trades == len(sent(0)), "trades after ten connections")
            assert exchange.exchange.account.connections == 1
            assert exchange.exchange.account.subscriptions == 2
            assert fed.tally.reconnects == exchange.landed(fault) == 10
            assert not any(crowded for crowded, _ in fed.backoff.pauses)

    asyncio.run(scenario())


def test_a_refused_upgrade_waits_half_a_minute_or_more() -> None:
    async def scenario() -> None:
        fed = Fed()
        async with golden_tape() as exchange:
            exchange.fault("upgrade_404=1")
            async with running(fed.feed(exchange.url, "2330").run()):
                await until(lambda: len(fed.backoff.pauses) >= 3, "three tries")
            assert all(crowded and pause_s >= 30 for crowded, pause_s in fed.backoff.pauses)

    asyncio.run(scenario())


def test_while_another_program_holds_the_only_connection_the_feed_waits_and_then_gets_it() -> None:
    async def scenario() -> None:
        fed = Fed()
        async with golden_tape(plan="basic") as exchange:
            async with connect(exchange.url) as other:
                await other.send(json.dumps({"event": "auth", "data": {"apikey": KEY}}))
                await other.recv()
                async with running(fed.feed(exchange.url, "2330").run()):
                    await until(lambda: len(fed.backoff.pauses) >= 3, "three tries")
                assert all(crowded for crowded, _ in fed.backoff.pauses)
                await until(lambda: len(exchange.control.sessions) == 1, "no socket of ours left")
            async with running(fed.feed(exchange.url, "2330").run()):
                await until(lambda: len(fed.tally.confirmed) == 1, "subscription")

    asyncio.run(scenario())


@pytest.mark.parametrize("form", ["code_in_data=0", "code_in_data=1"])
def test_a_quota_that_is_full_is_said_clearly_and_the_connection_lives(
    caplog: pytest.LogCaptureFixture, form: str
) -> None:
    async def scenario() -> None:
        fed = Fed()
        symbols = ("2330", "0050", "2317", "2454", "2308", "2303")
        async with golden_tape(plan="basic") as exchange:
            exchange.fault(form)
            async with running(fed.feed(exchange.url, *symbols).run()):
                await until(lambda: "over_quota" in caplog.text, "the error")
                assert "6 symbols wait for a subscription; the plan, shared by" in caplog.text
                assert (fed.tally.connected, fed.tally.confirmed, fed.tally.generation) == (True, frozenset(), 1)

    with caplog.at_level(logging.ERROR):
        asyncio.run(scenario())


def test_an_unknown_event_is_a_dead_letter_and_disturbs_nothing() -> None:
    async def scenario() -> None:
        fed = Fed()
        async with golden_tape() as exchange, running(fed.feed(exchange.url, "2330").run()):
            await until(lambda: len(fed.tally.confirmed) == 1, "subscription")
            exchange.fault("unknown_event=1")
            exchange.next()
            await until(lambda: fed.tally.trades == len(sent(0)), "trades")
            (dead,) = [record for record in fed.kept.records if record[0] == DEAD_LETTERS.name]
            _, key, value, headers = dead
            assert json.loads(value)["event"] == "surprise"
            assert headers is not None
            assert (key, headers["reason"], headers["source"]) == (None, "unknown event", "feed")
            assert fed.tally.dead_letters == fed.tally.generation == 1

    asyncio.run(scenario())


def test_heartbeats_prove_the_feed_alive() -> None:
    async def scenario() -> None:
        fed = Fed()
        beating = golden_tape(timing=Timing(heartbeat_s=0.05))
        async with beating as exchange, running(fed.feed(exchange.url, "2330").run()):
            await until(lambda: fed.tally.alive_through_us, "a heartbeat")
            before = fed.tally.alive_through_us
            await until(lambda: fed.tally.alive_through_us != before, "another heartbeat")

    asyncio.run(scenario())


def test_a_silent_connection_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "_TOTAL_S", 1.0)

    async def scenario() -> None:
        fed = Fed()
        async with golden_tape() as exchange, running(fed.feed(exchange.url, "2330").run()):
            await until(lambda: len(fed.tally.confirmed) == 1, "subscription")
            exchange.fault("silent=1")
            await until(lambda: fed.tally.generation == 2, "a second connection")
            await until(lambda: len(exchange.control.sessions) == 1, "the first socket closed")

    asyncio.run(scenario())


async def greeted(socket: ServerConnection) -> None:
    """A bare server's side of authentication and subscription."""
    await socket.recv()
    await socket.send('{"event":"authenticated"}')
    await socket.recv()
    await socket.send('{"event":"subscribed","data":[{"channel":"trades","symbol":"2330"}]}')


@pytest.mark.parametrize("size", [2**20, 17 * 2**20])
def test_a_frame_beyond_the_limit_ends_only_its_connection(caplog: pytest.LogCaptureFixture, size: int) -> None:
    async def scenario() -> None:
        fed = Fed()

        async def huge(socket: ServerConnection) -> None:
            await greeted(socket)
            await socket.send("x" * size)
            await socket.wait_closed()

        async with serve(huge, "127.0.0.1", 0, max_size=None) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            async with running(fed.feed(f"ws://127.0.0.1:{port}", "2330").run()):
                await until(lambda: fed.tally.generation >= 3, "two more connections")
        assert "too large" in caplog.text
        assert fed.kept.records == []

    asyncio.run(scenario())


def test_frames_of_any_bytes_become_dead_letters_as_they_were_sent() -> None:
    async def scenario() -> None:
        fed = Fed()
        odd: tuple[bytes, ...] = (b"\xff\xfe", b"", b"[" * 100_000, b"x" * 900_000)

        async def strange(socket: ServerConnection) -> None:
            await greeted(socket)
            for frame in odd:
                await socket.send(frame, text=True)
                await socket.send(frame, text=False)
            await socket.wait_closed()

        async with serve(strange, "127.0.0.1", 0, max_size=None) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            async with running(fed.feed(f"ws://127.0.0.1:{port}", "2330").run()):
                await until(lambda: fed.tally.dead_letters == 2 * len(odd), "all dead letters")
        assert fed.kept.of(DEAD_LETTERS) == [frame for frame in odd for _ in range(2)]
        assert fed.tally.generation == 1

    asyncio.run(scenario())


def test_when_most_frames_are_bad_the_fault_is_ours_and_the_feed_stops() -> None:
    async def scenario() -> None:
        fed = Fed()

        async def babble(socket: ServerConnection) -> None:
            await greeted(socket)
            for number in range(1_100):
                await socket.send(f'{{"event":"renamed","data":{number}}}')
            await socket.wait_closed()

        async with serve(babble, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            with pytest.raises(BaseExceptionGroup) as stopped:
                await asyncio.wait_for(fed.feed(f"ws://127.0.0.1:{port}", "2330").run(), 10)
        (cause,) = stopped.value.exceptions
        assert isinstance(cause, MostlyBadError)
        assert "unknown event" in str(cause)

    asyncio.run(scenario())


def test_a_full_broker_stops_the_reading_and_no_frame_is_lost() -> None:
    """The exchange's socket fills up: that is where the waiting belongs."""
    total = 20_000
    trade = {"symbol": "2330", "type": "EQUITY", "exchange": "TWSE", "price": 1, "size": 1, "note": "x" * 600}

    async def scenario() -> None:
        fed = Fed()
        written = 0

        async def flood(socket: ServerConnection) -> None:
            nonlocal written
            await greeted(socket)
            fed.kept.open.clear()
            for serial in range(total):
                data = {**trade, "serial": serial, "time": 1_796_090_400_000_000}
                await socket.send(json.dumps({"event": "data", "channel": "trades", "data": data}))
                written += 1
            await socket.wait_closed()

        async with serve(flood, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            async with running(fed.feed(f"ws://127.0.0.1:{port}", "2330").run()):
                before = -1
                while written != before or not written:  # until the writer stands still
                    before = written
                    await asyncio.sleep(0.3)
                assert written < total
                fed.kept.open.set()
                await until(lambda: fed.tally.trades == total, "every trade", within_s=60)
        assert [decode_trade(value).serial for value in fed.kept.of(TRADES)] == list(range(total))
        assert fed.tally.generation == 1

    asyncio.run(scenario())


async def _at_once(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def _not_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"no such thing\r\n\r\n")
    writer.close()


async def _mid_handshake(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: webs")
    await writer.drain()
    writer.transport.abort()


@pytest.mark.parametrize("breaks", [_at_once, _not_http, _mid_handshake])
def test_a_handshake_that_breaks_is_tried_again(breaks: Callable[..., Awaitable[None]]) -> None:
    async def scenario() -> None:
        fed = Fed()
        open_sockets: set[asyncio.StreamWriter] = set()

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            open_sockets.add(writer)
            with suppress(OSError, asyncio.IncompleteReadError):
                if fed.tally.reconnects < 3:
                    await breaks(reader, writer)
                else:
                    await reader.read()  # until the feed leaves
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            open_sockets.discard(writer)

        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async with running(fed.feed(f"ws://127.0.0.1:{port}", "2330").run()):
                await until(lambda: fed.tally.reconnects == 3 and len(open_sockets) == 1, "a fourth try")
            await until(lambda: not open_sockets, "no socket left")
        assert not fed.tally.connected

    asyncio.run(scenario())


async def _during_auth(socket: ServerConnection) -> None:
    await socket.recv()
    socket.transport.abort()


async def _during_auth_politely(socket: ServerConnection) -> None:
    await socket.recv()
    await socket.close()


async def _during_subscribe(socket: ServerConnection) -> None:
    await socket.recv()
    await socket.send('{"event":"authenticated"}')
    await socket.recv()
    socket.transport.abort()


async def _mid_frame(socket: ServerConnection) -> None:
    await greeted(socket)
    socket.transport.write(b"\x81\x7e\x01\x00" + b"x" * 100)  # 100 of 256 bytes
    await asyncio.sleep(0)
    socket.transport.close()
    await socket.wait_closed()


async def _nonsense(socket: ServerConnection) -> None:
    await greeted(socket)
    socket.transport.write(b"\xff" * 50)  # reserved bits and an opcode nobody knows
    await socket.wait_closed()


@pytest.mark.parametrize("breaks", [_during_auth, _during_auth_politely, _during_subscribe, _mid_frame, _nonsense])
def test_a_connection_that_breaks_at_an_awkward_moment_is_replaced(
    breaks: Callable[[ServerConnection], Awaitable[None]],
) -> None:
    async def scenario() -> None:
        fed = Fed()
        open_sockets: set[ServerConnection] = set()

        async def first_breaks(socket: ServerConnection) -> None:
            open_sockets.add(socket)
            if fed.tally.generation < 4:
                await breaks(socket)
            else:
                await greeted(socket)
                await socket.wait_closed()
            open_sockets.discard(socket)

        async with serve(first_breaks, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            async with running(fed.feed(f"ws://127.0.0.1:{port}", "2330").run()):
                await until(lambda: fed.tally.generation == 4 and fed.tally.confirmed, "a connection that works")
                await until(lambda: len(open_sockets) == 1, "only the one that works")
                assert fed.tally.reconnects == 3

    asyncio.run(scenario())
