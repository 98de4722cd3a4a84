"""A recorded session as a run of its own: its folder made anew, its clock standing where the session began."""

import shutil
import time
from pathlib import Path

from infra.local.exchanges import Recorded
from infra.local.settings import absolute
from market import replay
from market.recording import RecordingError, head, parts
from market.replay import Mark

_CLOCK = "clock.ndjson"
_KEPT = ("in-use",)  # the lock that the run holds on its folder


def prepared(tape: Path, speed: float, data: Path) -> Recorded:
    """Raises RecordingError: there is no such session, or `data` holds something else than an earlier replay."""
    tape = absolute(tape)
    about = head(parts(tape))
    _empty(data)
    now_us = time.time_ns() // 1_000
    replay.add(data / _CLOCK, Mark(now_us, about.at, speed, "waiting"))
    return Recorded(tape, about, data / _CLOCK, behind_s=(now_us - about.at) / 1_000_000)


def _empty(data: Path) -> None:
    """Rows of another replay must not be taken for this one's."""
    held = [each for each in data.iterdir() if each.name not in _KEPT]
    if held and not (data / _CLOCK).exists():
        message = f"{data} is not the folder of a replay: empty it, or name another one in STOCK_INSIGHTS_DATA"
        raise RecordingError(message)
    for each in held:
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink()
