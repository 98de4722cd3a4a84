"""Pins: what is fetched is exactly what was pinned, or it is not used."""

import ssl
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.local import parts, pins, trust
from infra.local.elf import loaded_bytes, without_sections
from infra.local.pins import PartError, Pin


def a_file(folder: Path, content: bytes = b"as published") -> tuple[Path, Pin]:
    file = folder / "thing-1.0.jar"
    file.write_bytes(content)
    return file, pins.pin("group:thing:1.0", file)


def test_a_file_as_pinned_is_accepted(tmp_path: Path) -> None:
    _, pin = a_file(tmp_path)
    pins.verify((pin,), tmp_path)


def test_a_file_of_the_right_size_with_another_content_is_refused(tmp_path: Path) -> None:
    file, pin = a_file(tmp_path)
    file.write_bytes(b"as tampered.")
    with pytest.raises(PartError, match=r"group:thing:1\.0.*not the pinned file"):
        pins.verify((pin,), tmp_path)


def test_a_file_that_did_not_arrive_is_named(tmp_path: Path) -> None:
    file, pin = a_file(tmp_path)
    file.unlink()
    with pytest.raises(PartError, match=r"thing-1\.0\.jar did not arrive"):
        pins.verify((pin,), tmp_path)


def test_the_lock_file_pins_every_root_and_nothing_twice() -> None:
    lock = pins.read()
    assert set(lock) == set(parts.ROOTS)
    for name, roots in parts.ROOTS.items():
        coordinates = [pin.coordinate for pin in lock[name]]
        assert set(roots) <= set(coordinates)
        assert len({pin.file for pin in lock[name]}) == len(coordinates)


def test_the_lock_file_holds_the_connectors_own_jars_and_no_second_copy_of_sparks() -> None:
    assert {pin.coordinate.split(":")[1] for pin in pins.read()["spark-kafka"]} == set(parts.CONNECTOR_OWN)


def test_a_lock_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    lock = {"part": (a_file(tmp_path)[1],)}
    pins.write(lock, tmp_path / "parts.lock")
    assert pins.read(tmp_path / "parts.lock") == lock


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"part": [{"coordinate": "a:b:1", "file": "x"}]}',
     '{"part": [{"coordinate": "a:b:1", "file": "../x", "size": 1, "sha256": "%s"}]}' % ("0" * 64)],
)  # fmt: skip
def test_a_damaged_lock_file_is_refused_with_the_mend(tmp_path: Path, text: str) -> None:
    (tmp_path / "parts.lock").write_text(text)
    with pytest.raises(PartError, match="restore it"):
        pins.read(tmp_path / "parts.lock")


def test_a_part_that_fails_its_check_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def tampered(_: object, work: Path, __: object) -> Path:
        (work / "ivy").mkdir(parents=True)
        (work / "files").mkdir()
        for pin in pins.read()["spark-kafka"]:
            (work / "files" / pin.file).write_bytes(b"tampered")
        return work / "files"

    monkeypatch.setattr(parts.ivy, "fetch", tampered)
    with pytest.raises(PartError, match="not the pinned file"):
        parts.ensure(["spark-kafka"], tmp_path)
    assert not list(tmp_path.glob("parts/*"))
    assert not (tmp_path / "fetching").exists()


def an_elf(segments: list[tuple[int, int, int]]) -> bytes:
    """A 64-bit header and program headers (kind, offset, size), with a section table far behind."""
    head = (
        b"\x7fELF\x02\x01"
        + bytes(10)
        + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 9_999, 0, 64, 56, len(segments), 64, 3, 2)
    )
    return head + b"".join(
        struct.pack("<IIQQQQQQ", kind, 5, offset, 0, 0, size, size, 16) for kind, offset, size in segments
    )


def test_of_a_program_what_ends_last_of_its_loaded_segments_is_kept() -> None:
    assert loaded_bytes(an_elf([(1, 0, 500), (1, 600, 300), (0x6474E551, 5_000, 100)])) == 900
    assert loaded_bytes(b"#!/bin/sh\n") is None


def test_a_shortened_program_points_to_no_section_table() -> None:
    head = without_sections(an_elf([(1, 0, 500)]))
    assert struct.unpack_from("<Q", head, 0x28) == (0,)
    assert struct.unpack_from("<HH", head, 0x3C) == (0, 0)


def test_several_fetches_at_once_make_one_trust_store(tmp_path: Path) -> None:
    bundle = ssl.get_default_verify_paths().cafile
    if bundle is None:
        pytest.skip("this machine has no certificate bundle")
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(trust.machines_own, [tmp_path] * 8))
    assert len(answers) == 1
    assert [file.suffix for file in tmp_path.iterdir()] == [".p12"]
