"""What is recorded is what came; what is missing is said, and the secret is nowhere."""

import errno
import gzip
from datetime import date, timedelta
from pathlib import Path

import pytest

from ingestor import recording as module
from ingestor.part import Part
from ingestor.recording import Recording
from market.recording import Answer, Dropped, Frame, Head, RecordingError
from tests.builders import DAY
from tests.recordings import NOW_US, SECRET, Hands, lines, recorded


def test_frames_and_answers_are_recorded_byte_for_byte_after_a_head(tmp_path: Path) -> None:
    sent = [b'{"event":"data","data":{"price":1085.50}}', "漲停\n".encode(), b"\xff\x00 not text", b""]

    def act(recording: Recording) -> None:
        for number, data in enumerate(sent, 1):
            recording.frame(number, data)
        recording.answer("trades/2330?offset=0&limit=500", 200, b'{"data":[]}')

    recorded(tmp_path, act)
    (head, *frames, answer), told = lines(tmp_path)
    assert told == []
    assert isinstance(head, Head)
    assert (head.day, head.symbols, head.calendar) == (DAY, ("2330", "0050"), "always")
    assert [(f.c, f.data, f.at) for f in frames if isinstance(f, Frame)] == [
        (number, data, NOW_US) for number, data in enumerate(sent, 1)
    ]
    assert isinstance(answer, Answer)
    assert (answer.path, answer.status, answer.data) == ("trades/2330?offset=0&limit=500", 200, b'{"data":[]}')


def test_what_repeats_the_key_is_recorded_without_it(tmp_path: Path) -> None:
    def act(recording: Recording) -> None:
        recording.frame(1, b'{"event":"error","data":{"message":"no such key: canary-key"}}')
        recording.answer("ticker/2330", 401, b"canary-key")

    recorded(tmp_path, act)
    (file,) = tmp_path.iterdir()
    text = gzip.decompress(file.read_bytes())
    assert SECRET.encode() not in text
    assert text.count(b"***") == 2


def test_each_day_and_each_start_has_a_file_of_its_own(tmp_path: Path) -> None:
    def over_midnight(recording: Recording) -> None:
        recording.frame(1, b"today")
        clock.set(NOW_US + 86_400_000_000)
        recording.frame(1, b"tomorrow")

    for _ in range(2):
        clock = Hands()
        recorded(tmp_path, over_midnight, clock)
    tomorrow = DAY + timedelta(days=1)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        f"{day}.{part}.ndjson.gz" for day in (DAY, tomorrow) for part in ("001", "002")
    ]
    for day, sent in ((DAY, b"today"), (tomorrow, b"tomorrow")):
        found, told = lines(tmp_path, day.isoformat())
        assert told == []
        assert [type(line) for line in found] == [Head, Frame] * 2
        assert [line.data for line in found if isinstance(line, Frame)] == [sent, sent]


def test_a_disk_that_is_too_slow_delays_nothing_and_leaves_a_hole_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_MOST_WAITING", 3 * (100 + module._OF_A_LINE))

    def act(recording: Recording) -> None:
        for number in range(10):
            recording.frame(number, b"x" * 100)
        recording._write(recording._waiting())
        recording.frame(99, b"after it")

    recorded(tmp_path, act)
    found, _ = lines(tmp_path)
    assert [line.c if isinstance(line, Frame) else line for line in found[1:]] == [
        0, 1, 2, Dropped(at=NOW_US, lines=7), 99,
    ]  # fmt: skip
    assert "recording_has_a_hole" in caplog.text


def test_a_disk_that_fails_costs_lines_that_are_counted_and_the_recording_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_AGAIN_S", 0.0)
    write, tries = Part.write, []

    def full_once(part: Part, data: bytes) -> None:
        tries.append(data)
        if len(tries) == 2:
            raise OSError(errno.ENOSPC, "no space left")
        write(part, data)

    monkeypatch.setattr(Part, "write", full_once)

    def act(recording: Recording) -> None:
        for text in (b"kept", b"lost", b"kept too"):
            recording.frame(1, text)
            recording._write(recording._waiting())

    recorded(tmp_path, act)
    found, told = lines(tmp_path)
    assert told == []
    assert [line.data if isinstance(line, Frame) else type(line) for line in found] == [
        Head, b"kept", Head, Dropped, b"kept too",
    ]  # fmt: skip
    assert "recording_fails lost=1" in caplog.text


def test_a_day_without_a_recording_is_refused_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no such recording; name a file, or a day as in"):
        lines(tmp_path, date(2026, 12, 2).isoformat())
