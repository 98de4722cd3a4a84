"""The session on disk as it comes (market/recording.py): never waited for, and what is missing is said."""

import asyncio
import logging
import queue
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

import httpx

from ingestor.frames import Frame as Meaning
from ingestor.part import Part
from ingestor.tally import Tally
from market.calendar import CalendarName, trading_day
from market.clock import Clock
from market.recording import VERSION, Answer, Dropped, Frame, Head, Line, content, encode

_FLUSH_S = 0.25  # what a kill -9 can lose
_END_S = 3.0
_AGAIN_S = 5.0
_LOG_EVERY_US = 1_000_000
_MOST_WAITING = 32 * 1024 * 1024  # bytes
_OF_A_LINE = 200  # what it takes beside its content
_HIDDEN = b"***"
_SHORTEST_SECRET = 8  # a shorter one, of a simulated exchange, would be found in prices and names

log = logging.getLogger("ingestor")


class Takes(Protocol):
    """Who hears the frames."""

    async def take(self, data: bytes) -> Meaning: ...


@dataclass(frozen=True, slots=True)
class About:
    """What the head of a file says, and the secret that no file may hold."""

    symbols: tuple[str, ...]
    calendar: CalendarName
    secret: str = field(repr=False)

    def head(self, day: date, at_us: int) -> Head:
        return Head(at=at_us, version=VERSION, day=day, symbols=self.symbols, calendar=self.calendar)


@dataclass(slots=True)
class Recording:
    """Lines go into a queue of 32 MiB; a thread packs and writes them four times a second."""

    folder: Path
    about: About
    clock: Clock
    _lines: "queue.SimpleQueue[tuple[int, Line]]" = field(default_factory=queue.SimpleQueue)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _given: int = 0  # bytes, counted here by the loop and in `_taken` by the thread
    _taken: int = 0
    _dropped: int = 0  # lines since the queue is full
    _lost: int = 0  # lines since the disk fails
    _logged_us: int = 0
    _part: Part | None = None

    def frame(self, connection: int, data: bytes) -> None:
        """What came on the `connection`th connection since the start."""
        at_us, (text, base64) = self.clock.now_us(), content(self._without_secret(data))
        self._put(Frame(at=at_us, c=connection, text=text, base64=base64), len(data))

    def answer(self, path: str, status: int, body: bytes) -> None:
        """What was answered to a REST call; `path` is below `intraday/`, with its query."""
        at_us, (text, base64) = self.clock.now_us(), content(self._without_secret(body))
        self._put(Answer(at=at_us, path=path, status=status, text=text, base64=base64), len(body))

    async def run(self) -> None:
        """Write until cancelled, and then what is left."""
        work = asyncio.get_running_loop().run_in_executor(None, self._work)
        try:
            await asyncio.shield(work)
        finally:
            self._stopped.set()
            done, _ = await asyncio.wait([work], timeout=_END_S)
            if not done:
                log.error("recording_unfinished why='the disk takes more than %.0f s'", _END_S)

    def _without_secret(self, data: bytes) -> bytes:
        secret = self.about.secret.encode()
        return data.replace(secret, _HIDDEN) if len(secret) >= _SHORTEST_SECRET else data

    def _put(self, line: Line, size: int) -> None:
        if self._given - self._taken + size > _MOST_WAITING:
            self._dropped += 1
            if line.at - self._logged_us >= _LOG_EVERY_US:
                self._logged_us = line.at
                log.error("recording_has_a_hole lines=%d why='the disk is too slow'", self._dropped)
            return
        if self._dropped:
            self._add(Dropped(at=line.at, lines=self._dropped), 0)
            self._dropped = 0
        self._add(line, size)

    def _add(self, line: Line, size: int) -> None:
        self._given += size + _OF_A_LINE
        self._lines.put((size + _OF_A_LINE, line))

    def _work(self) -> None:
        while not self._stopped.wait(_FLUSH_S):
            self._write(self._waiting())
        self._write(self._waiting())
        self._close()

    def _waiting(self) -> list[Line]:
        found = []
        for _ in range(self._lines.qsize()):
            size, line = self._lines.get_nowait()
            self._taken += size
            found.append(line)
        return found

    def _write(self, lines: list[Line]) -> None:
        """By days. What the disk does not take is lost and will be said; the next try is made with a new file."""
        for day in dict.fromkeys(trading_day(line.at) for line in lines):
            of_day = [line for line in lines if trading_day(line.at) == day]
            try:
                self._write_day(day, of_day)
            except OSError as error:
                self._lost += len(of_day)
                self._close()
                log.error("recording_fails lost=%d again_in_s=%.0f why=%r", self._lost, _AGAIN_S, str(error))  # noqa: TRY400 - a full disk needs no trace
                self._stopped.wait(_AGAIN_S)

    def _write_day(self, day: date, lines: list[Line]) -> None:
        first: list[Line] = []
        if self._part is None or self._part.day != day:
            self._close()
            self._part = Part(self.folder, day)
            first.append(self.about.head(day, lines[0].at))
            log.info("recording file=%s", self._part.name)
        if self._lost:
            first.append(Dropped(at=lines[0].at, lines=self._lost))
        self._part.write(b"".join(map(encode, [*first, *lines])))
        self._lost = 0

    def _close(self) -> None:
        part, self._part = self._part, None
        with suppress(OSError):  # what was written can be read although it is not closed
            if part:
                part.close()


@dataclass(frozen=True, slots=True)
class Recorded:
    """Frames are recorded, then taken."""

    taker: Takes
    recording: Recording
    tally: Tally

    async def take(self, data: bytes) -> Meaning:
        self.recording.frame(self.tally.generation, data)
        return await self.taker.take(data)


def answers(recording: Recording) -> Callable[[httpx.Response], Awaitable[None]]:
    """A client's hook that records what it is answered."""

    async def heard(answer: httpx.Response) -> None:
        body = await answer.aread()
        path = answer.request.url.raw_path.decode().partition("/intraday/")[2]
        recording.answer(path, answer.status_code, body)

    return heard
