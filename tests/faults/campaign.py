"""A schedule of kills under load, each followed to its healing, and what it all came to."""

import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.screen import Screen
from tests.e2e.stack import Stack
from tests.faults.aims import Aims
from tests.faults.book import Book
from tests.faults.healing import Healing
from tests.faults.victims import Victims

ROLES = ("ingestor", "broker", "Spark's JVM", "API", "database")
RESTED_S = 21.0  # the supervisor takes five deaths within 20 seconds each for a service that cannot run
LATEST_S = 60
NOBODY = "nobody"


@dataclass(frozen=True)
class Heal:
    """A fault and the seconds until every row around it was right."""

    role: str
    aim: str
    seconds: float


@dataclass
class Campaign:
    """Kills by a seed; every one proves that it landed before it counts."""

    stack: Stack
    screen: Screen
    say: Callable[[str], None]
    seed: int = 1
    heals: list[Heal] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._book = Book(self.stack.ledger)
        self._victims = Victims(self.stack)
        self._aims = Aims(self.stack, self._victims, self._book)
        self._healing = Healing(self.stack, self.screen, self._book)
        self._died_s: dict[str, float] = {}

    def run(self, schedule: Iterable[tuple[str, bool]]) -> None:
        """Roles to kill, one after the other, and whether aimed; `NOBODY`: a look at how it is without a fault."""
        for number, (role, is_aimed) in enumerate(schedule, 1):
            self._disturb()
            time.sleep(self._random.uniform(0.5, 2.0))
            heal = self._look() if role == NOBODY else self._kill(role, is_aimed=is_aimed)
            self.heals.append(heal)
            self.say(f"{number:3d} {heal.role}: healed after {heal.seconds:.1f} s{f' ({heal.aim})' * bool(heal.aim)}")

    def _disturb(self) -> None:
        """2 % swallowed, 5 % doubled, 1 % late by up to a minute, how late anew each time."""
        late_s = self._random.uniform(1, LATEST_S)
        self.stack.exchange(f"/control/fault?swallow=0.02&duplicate=0.05&late=0.01&after={late_s:.1f}")

    def _look(self) -> Heal:
        """How long rows take to be right without any fault of ours: the feed's own faults are in it."""
        return Heal(NOBODY, "", self._healing.seconds(time.time_ns() // 1_000))

    def _kill(self, role: str, *, is_aimed: bool) -> Heal:
        time.sleep(max(0.0, self._died_s.get(role, -RESTED_S) + RESTED_S - time.monotonic()))
        kill = self._aims.by_role[role]() if is_aimed else self._victims.kill(role)
        seconds = self._healing.seconds(kill.at_us)
        self._victims.successor(kill)
        self._died_s[role] = time.monotonic()
        return Heal(role, kill.aim, seconds)

    def kills(self) -> int:
        return sum(heal.role != NOBODY for heal in self.heals)

    def close(self) -> None:
        self._book.close()


def schedule(kills: int, seed: int) -> Iterator[tuple[str, bool]]:
    """Roles in random order, as often as each other, every third time aimed; now and then nobody."""
    chance = random.Random(seed)
    count: Counter[str] = Counter()
    while (left := kills - count.total()) > 0:
        for role in chance.sample(ROLES, len(ROLES))[:left]:
            count[role] += 1
            yield role, count[role] % 3 == 2
        if count.total() % 2 == 0:
            yield NOBODY, False


def table(heals: list[Heal]) -> list[dict[str, object]]:
    """For each role: kills, how many of them aimed, seconds to heal: the median, the ninth tenth, the worst."""
    rows = []
    for role in (*ROLES, NOBODY):
        seconds = sorted(heal.seconds for heal in heals if heal.role == role)
        if seconds:
            aimed = sum(bool(heal.aim) for heal in heals if heal.role == role)
            p90 = seconds[int(0.9 * (len(seconds) - 1))]
            figures = {"p50_s": statistics.median(seconds), "p90_s": p90, "max_s": seconds[-1]}
            rows.append({"role": role, "kills": len(seconds), "aimed": aimed} | figures)
    return rows


def save(path: Path, result: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
