"""Compose projects, by Docker's own command line."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.docker.containers import NO_CHECK, Container, Cut, container, kill, run
from tests.waiting import until

ROOT = Path(__file__).parents[2]
SERVICES = ("ingestor", "api", "simulator", "spark")  # whose images are ours
UP_S = 300
BACK_S = 120


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
            raise self.said_last(error) from error

    def said_last(self, error: AssertionError) -> AssertionError:
        """The failure, with the last that its containers logged."""
        return AssertionError(f"{error}\n{self.compose('logs', '--no-color', '--tail', '40')}")

    def down(self) -> None:
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "5")

    def running(self) -> dict[str, Container]:
        """The running containers as they are now, by service; a further replica of one by service and number."""
        return {each.name: each for each in map(container, self.compose("ps", "--quiet").split())}

    def replicas(self, service: str) -> list[Container]:
        """Its running containers."""
        return [each for each in self.running().values() if each.service == service]

    def seen(self) -> dict[str, str]:
        """What Docker tells of each container, ended ones too, and what they logged."""
        every = [container(identity) for identity in self.compose("ps", "--all", "--quiet").split()]
        return {f"inspect {each.name}": str(each.inspected) for each in every} | {
            f"logs {each.name}": run("sh", "-c", 'docker logs "$0" 2>&1', each.identity) for each in every
        }

    @contextmanager
    def rebooted(self) -> Iterator[None]:
        """The host's power fails: inside, everything is dead or just coming back; afterwards all of it runs again."""
        before = self.running()
        kill(before)
        yield
        until(lambda: self._came_back(before), f"{self.name}: every container is back", BACK_S)

    def _came_back(self, before: Mapping[str, Container]) -> bool:
        now = self.running()
        return now.keys() == before.keys() and all(
            each.started != before[name].started and each.health in {"healthy", NO_CHECK} for name, each in now.items()
        )

    @contextmanager
    def cut_off(self, service: str, port: int, *, own: bool = False) -> Iterator[Cut]:
        """All that a service exchanges with a port (its own: with its clients) is dropped, in its own networks."""
        out, back = ("--sport", "--dport") if own else ("--dport", "--sport")
        rules = [
            (chain, "-p", "tcp", end, str(port), "-j", "DROP") for chain, end in (("OUTPUT", out), ("INPUT", back))
        ]
        cut = Cut(tuple(each.firewall for each in self.replicas(service)))
        assert cut.firewalls, f"{self.name}: no {service} runs"
        cut.each("-I", rules)
        try:
            yield cut
        finally:
            cut.each("-D", rules)


def gateway() -> str:
    """This machine's address on Docker's default bridge: it can be reached from every project's network."""
    return run("docker", "network", "inspect", "bridge", "-f", "{{(index .IPAM.Config 0).Gateway}}").strip()
