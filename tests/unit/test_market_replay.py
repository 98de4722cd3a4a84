"""A replay's clock: one time for all who read its file, which never goes back and can be read both ways."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market import replay
from market.clock import Clock, Replay
from market.replay import Mark, Marks, ReplayClock
from market.settings import EX_CONFIG, MarketSettings, load
from tests.builders import TEN

S = 1_000_000
BEGUN = 1_900_000_000 * S  # by the machine's clock; the market's stands at ten
MARKET = TEN * S


def a_clock(folder: Path, *marks: Mark) -> ReplayClock:
    file = folder / "clock.ndjson"
    for mark in marks or (Mark(BEGUN, MARKET, 10.0, "waiting"),):
        replay.add(file, mark)
    return ReplayClock(marks=Marks(file))


def test_time_waits_then_runs_then_stands(tmp_path: Path) -> None:
    clock = a_clock(
        tmp_path,
        Mark(BEGUN, MARKET, 10.0, "waiting"),
        Mark(BEGUN + 60 * S, MARKET, 10.0, "playing"),
        Mark(BEGUN + 70 * S, MARKET + 100 * S, 10.0, "ended"),
    )
    after = {60: 0, 61: 10, 65.5: 55, 70: 100}
    for machine_s, market_s in after.items():
        assert clock.market_us(BEGUN + int(machine_s * S)) == MARKET + market_s * S
    assert clock.market_us(BEGUN + 59 * S) - MARKET < 1_000
    assert clock.market_us(BEGUN + 3_670 * S) - MARKET - 100 * S < S  # an hour later


def test_whoever_reads_the_file_hears_of_a_new_mark(tmp_path: Path) -> None:
    clock = a_clock(tmp_path)
    assert clock.replay() == Replay("2026-12-01", 10.0, "waiting")
    replay.add(tmp_path / "clock.ndjson", Mark(BEGUN + S, MARKET + 7, 50.0, "playing"))
    assert clock.replay() == Replay("2026-12-01", 50.0, "playing")
    assert clock.market_us(BEGUN + 2 * S) == MARKET + 7 + 50 * S
    assert clock.pace() == 50.0


def test_half_a_mark_is_no_mark_yet(tmp_path: Path) -> None:
    clock = a_clock(tmp_path)
    with (tmp_path / "clock.ndjson").open("ab") as file:
        file.write(b'{"machine_us":1')
    assert clock.replay().state == "waiting"


STEPS = st.lists(st.tuples(st.integers(1, 3_600 * S), st.sampled_from([1.0, 2.5, 10.0, 100.0]),
                           st.sampled_from(["waiting", "playing", "paused"])), min_size=1, max_size=8)  # fmt: skip


def marks(steps: list[tuple[int, float, replay.State]]) -> list[Mark]:
    """A history as the exchange writes it: each mark where the one before it has come to."""
    found = [Mark(BEGUN, MARKET, 10.0, "waiting")]
    for after_us, speed, state in steps:
        machine_us = found[-1].machine_us + after_us
        found.append(Mark(machine_us, found[-1].market_at(machine_us), speed, state))
    return found


@given(STEPS, st.lists(st.integers(0, 20_000 * S), min_size=2))
def test_time_never_goes_back_and_is_read_both_ways(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, float, replay.State]], moments: list[int]
) -> None:
    clock = a_clock(tmp_path_factory.mktemp("clock"), *marks(steps))
    machine = [BEGUN + moment for moment in sorted(moments)]
    market = [clock.market_us(at) for at in machine]
    assert market == sorted(market)
    for at in market:
        assert abs(clock.market_us(clock.machine_us(at)) - at) <= 100  # a µs here is up to 100 there


def test_a_clock_that_is_only_shifted_is_read_both_ways() -> None:
    clock = Clock(-86_400)
    assert clock.machine_us(clock.market_us(BEGUN)) == BEGUN
    assert (clock.pace(), clock.replay()) == (1.0, None)


def test_the_setting_makes_a_replay_and_nothing_else_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_clock(tmp_path)
    monkeypatch.setenv("MARKET_REPLAY", "")
    assert not load(MarketSettings).is_replay
    monkeypatch.setenv("MARKET_REPLAY", str(tmp_path / "clock.ndjson"))
    settings = load(MarketSettings)
    assert settings.is_replay
    assert isinstance(settings.clock(), ReplayClock)


@pytest.mark.parametrize("content", [None, b"", b"{}\n", b"\xff\n"])
def test_a_file_that_is_no_clock_is_refused_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "clock").write_bytes(content)
    monkeypatch.setenv("MARKET_REPLAY", str(tmp_path / "clock"))
    with pytest.raises(SystemExit) as ended:
        load(MarketSettings)
    assert ended.value.code == EX_CONFIG
    assert "configuration: MARKET_REPLAY: " in capsys.readouterr().err
