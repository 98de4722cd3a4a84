"""Ports and folders: what is taken is refused with who has it."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local import ports
from infra.local.folder import FolderInUseError, held
from infra.local.settings import ROOT


@pytest.fixture
def listener() -> socket.socket:
    with socket.socket() as taken:
        taken.bind((ports.HOST, 0))
        taken.listen()
        yield taken


def test_a_taken_port_is_refused_with_its_holder(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    with pytest.raises(ports.PortTakenError, match=rf"Kafka: port {port} is taken by .* \(process {os.getpid()}\)"):
        ports.take(port, "Kafka")


def test_the_next_port_is_offered_where_the_first_is_taken(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    assert ports.first_free(port) != port


def test_a_port_that_is_free_is_taken_as_asked() -> None:
    port = ports.free()
    assert ports.take(port, "the page") == port


def test_a_folder_is_held_by_one_run_at_a_time(tmp_path: Path) -> None:
    other = f"""
from pathlib import Path
from infra.local.folder import held
with held(Path({str(tmp_path)!r})):
    print('held', flush=True)
    input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", other], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(FolderInUseError, match=f"in use by process {process.pid}"), held(tmp_path):
            pass
        process.communicate("\n")
    with held(tmp_path):
        assert (tmp_path / "in-use").read_text() == f"{os.getpid()}\n"
