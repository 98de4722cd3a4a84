"""A recorded session, played again through the ingestor, gives the same trades: gaps, reconnects and all."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from infra.local import ports
from market.calendar import trading_day
from market.clock import Clock
from market.messages import FeedStatus, Watched
from market.recording import Answer, Frame, Head, Line, encode, parts, read
from simulator.ledger import trades
from tests import oracle
from tests.contract.double import BASE, KEY, Double, a_double, fetched
from tests.e2e.exact import exact_json
from tests.integration.ingestor_exchange import until
from tests.integration.replaying import Reader, Replayed, a_tempo, playing, reading

pytestmark = pytest.mark.usefixtures("far_from_midnight")

LIVE: dict[str, Any] = {"mode": "live", "tape": None, "rate": 300, "symbols": 10, "begin": "when_told"}
SPEED = 10.0


@dataclass
class Session:
    """What was recorded: its tape, and what the ingestor made of it live."""

    tape: Path
    live: Reader
    lines: list[Line]


@asynccontextmanager
async def recorded(folder: Path, act: Callable[[Double], Awaitable[None]]) -> AsyncIterator[Session]:
    """A live session in which `act` happens, recorded to its end."""
    async with a_double(**LIVE, ledger=folder / "ledger") as double:
        symbols = tuple(double.exchange.instruments)
        async with reading(double.port, symbols, Clock(), folder) as live:
            await until(lambda: live.tally.confirmed == frozenset(symbols), "the ingestor subscribed")
            await double.control("begin")
            await act(double)
            await double.control("end")
            printed = {(t["symbol"], t["serial"]) for t in trades(folder / "ledger") if oracle.counts(t)}
            await until(lambda: live.trades().keys() == printed, "all that was printed is known", 20)
            await until(lambda: set(live.gaps().values()) <= {"healed"}, "every gap is told to be closed")
    tape = folder / trading_day(Clock().now_us()).isoformat()
    yield Session(tape, live, [line for _, line in read(parts(tape), never)])


def never(file: Path, number: int, why: str) -> None:
    pytest.fail(f"{file}: line {number}: {why}")


async def ended(replayed: Replayed, again: Reader, live: Reader) -> None:
    """Wait for the end of the tape and of all repairs; the trades are those of the session."""
    await until(lambda: replayed.clock.replay().state == "ended", "the end of the tape", 30)
    await until(lambda: again.trades().keys() >= live.trades().keys(), "as many trades as live", 20)
    await until(lambda: set(again.gaps().values()) <= {"healed"}, "every gap is told to be closed")
    assert again.trades() == live.trades()


async def losses(double: Double) -> None:
    """A second of trades, of which the stream loses some, then the connection, then trades go on."""
    await double.control("fault?swallow=0.1&duplicate=0.1&late=0.05&after=0.3")
    await asyncio.sleep(3)
    await double.control("fault?swallow=0&duplicate=0&late=0")
    await double.control("fault?close=1001")
    await asyncio.sleep(3)


def test_a_session_with_losses_and_a_reconnect_replays_as_the_same_trades(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with recorded(tmp_path / "tapes", losses) as session:
            assert {line.c for line in session.lines if isinstance(line, Frame)} == {1, 2}
            assert any(isinstance(line, Answer) and line.path.startswith("trades/") for line in session.lines)
            assert session.live.sources() == {"stream", "rest"}
            written = b"".join(map(encode, session.lines))
            assert KEY.encode() not in written
            assert b"apikey" not in written
            async with (
                playing(session.tape, tmp_path / "replay", SPEED) as replayed,
                reading(replayed.port, replayed.symbols, replayed.clock) as again,
            ):
                await ended(replayed, again, session.live)
                assert len(again.trades()) > 1_000
                assert again.sources() == {"stream", "rest"}
                assert again.gaps()
                assert again.tally.reconnects == 1
                assert again.tally.dead_letters == 0
                proven(session.live, again)

    asyncio.run(scenario())


def proven(live: Reader, again: Reader) -> None:
    """The replay claims no more than was known then: while the connection was away nothing is proven."""
    lost_us, back_us = away(live)
    for status in again.feed(FeedStatus):
        if status.connected and status.alive_through_us is not None:
            assert not lost_us + 1_000_000 < status.alive_through_us < back_us - 1_000_000
    assert [len(watched.symbols) for watched in again.feed(Watched)][-1] == 10


def away(live: Reader) -> tuple[int, int]:
    """The last proof of life of the first connection, and the first of the second."""
    names = list(dict.fromkeys(s.connection for s in live.feed(FeedStatus) if s.connection))
    proofs = [[s.alive_through_us for s in live.feed(FeedStatus) if s.connection == name] for name in names]
    return max(filter(None, proofs[0])), min(filter(None, proofs[1]))


async def quietly(double: Double) -> None:
    await asyncio.sleep(2)


def test_reference_data_are_those_of_the_session(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with recorded(tmp_path / "tapes", quietly) as session:
            told = {a.path: a.data for a in session.lines if isinstance(a, Answer) and a.path.startswith("ticker/")}
            assert len(told) == 10
            async with playing(session.tape, tmp_path / "replay", SPEED) as replayed:
                for path, body in told.items():
                    status, answer = await asyncio.to_thread(
                        fetched, f"http://127.0.0.1:{replayed.port}{BASE}/intraday/{path}", "simulated"
                    )
                    assert (status, answer["referencePrice"]) == (200, exact_json(body)["referencePrice"])

    asyncio.run(scenario())


def test_time_stands_until_it_is_told_to_run_while_nobody_listens_and_while_it_is_paused(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with recorded(tmp_path / "tapes", quietly) as session:
            first_us = session.lines[0].at
            async with playing(session.tape, tmp_path / "replay", 1.0, begin="when_told") as replayed:
                waits(replayed, first_us)
                replayed.begin()
                await asyncio.sleep(0.5)
                waits(replayed, first_us)
                async with reading(replayed.port, replayed.symbols, replayed.clock) as again:
                    await until(again.trades, "trades")
                    await until(lambda: replayed.clock.replay().state == "playing", "it plays")
                    assert await asyncio.to_thread(told, replayed, "pause=1") == "paused"
                    stands_us = replayed.clock.now_us()
                    await asyncio.sleep(0.5)
                    assert replayed.clock.now_us() - stands_us < 1_000
                    assert await asyncio.to_thread(told, replayed, "pause=0&speed=50") == "playing"
                    await ended(replayed, again, session.live)

    asyncio.run(scenario())


def waits(replayed: Replayed, first_us: int) -> None:
    assert replayed.clock.replay().state == "waiting"
    assert replayed.clock.now_us() - first_us < 1_000


def told(replayed: Replayed, query: str) -> str:
    """The state after a word to the replay's control."""
    with urlopen(f"http://127.0.0.1:{replayed.port}/control/replay?{query}", timeout=5) as answer:
        return str(json.load(answer)["state"])


# Who connects in the moment in which the server closes is forgotten by asyncio, and told when it is collected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_exchange_that_is_started_again_goes_on_where_the_clock_stands(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with recorded(tmp_path / "tapes", quietly) as session:
            port, folder = ports.free(), tmp_path / "replay"
            with a_tempo(folder, session.lines[0].at, 2.0) as tempo:
                symbols = next(line.symbols for line in session.lines if isinstance(line, Head))
                async with reading(port, symbols, tempo.clock) as again:
                    async with playing(session.tape, folder, 2.0, port):
                        await until(lambda: len(again.trades()) > 100, "some of the trades", 20)
                    assert tempo.clock.replay().state == "waiting"
                    assert len(again.trades()) < len(session.live.trades())
                    async with playing(session.tape, folder, 2.0, port) as replayed:
                        await ended(replayed, again, session.live)

    asyncio.run(scenario())


def test_bad_lines_are_skipped_and_the_rest_is_played(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with recorded(tmp_path / "tapes", quietly) as session:
            (file,) = parts(session.tape)
            good = [encode(line) for line in session.lines]
            file.write_bytes(gzip.compress(b"".join([*good[:5], b"{}\n", b"\xff\n", *good[5:]]) + b'{"t":"fra'))
            async with (
                playing(session.tape, tmp_path / "replay", SPEED) as replayed,
                reading(replayed.port, replayed.symbols, replayed.clock) as again,
            ):
                await ended(replayed, again, session.live)

    asyncio.run(scenario())
    told = [record.getMessage() for record in caplog.records if "bad_line file" in record.getMessage()]
    assert [message.split("line=")[1].split(" ")[0] for message in told][:2] == ["6", "7"]
    assert len(told) == 3
    assert any("bad_lines=3" in record.getMessage() for record in caplog.records)
