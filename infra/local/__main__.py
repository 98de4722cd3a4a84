"""`python -m infra.local …`: the whole pipeline on this machine, or one part of it."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local import alone, doctor, parts
from infra.local.folder import FolderInUseError, held
from infra.local.pins import PartError
from infra.local.ports import PortTakenError, first_free, take
from infra.local.settings import LocalSettings
from infra.local.supervisor import ServiceLostError
from infra.local.waiting import StartError
from market.recording import RecordingError
from market.replay import FASTEST
from market.settings import load

if TYPE_CHECKING:
    from infra.local.exchanges import Exchange

_PAGE_PORT = 8_000
_REFUSALS = (PartError, PortTakenError, StartError, FolderInUseError, ServiceLostError, RecordingError)


def pipeline(given: argparse.Namespace, settings: LocalSettings) -> int:
    """An exchange (`demo`: simulated, `replay`: recorded, `local`: the environment's), and everything behind it."""
    from infra.local import demo, feed, replay  # noqa: PLC0415 - what one part alone does not need
    from infra.local.exchanges import Simulated  # noqa: PLC0415
    from infra.local.pipeline import Plan  # noqa: PLC0415

    if given.command == "local":
        feed.require()
    with held(settings.data_dir(given.command)) as data:
        port = settings.page_port
        page_port = take(port, "the page (STOCK_INSIGHTS_PAGE_PORT)") if port else first_free(_PAGE_PORT)
        ready = parts.all_parts(settings.cache_dir)
        exchange: Exchange | None = Simulated() if given.command == "demo" else None
        if given.command == "replay":
            exchange = replay.prepared(given.tape, given.speed, data)
        asyncio.run(demo.run(Plan(data, settings.cache_dir, page_port, ready, exchange)))
    return 0


def kafka(given: argparse.Namespace, settings: LocalSettings) -> int:
    with held(given.data):
        asyncio.run(alone.kafka(given.data, given.port, settings.cache_dir))
    return 0


def database(given: argparse.Namespace, settings: LocalSettings) -> int:
    with held(given.data):
        asyncio.run(alone.database(given.data, given.port, settings.cache_dir))
    return 0


def lock(_: argparse.Namespace, settings: LocalSettings) -> int:
    settings.cache_dir.mkdir(parents=True, exist_ok=True)
    parts.relock(settings.cache_dir, lambda line: sys.stderr.write(f"{line}\n"))
    return 0


def examine(_: argparse.Namespace, settings: LocalSettings) -> int:
    return asyncio.run(doctor.run(settings))


_COMMANDS: dict[str, tuple[Callable[[argparse.Namespace, LocalSettings], int], str]] = {
    "demo": (pipeline, "the simulated exchange and the whole pipeline, until Ctrl-C"),
    "local": (pipeline, "the whole pipeline against the feed named in the environment, until Ctrl-C"),
    "replay": (pipeline, "a recorded session through a pipeline of its own, SPEED times as fast, until Ctrl-C"),
    "kafka": (kafka, "a broker alone; one JSON line when ready, until SIGTERM"),
    "database": (database, "a database alone; one JSON line when ready, until SIGTERM"),
    "doctor": (examine, "each dependency and address as seen from here, with the mend"),
    "lock": (lock, "resolve the parts anew and write parts.lock"),
}


def _speed(text: str) -> float:
    speed = float(text)
    if not 1 <= speed <= FASTEST:
        message = f"{text} is not between 1 and {FASTEST}"
        raise argparse.ArgumentTypeError(message)
    return speed


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, text) in _COMMANDS.items():
        one = commands.add_parser(name, help=text)
        if name in ("kafka", "database"):
            one.add_argument("--port", type=int, default=0, help="0: a free one")
            one.add_argument("--data", type=Path, required=True, help="the folder that survives it")
        if name == "replay":
            one.add_argument(
                "--tape", type=Path, required=True, help="a day, as in var/recordings/2026-12-01, or a file"
            )
            one.add_argument("--speed", type=_speed, default=10.0, help=f"1 to {FASTEST}")
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    given = arguments(argv)
    try:
        return _COMMANDS[given.command][0](given, load(LocalSettings))
    except _REFUSALS as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    except KeyboardInterrupt:  # before there was a loop to stop in order
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
