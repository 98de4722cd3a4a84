"""Single containers, by Docker's own command line and, as root, by what the kernel has of them."""

import json
import os
import signal
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

NO_CHECK = ""  # the health of a container that has no check of it
AS_ROOT = [] if os.geteuid() == 0 else ["sudo", "-n"]


@dataclass(frozen=True)
class Container:
    """A container as it was when it was looked at."""

    identity: str
    service: str
    process: int
    started: str
    health: str
    address: str
    inspected: Mapping[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        number = self.inspected["Config"]["Labels"]["com.docker.compose.container-number"]
        return self.service if number == "1" else f"{self.service}-{number}"

    @property
    def firewall(self) -> tuple[str, ...]:
        """The command for the rules of its network."""
        return (*AS_ROOT, "nsenter", "-t", str(self.process), "-n", "iptables")

    @property
    def restarts(self) -> int:
        """How often it ended and was started again by Docker."""
        return int(self.inspected["RestartCount"])


@dataclass(frozen=True)
class Cut:
    """A cut in force, by the firewalls of one or more containers."""

    firewalls: tuple[tuple[str, ...], ...]

    def each(self, change: str, rules: Iterable[tuple[str, ...]]) -> None:
        for firewall, rule in product(self.firewalls, rules):
            run(*firewall, change, *rule)

    def dropped(self) -> int:
        """Packets until now, both ways, of the container that lost the fewest."""
        return min(sum(_dropped(run(*firewall, "-nvxL"))) for firewall in self.firewalls)


def _dropped(listed: str) -> Iterator[int]:
    for fields in map(str.split, listed.splitlines()):
        if "DROP" in fields and fields[0].isdigit():
            yield int(fields[0])


def container(identity: str) -> Container:
    (found,) = json.loads(run("docker", "inspect", identity))
    state, networks = found["State"], found["NetworkSettings"]["Networks"]
    return Container(
        identity=identity,
        service=found["Config"]["Labels"]["com.docker.compose.service"],
        process=state["Pid"],
        started=state["StartedAt"],
        health=state.get("Health", {}).get("Status", NO_CHECK),
        address=next(iter(networks.values()))["IPAddress"],
        inspected=found,
    )


def kill(containers: Mapping[str, Container]) -> None:
    """SIGKILL from outside to all at once: `docker kill` would count as a wish that they stay down."""
    run(*AS_ROOT, "kill", f"-{signal.SIGKILL}", *(str(each.process) for each in containers.values()))


def run(*command: str, env: Mapping[str, str] | None = None, seconds: float = 120) -> str:
    environment = {**os.environ, **(env or {})}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=seconds, check=False)
    assert done.returncode == 0, f"{' '.join(command[:12])} …: {done.stderr[-3_000:] or done.stdout[-3_000:]}"
    return done.stdout
