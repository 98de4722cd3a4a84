"""TCP ports on this machine: a free one, or the one asked for if nobody has it."""

import socket

import psutil

HOST = "127.0.0.1"


class PortTakenError(RuntimeError):
    """The port asked for is in use; the message says by whom where that can be seen."""


def free() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def take(port: int, what: str) -> int:
    """`port` itself, or a free one where it is 0; `PortTakenError` when it is taken."""
    if port == 0:
        return free()
    if not is_free(port):
        message = f"{what}: port {port} is taken{_holder(port)}; stop that program or choose another port"
        raise PortTakenError(message)
    return port


def first_free(start: int) -> int:
    """The first free port from `start` on, within a hundred."""
    for port in range(start, start + 100):
        if is_free(port):
            return port
    return free()


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a closed listener's old connections do not count
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _holder(port: int) -> str:
    try:
        found = [
            c.pid
            for c in psutil.net_connections("tcp")
            if c.laddr and c.laddr[1] == port and c.status == psutil.CONN_LISTEN
        ]
        program = psutil.Process(found[0]) if found and found[0] else None
        return f" by {program.name()} (process {program.pid})" if program else ""
    except psutil.Error:  # other users' processes cannot be seen by everyone
        return ""
