"""Kills at the worst moment, and the proof that it was that moment. No process under test knows of it."""

import contextlib
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import pymysql
from confluent_kafka import Consumer, TopicPartition

from tests.e2e.stack import Stack, until
from tests.faults.book import Book
from tests.faults.victims import Kill, Victims

OPEN_WITHIN_S = 90.0
BATCH_S = 90.0  # a real-time batch is 60 seconds long
UNANSWERED_BYTES = 1


class Aims:
    """One aimed kill a role; each returns the kill with what was seen, in words."""

    def __init__(self, stack: Stack, victims: Victims, book: Book) -> None:
        self._stack = stack
        self._victims = victims
        self._book = book
        self.by_role: Mapping[str, Callable[[], Kill]] = {
            "ingestor": self._received_not_produced,
            "broker": self._asked_not_answered,
            "Spark's JVM": self._written_not_committed,
            "API": lambda: self._upserted_not_committed("API"),
            "database": lambda: self._upserted_not_committed("database"),
        }

    def _received_not_produced(self) -> Kill:
        """The broker stands still, so nothing that the ingestor received meanwhile can have been acknowledged."""
        with _stopped(self._victims.get("broker")):
            self._book.read()
            before = self._book.frames
            until(lambda: self._read() - before >= 50, "50 frames were sent to the ingestor", OPEN_WITHIN_S)
            frames = self._book.frames - before
            return self._victims.kill("ingestor", f"{frames} frames received, none acknowledged by the broker")

    def _asked_not_answered(self) -> Kill:
        """The broker stands still until requests wait in its sockets; then it dies with them unread."""
        process = self._victims.get("broker")
        with _stopped(process):
            waiting = until(lambda: _unread_bytes(process), "requests to the broker wait unread", OPEN_WITHIN_S)
            return self._victims.kill("broker", f"{waiting} bytes of requests unread")

    def _written_not_committed(self) -> Kill:
        """A batch is killed whose rows are in the topic while its commit is not on the disk."""
        bars = self._newest_day() / "bars"
        committed = _newest(bars / "commits")
        before = self._end("bars")
        until(lambda: _newest(bars / "commits") > committed, "the end of a batch", BATCH_S)
        committed, before = _newest(bars / "commits"), self._end("bars")
        until(lambda: self._end("bars") > before + 50, "50 bars of the next batch", OPEN_WITHIN_S)
        written = self._end("bars") - before
        kill = self._victims.kill("Spark's JVM", f"{written} bars written by a batch that never was committed")
        assert _newest(bars / "commits") == committed, "the batch was committed before it died"
        return kill

    def _upserted_not_committed(self, role: str) -> Kill:
        """A lock of ours on the offsets keeps a transaction open whose rows are already written."""
        with _connection(self._stack) as ours, _connection(self._stack) as watching:
            with ours.cursor() as cursor:
                cursor.execute("SELECT * FROM consumer_offsets WHERE topic = 'bars' FOR UPDATE")
            rows = until(lambda: _uncommitted(watching), "a transaction with rows and no commit", OPEN_WITHIN_S)
            kill = self._victims.kill(role, f"{rows} bars written by a transaction that never was committed")
            with contextlib.suppress(pymysql.Error):  # it is gone with the database
                ours.rollback()
            return kill

    def _read(self) -> int:
        self._book.read()
        return self._book.frames

    def _newest_day(self) -> Path:
        return max(path for path in (self._stack.data / "checkpoints").glob("20*") if not (path / "closed").exists())

    def _end(self, topic: str) -> int:
        consumer = Consumer({"bootstrap.servers": self._stack.addresses["kafka"], "group.id": "faults"})
        try:
            return int(consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=10)[1])
        finally:
            consumer.close()


@contextmanager
def _stopped(process: psutil.Process) -> Iterator[None]:
    process.send_signal(signal.SIGSTOP)
    try:
        until(lambda: process.status() == psutil.STATUS_STOPPED, "the process stands still", OPEN_WITHIN_S)
        yield
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGCONT)


def _unread_bytes(process: psutil.Process) -> int:
    """Bytes that wait in the receive queues of a process's TCP connections (0 if there are none)."""
    ports = {each.laddr.port for each in process.net_connections("tcp") if each.status == psutil.CONN_LISTEN}
    found = 0
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{process.pid}/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, queues, *_ = line.split()
            if state == "01" and int(local.rpartition(":")[2], 16) in ports:
                found += int(queues.partition(":")[2], 16)
    return found


def _newest(folder: Path) -> int:
    return max((int(path.name) for path in folder.glob("[0-9]*")), default=-1)


@contextmanager
def _connection(stack: Stack) -> Iterator[pymysql.Connection]:  # type: ignore[type-arg]
    connection = pymysql.connect(**stack.addresses["database"], read_timeout=20)
    try:
        yield connection
    finally:
        with contextlib.suppress(pymysql.Error):
            connection.close()


def _uncommitted(connection: pymysql.Connection) -> int:  # type: ignore[type-arg]
    """How many bars a dirty read sees that a clean one does not."""
    counts = []
    with connection.cursor() as cursor:
        for level in ("READ UNCOMMITTED", "READ COMMITTED"):
            cursor.execute(f"SET SESSION TRANSACTION ISOLATION LEVEL {level}")
            cursor.execute("SELECT COUNT(*) FROM bars")
            counts.append(int(cursor.fetchone()[0]))  # type: ignore[index]
            connection.commit()
    return max(0, counts[0] - counts[1])
