"""What `make replay` prepares: a clock at the session's beginning, a folder of its own, services told what they are."""

import gzip
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.local import replay
from infra.local.__main__ import arguments
from infra.local.settings import ROOT
from infra.topics import topic_config
from market.recording import Frame, Head, RecordingError, encode
from market.replay import Marks
from market.topics import FEED, SYMBOLS, TRADES
from tests.builders import DAY, TEN

AT_US = TEN * 1_000_000
DAY_MS = 86_400_000


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    head = Head(at=AT_US, version=1, day=DAY, symbols=("2330", "0050"), calendar="xtai")
    lines = encode(head) + encode(Frame(at=AT_US, c=1, text="{}"))
    (tmp_path / f"{DAY}.001.ndjson.gz").write_bytes(gzip.compress(lines))
    return tmp_path / DAY.isoformat()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "in-use").write_text("1\n")
    return folder


def test_the_clock_stands_where_the_session_began(tape: Path, data: Path) -> None:
    exchange = replay.prepared(tape, 20.0, data)
    (mark,) = Marks(exchange.clock).all()
    assert (mark.market_us, mark.speed, mark.state) == (AT_US, 20.0, "waiting")
    assert exchange.ahead_s() == pytest.approx((AT_US - mark.machine_us) / 1e6)


def test_every_service_is_told_of_the_replay_and_reads_nothing_of_the_real_exchange(
    tape: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMULATOR_API_KEY", "simulated")
    told = replay.prepared(tape, 10.0, data).environment(8_500)
    assert told["MARKET_REPLAY"] == str(data / "clock.ndjson")
    assert (told["MARKET_CALENDAR"], told["INGESTOR_SYMBOLS"]) == ("xtai", "2330,0050")
    assert (told["SIMULATOR_MODE"], told["SIMULATOR_TAPE"]) == ("replay", str(tape))
    assert told["INGESTOR_RECORD_FOLDER"] == ""
    assert told["SIMULATOR_BEGIN"] == "when_told"
    assert told["INGESTOR_FUGLE_WS_URL"].startswith("ws://127.0.0.1:8500/")
    assert told["INGESTOR_FUGLE_REST_URL"].startswith("http://127.0.0.1:8500/")


def test_a_replay_begins_with_nothing_of_another_one(tape: Path, data: Path) -> None:
    replay.prepared(tape, 10.0, data)
    (data / "kafka").mkdir()
    (data / "kafka" / "log").write_text("rows of another replay")
    replay.prepared(tape, 50.0, data)
    assert sorted(each.name for each in data.iterdir()) == ["clock.ndjson", "in-use"]
    assert [mark.speed for mark in Marks(data / "clock.ndjson").all()] == [50.0]


def test_a_folder_of_something_else_is_not_touched(tape: Path, data: Path) -> None:
    (data / "thesis.txt").write_text("years of work")
    with pytest.raises(RecordingError, match="is not the folder of a replay: empty it, or name another one"):
        replay.prepared(tape, 10.0, data)
    assert (data / "thesis.txt").read_text() == "years of work"
    assert not (data / "clock.ndjson").exists()


def test_without_a_recording_nothing_is_touched_either(tape: Path, data: Path) -> None:
    (data / "clock.ndjson").write_text("{}")
    with pytest.raises(RecordingError, match="no such recording"):
        replay.prepared(tape.with_name("2026-12-02"), 10.0, data)
    assert (data / "clock.ndjson").exists()


def test_the_broker_keeps_the_records_of_a_session_long_ago() -> None:
    for topic in (TRADES, FEED):
        assert topic_config(topic, -30.5 * 86_400)["retention.ms"] == str(38 * DAY_MS)
    assert topic_config(TRADES, 0.0) == TRADES.config()
    assert topic_config(SYMBOLS, -30.5 * 86_400) == SYMBOLS.config()


@pytest.mark.parametrize("speed", ["0.5", "101", "nan", "fast"])
def test_a_speed_out_of_range_is_refused(speed: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments(["replay", "--tape", "var/recordings/2026-12-01", "--speed", speed])
    assert "--speed" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize(("given", "speed"), [((), "10"), (("SPEED=25",), "25")])
def test_the_documented_command_asks_for_the_replay(given: tuple[str, ...], speed: str) -> None:
    asked = ["make", "-n", "--no-print-directory", "PYTHON=python3", "replay", "TAPE=var/recordings/2026-12-01", *given]
    said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True, timeout=20).stdout
    command = shlex.split(said.partition("-m infra.local ")[2])
    assert vars(arguments(command)) == {
        "command": "replay", "tape": Path("var/recordings/2026-12-01"), "speed": float(speed),
    }  # fmt: skip
