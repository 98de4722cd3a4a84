"""The supervisor, over tiny children: gates, deaths, restarts, order of stopping, and nothing left behind."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from infra.local import steps
from infra.local.process import Command
from infra.local.service import Service
from infra.local.settings import ROOT
from infra.local.supervisor import Patience, ServiceLostError, Supervisor
from infra.local.waiting import StartError

_DEADLINE_S = 20.0
_SLEEPER = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text('up'); time.sleep(600)"
_STUBBORN = (
    "import pathlib, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "pathlib.Path(sys.argv[1]).write_text('up'); time.sleep(600)"
)
_LAST_WORDS = "import sys; sys.exit('my last words')"
_DIARY = (
    "import pathlib, signal, sys, time; name = pathlib.Path(sys.argv[1])\n"
    "def stop(*_):\n    open(name.parent / 'diary', 'a').write(name.name + '\\n'); sys.exit(0)\n"
    "signal.signal(signal.SIGTERM, stop); name.write_text('up'); time.sleep(600)"
)
QUICK = Patience(quick_s=5, deaths=3, first_pause_s=0.01, longest_pause_s=0.02)


def a_service(folder: Path, name: str = "sleeper", program: str = _SLEEPER, **options: float) -> Service:
    up = folder / name
    command = Command(
        name, (sys.executable, "-c", program, str(up)), folder / f"{name}.log", stop_s=options.pop("stop_s", 10)
    )

    async def ready() -> bool:
        return up.exists()

    return Service(command, ready, "its file", before=lambda: up.unlink(missing_ok=True), **options)


def children() -> list[psutil.Process]:
    return [p for p in psutil.Process().children(recursive=True) if "-c" in p.cmdline()]


def is_alive(process: psutil.Process) -> bool:
    """An ended process that nobody has collected yet is not alive."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _DEADLINE_S
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        await asyncio.sleep(0.02)


def test_a_service_is_ready_when_its_gate_says_so_and_gone_after(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Supervisor(print) as supervisor:
            await supervisor.start(a_service(tmp_path))
            assert (tmp_path / "sleeper").read_text() == "up"
            assert len(children()) == 1
        assert children() == []

    asyncio.run(scenario())


def test_a_service_that_never_becomes_ready_is_ended_and_named(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Supervisor(print) as supervisor:
            with pytest.raises(StartError, match=r"mute: waited 0 s in vain for its file"):
                await supervisor.start(a_service(tmp_path, "mute", "import time; time.sleep(600)", start_s=0.3))
            assert children() == []

    asyncio.run(scenario())


def test_a_service_that_dies_at_once_is_refused_with_its_last_words(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Supervisor(print) as supervisor:
            with pytest.raises(StartError, match=r"ended with code 1 before its file[\s\S]*my last words"):
                await supervisor.start(a_service(tmp_path, "dead", _LAST_WORDS))

    asyncio.run(scenario())


def test_a_service_that_dies_is_started_again_and_it_is_said(tmp_path: Path) -> None:
    async def scenario() -> None:
        said: list[str] = []
        async with Supervisor(said.append, QUICK) as supervisor:
            await supervisor.start(a_service(tmp_path))
            first = children()[0].pid
            os.kill(first, signal.SIGKILL)
            await until(lambda: any("is up again" in line for line in said), "the restart")
            assert "sleeper ended with code -9; starting it again" in said[0]
            assert children()[0].pid != first

    asyncio.run(scenario())


def test_a_service_that_keeps_dying_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    brief = _SLEEPER.replace("time.sleep(600)", "time.sleep(0.2); sys.exit('my last words')")

    async def scenario() -> None:
        async with Supervisor(print, QUICK) as supervisor:
            await supervisor.start(a_service(tmp_path, "brief", brief))
            with pytest.raises(ServiceLostError, match=r"3 times in a row[\s\S]*my last words"):
                await asyncio.wait_for(supervisor.lost(), _DEADLINE_S)

    asyncio.run(scenario())


def test_services_stop_in_the_reverse_order_of_their_start(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Supervisor(print) as supervisor:
            for name in ("first", "second", "third"):
                await supervisor.start(a_service(tmp_path, name, _DIARY))

    asyncio.run(scenario())
    assert (tmp_path / "diary").read_text().split() == ["third", "second", "first"]


def test_a_given_order_of_stopping_goes_before_the_order_of_starting(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Supervisor(print, order=("keeper", "writer")) as supervisor:
            for name in ("writer", "keeper"):
                await supervisor.start(a_service(tmp_path, name, _DIARY))

    asyncio.run(scenario())
    assert (tmp_path / "diary").read_text().split() == ["writer", "keeper"]


def test_who_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Supervisor(print) as supervisor:
            await supervisor.start(a_service(tmp_path, program=_STUBBORN, stop_s=0.2))
        assert children() == []

    asyncio.run(scenario())


def test_a_second_request_to_stop_spares_nobody_the_wait(tmp_path: Path) -> None:
    async def scenario() -> None:
        began = time.monotonic()
        async with Supervisor(print) as supervisor:
            await supervisor.start(a_service(tmp_path, program=_STUBBORN, stop_s=60))
            asyncio.get_running_loop().call_later(0.1, supervisor.stop_at_once)
        assert children() == []
        assert time.monotonic() - began < _DEADLINE_S

    asyncio.run(scenario())


def test_a_grandchild_goes_with_its_parent(tmp_path: Path) -> None:
    parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {_STUBBORN!r}, sys.argv[1]]).wait()"

    async def scenario() -> None:
        async with Supervisor(print) as supervisor:
            await supervisor.start(a_service(tmp_path, program=parent, stop_s=0.5))
            assert len(children()) == 2
            family = children()
        await until(lambda: not any(map(is_alive, family)), "the end of both")

    asyncio.run(scenario())


def test_a_killed_supervisor_leaves_nobody_behind(tmp_path: Path) -> None:
    program = f"""
import asyncio, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from test_infra_supervisor import _STUBBORN, a_service
from infra.local.supervisor import Supervisor
async def main():
    async with Supervisor(print) as supervisor:
        await supervisor.start(a_service(Path({str(tmp_path)!r}), 'one'))
        await supervisor.start(a_service(Path({str(tmp_path)!r}), 'two', _STUBBORN))
        print('up', flush=True)
        await asyncio.sleep(600)
asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline() == "up\n"
        family = psutil.Process(supervisor.pid).children(recursive=True)
        assert len(family) == 3, "two services and the guard"
        supervisor.kill()
    asyncio.run(until(lambda: not any(map(is_alive, family)), "the end of all that it had started"))


def test_a_step_begins_when_what_it_needs_is_done() -> None:
    order: list[str] = []

    def a_step(name: str, *after: str) -> steps.Step:
        async def run() -> None:
            order.append(name)

        return steps.Step(name, run, after)

    asyncio.run(steps.run([a_step("c", "b"), a_step("b", "a"), a_step("a")], lambda _: None))
    assert order == ["a", "b", "c"]


def test_the_first_step_that_fails_ends_the_others_with_its_own_error() -> None:
    async def fails() -> None:
        message = "no broker"
        raise StartError(message)

    async def waits() -> None:
        await asyncio.sleep(600)

    with pytest.raises(StartError, match="no broker"):
        asyncio.run(steps.run([steps.Step("a", fails), steps.Step("b", waits)], lambda _: None))
