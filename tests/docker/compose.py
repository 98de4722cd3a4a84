"""Compose projects and their containers, by Docker's own command line."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.waiting import until

ROOT = Path(__file__).parents[2]
SERVICES = ("ingestor", "api", "simulator", "spark")  # whose images are ours
UP_S = 300
BACK_S = 120
AS_ROOT = [] if os.geteuid() == 0 else ["sudo", "-n"]


@dataclass(frozen=True)
class Project:
    """Files brought up under a name, with an environment of its own."""

    name: str
    files: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)

    def compose(self, *arguments: str, seconds: float = UP_S) -> str:
        """What `docker compose …` prints; fails with what it complained about."""
        named = [part for file in self.files for part in ("-f", str(ROOT / file))]
        return run("docker", "compose", "-p", self.name, *named, *arguments, env=self.environment, seconds=seconds)

    def up(self) -> None:
        try:
            self.compose("up", "-d", "--wait", "--quiet-pull")
        except AssertionError as error:
            message = f"{error}\n{self.compose('logs', '--tail', '40')}"
            raise AssertionError(message) from error

    def down(self) -> None:
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "5")

    def running(self) -> dict[str, "Container"]:
        """The running containers by service, as they are now."""
        identities = self.compose("ps", "--quiet").split()
        return {each.service: each for each in map(container, identities)}

    @contextmanager
    def rebooted(self) -> Iterator[None]:
        """The host's power fails: inside, everything is dead or just coming back; afterwards all of it runs again."""
        before = self.running()
        kill(before)
        yield
        until(lambda: self._came_back(before), f"{self.name}: every container is back", BACK_S)

    def _came_back(self, before: Mapping[str, "Container"]) -> bool:
        now = self.running()
        return now.keys() == before.keys() and all(
            each.started != before[service].started and each.health == "healthy" for service, each in now.items()
        )


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

    @contextmanager
    def cut_off(self, port: int, *, own: bool = False) -> Iterator["Cut"]:
        """All that it exchanges with a port (its own: with its clients) is dropped, by rules in its own network."""
        cut = Cut((*AS_ROOT, "nsenter", "-t", str(self.process), "-n", "iptables"))
        out, back = ("--sport", "--dport") if own else ("--dport", "--sport")
        rules = [
            (chain, "-p", "tcp", end, str(port), "-j", "DROP") for chain, end in (("OUTPUT", out), ("INPUT", back))
        ]
        for rule in rules:
            run(*cut.inside, "-I", *rule)
        try:
            yield cut
        finally:
            for rule in rules:
                run(*cut.inside, "-D", *rule)


@dataclass(frozen=True)
class Cut:
    """A cut in force."""

    inside: tuple[str, ...]

    def dropped(self) -> int:
        """Packets until now, both ways."""
        listed = (line.split() for line in run(*self.inside, "-nvxL").splitlines())
        return sum(int(fields[0]) for fields in listed if "DROP" in fields and fields[0].isdigit())


def container(identity: str) -> Container:
    (found,) = json.loads(run("docker", "inspect", identity))
    state, networks = found["State"], found["NetworkSettings"]["Networks"]
    return Container(
        identity=identity,
        service=found["Config"]["Labels"]["com.docker.compose.service"],
        process=state["Pid"],
        started=state["StartedAt"],
        health=state.get("Health", {}).get("Status", ""),
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


def gateway() -> str:
    """This machine's address on Docker's default bridge: it can be reached from every project's network."""
    return run("docker", "network", "inspect", "bridge", "-f", "{{(index .IPAM.Config 0).Gateway}}").strip()
