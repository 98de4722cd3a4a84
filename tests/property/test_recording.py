"""A recording that is cut or damaged anywhere reads as what was written before that place, and never raises."""

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.recording import Frame, Head, Line, encode, head, parts
from tests.builders import DAY
from tests.recordings import NOW_US, a_recording, lines

PAYLOADS = st.lists(st.binary(max_size=80) | st.text(max_size=80).map(str.encode), min_size=1, max_size=30)


def written(folder: Path, payloads: list[bytes], every: int) -> Path:
    """A file of these frames, flushed after `every` of them as a second would."""
    recording = a_recording(folder)
    for number, data in enumerate(payloads, 1):
        recording.frame(number, data)
        if number % every == 0 or number == len(payloads):
            recording._write(recording._waiting())
    recording._close()
    (file,) = parts(folder / DAY.isoformat())
    return file


@given(PAYLOADS, st.integers(1, 10))
def test_what_was_written_is_read(payloads: list[bytes], every: int) -> None:
    with TemporaryDirectory() as folder:
        written(Path(folder), payloads, every)
        found, told = lines(Path(folder))
    assert [line.data for line in found if isinstance(line, Frame)] == payloads
    assert told == []


@given(PAYLOADS, st.integers(1, 10), st.data())
def test_a_file_cut_at_any_byte_reads_as_the_lines_before_it(
    payloads: list[bytes], every: int, draw: st.DataObject
) -> None:
    with TemporaryDirectory() as folder:
        file = written(Path(folder), payloads, every)
        whole = file.read_bytes()
        file.write_bytes(whole[: draw.draw(st.integers(0, len(whole)))])
        found, told = lines(Path(folder))
    frames = [line.data for line in found if isinstance(line, Frame)]
    assert frames == payloads[: len(frames)]
    assert len(told) <= 1
    assert all("cut off" in why or "head" in why for _, _, why in told)


def test_what_was_flushed_survives_whatever_comes_after_it(tmp_path: Path) -> None:
    file = written(tmp_path, [b"first", b"second"], every=2)
    flushed = file.read_bytes()[:-10]  # without the end that a killed process cannot write
    for tail in (b"", b"\x00" * 100, b"\xff" * 100):
        file.write_bytes(flushed + tail)
        found, _ = lines(tmp_path)
        assert [line.data for line in found if isinstance(line, Frame)] == [b"first", b"second"]


@given(PAYLOADS, st.data())
def test_a_damaged_byte_raises_nothing(payloads: list[bytes], draw: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        file = written(Path(folder), payloads, 3)
        whole = bytearray(file.read_bytes())
        whole[draw.draw(st.integers(0, len(whole) - 1))] ^= draw.draw(st.integers(1, 255))
        file.write_bytes(whole)
        lines(Path(folder))


HEAD = Head(at=NOW_US, version=1, day=DAY, symbols=("2330",), calendar="always")
GOOD = Frame(at=NOW_US, c=1, text="good")


def given_lines(folder: Path, *texts: bytes | Line) -> Path:
    file = folder / f"{DAY}.001.ndjson.gz"
    file.write_bytes(gzip.compress(b"".join(t if isinstance(t, bytes) else encode(t) for t in texts)))
    return file


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (b"{}\n", "not a line of a recording"),
        (b"\xff\n", "not a line of a recording"),
        (b"\n", "not a line of a recording"),
        (b"[" * 100_000 + b"\n", "not a line of a recording"),
        (b'{"t":"frame","at":1796090400000000,"c":"one"}\n', "not a line of a recording"),
        (b'{"t":"surprise","at":1796090400000000}\n', "not a line of a recording"),
        (Frame(at=NOW_US + 2 * 86_400_000_000, c=1, text="late"), "is not within 2026-12-01"),
        (Frame(at=0, c=1, text="never"), "is not within 2026-12-01"),
    ],
)
def test_a_bad_line_is_skipped_and_told_with_its_file_number_and_rule(
    tmp_path: Path, line: bytes | Line, rule: str
) -> None:
    file = given_lines(tmp_path, HEAD, GOOD, line, GOOD)
    found, told = lines(tmp_path)
    assert found == [HEAD, GOOD, GOOD]
    ((where, number, why),) = told
    assert (where, number) == (file, 3)
    assert rule in why


@pytest.mark.parametrize(
    ("first", "rule"),
    [
        (GOOD, "does not begin with a head"),
        (Head(at=NOW_US, version=2, day=DAY, symbols=(), calendar="xtai"), "version 2, where 1 is understood"),
    ],
)
def test_a_file_of_another_kind_is_not_read_at_all(tmp_path: Path, first: Line, rule: str) -> None:
    file = given_lines(tmp_path, first, GOOD)
    found, told = lines(tmp_path)
    assert found == []
    assert rule in told[0][2]
    with pytest.raises(ValueError, match=rule):
        head([file])


def test_members_that_were_joined_are_one_recording(tmp_path: Path) -> None:
    file = given_lines(tmp_path, HEAD, GOOD)
    file.write_bytes(file.read_bytes() + gzip.compress(encode(GOOD)))
    assert lines(tmp_path) == ([HEAD, GOOD, GOOD], [])
