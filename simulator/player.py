"""Plays a recorded session: each frame goes out as it came, when the replay's clock shows the time at which it came.

The clock waits until somebody has subscribed, and again whenever nobody listens or the listener is behind, so that
nothing is sent past anybody. Where the recorded connection ended, ours ends, for as long.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from market.recording import Answer, Dropped, Frame, Line, read
from simulator.exchange import Exchange
from simulator.session import GOING_AWAY, Session
from simulator.survey import Survey, is_answer, printed
from simulator.tempo import Tempo

_SHORTEST_S, _LONGEST_S = 0.001, 0.05  # the wait between two looks at the clock
_AT_ONCE = 200  # frames, then others have a turn
_BEHIND_BYTES, _CAUGHT_UP_BYTES = 1024 * 1024, 64 * 1024  # unread by a listener
_LOG_EVERY = 200  # looks in vain: ten seconds
_MOST_TOLD = 20  # bad lines in the log; how many there were is said at the end

log = logging.getLogger("simulator")


class Break(NamedTuple):
    """The recorded connection gave no more: whatever was printed from here on, nobody knows it from the stream."""


def with_breaks(lines: Iterable[tuple[int, Line]]) -> Iterator[Line | Break]:
    """The lines, with a break right behind the last frame of each connection and before each hole."""
    place: tuple[int, int] | None = None
    held: list[Line] = []  # since the last frame
    for file, line in lines:
        if not isinstance(line, Frame | Dropped):
            held.append(line)
            continue
        now = (file, line.c) if isinstance(line, Frame) else None
        if place is not None and now != place:
            yield Break()
        place = now
        yield from held
        held = []
        yield line
    yield from held


@dataclass(slots=True)
class Player:
    """`told`: what REST answers besides trades; `sessions`: who is connected now."""

    survey: Survey
    exchange: Exchange
    tempo: Tempo
    told: dict[str, bytes]
    sessions: Callable[[], Iterable[Session]]
    bad: int = 0
    sent: int = 0
    _frames: list[bytes] = field(default_factory=list)
    _rows: int = 0  # of the survey's, printed already

    async def run(self, files: Sequence[Path]) -> None:
        """Play from where the clock stands to the end; there it stands again."""
        try:
            await self._play(with_breaks(read(files, self._tell)))
            self.tempo.end()
            level = logging.WARNING if self.bad else logging.INFO
            log.log(level, "replay_ended frames=%d bad_lines=%d", self.sent, self.bad)
        finally:
            if self.tempo.clock.replay().state != "ended":
                self.tempo.wait()

    async def _play(self, lines: Iterable[Line | Break]) -> None:
        if not self.tempo.has_gone:  # else it was told before this process was started
            await self.exchange.trading.wait()
        begun_us = self.tempo.clock.now_us()
        await self._listened()
        for number, line in enumerate(lines):
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
            if isinstance(line, Break):
                await self._send()
                self._leave()
            elif line.at < begun_us:  # another player has sent it
                self._remember(line)
            else:
                await self._until(line.at)
                await self._take(line)
        await self._send()

    async def _take(self, line: Line) -> None:
        self._remember(line)
        if isinstance(line, Frame):
            if self.exchange.is_away:
                self.exchange.is_away = False
                await self._listened()
            if not is_answer(line.data):
                self._frames.append(line.data)
        if len(self._frames) >= _AT_ONCE:
            await self._send()

    def _remember(self, line: Line) -> None:
        """What REST knows from now on. A recorded quote holds until its symbol trades again."""
        if isinstance(line, Answer) and line.path.startswith("quote/") and line.status == 200:
            self.told[line.path] = line.data
        elif isinstance(line, Frame) and (each := printed(line.data)) and each.identified:
            self.exchange.ledger.trade(each)
            self.told.pop(f"quote/{each.symbol}", None)

    async def _until(self, at_us: int) -> None:
        clock = self.tempo.clock
        while (now_us := clock.now_us()) < at_us:
            await self._send()
            left_s = (at_us - now_us) / 1e6 / clock.pace()
            await asyncio.sleep(min(_LONGEST_S, max(_SHORTEST_S, left_s)))

    async def _send(self) -> None:
        """The ledger is written before the sockets."""
        self._print_rows()
        self.exchange.ledger.flush()
        if self._frames:
            await self._listened()
            for each in self._listeners():
                each.wire.send(self._frames)
            self.sent += len(self._frames)
            self._frames = []
            await asyncio.sleep(0)
            await self._read()

    def _print_rows(self) -> None:
        now_us, rows = self.tempo.clock.now_us(), self.survey.rows
        while self._rows < len(rows) and rows[self._rows].time <= now_us:
            if rows[self._rows].identified:
                self.exchange.ledger.trade(rows[self._rows])
            self._rows += 1

    def _leave(self) -> None:
        self.exchange.is_away = True
        for each in list(self.sessions()):
            each.wire.close(GOING_AWAY, "here the recorded connection ended")

    def _listeners(self) -> list[Session]:
        """Whoever has subscribed to all that was recorded."""
        all_of_them = len(self.survey.head.symbols)
        return [each for each in self.sessions() if each.wire.is_open and len(each.subscriptions) >= all_of_them]

    async def _listened(self) -> None:
        """Time stands until there is somebody."""
        if not self._listeners():
            log.info("replay_waits why='nobody has subscribed to the %d symbols'", len(self.survey.head.symbols))
            await self._standing_until(lambda: bool(self._listeners()))
        elif self.tempo.clock.replay().state == "waiting":
            self.tempo.go()

    async def _read(self) -> None:
        """Time stands while a listener has much to read."""
        if self._unread() > _BEHIND_BYTES:
            await self._standing_until(lambda: self._unread() <= _CAUGHT_UP_BYTES)

    def _unread(self) -> int:
        return max((each.wire.waiting_bytes for each in self._listeners()), default=0)

    async def _standing_until(self, condition: Callable[[], bool]) -> None:
        looks = 0
        self.tempo.wait()
        while not condition():
            looks += 1
            if looks % _LOG_EVERY == 0:
                log.warning("replay_waits for_s=%.0f", looks * _LONGEST_S)
            await asyncio.sleep(_LONGEST_S)
        self.tempo.go()

    def _tell(self, file: Path, number: int, why: str) -> None:
        self.bad += 1
        if self.bad <= _MOST_TOLD:
            log.warning("bad_line file=%s line=%d why=%r", file, number, why)
