"""What can be made to go wrong on purpose. Each fault counts how often it landed, so that a test can prove it did."""

import math
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from websockets.frames import EXTERNAL_CLOSE_CODES

SHARES = ("swallow", "duplicate", "late", "rest_429", "rest_500")  # a probability, 0 to 1
SWITCHES = (  # on (1) or off (0)
    "mute", "silent", "upgrade_404", "extra_fields", "code_in_data", "cut_in_auth", "cut_in_subscribe",
)  # fmt: skip
STROKES = ("close", "drop", "tear", "unknown_event")  # once, on every connection
NO_STATUS = 1005
NAMES = SHARES + SWITCHES + STROKES


@dataclass(slots=True)
class Fault:
    """One fault in force: its share or switch, and the loop time at which it ends."""

    value: float
    until: float
    after_s: float = 0.0


@dataclass(slots=True)
class Faults:
    """The faults in force. Time is the caller's monotonic clock in seconds."""

    rng: random.Random = field(default_factory=lambda: random.Random(0))
    landed: Counter[str] = field(default_factory=Counter)
    active: dict[str, Fault] = field(default_factory=dict)

    def set(self, name: str, fault: Fault) -> None:
        """Put a fault in force; value 0 ends it."""
        if fault.value:
            self.active[name] = fault
        else:
            self.active.pop(name, None)

    def strikes(self, name: str, now: float) -> Fault | None:
        """The fault, if it is in force and hits this time (counted)."""
        fault = self.active.get(name)
        if fault is None:
            return None
        if now >= fault.until:
            del self.active[name]
            return None
        if fault.value < 1 and self.rng.random() >= fault.value:
            return None
        self.landed[name] += 1
        return fault

    def count(self, name: str, times: int = 1) -> None:
        """A one-stroke fault landed on so many connections."""
        self.landed[name] += times

    def state(self) -> dict[str, object]:
        """For `/control/stats`."""
        return {"active": {name: fault.value for name, fault in self.active.items()}, "landed": dict(self.landed)}


class Order(NamedTuple):
    """A fault as it is asked for: `seconds` long; `after_s` is how late a late print comes."""

    name: str
    value: float
    seconds: float
    after_s: float


def orders(query: Mapping[str, str]) -> list[Order]:
    """The faults in `swallow=0.1&seconds=60`, `late=0.05&after=5`, `close=1001`, …; 0 ends one.

    ValueError says what is wrong.
    """
    names = [name for name in query if name in NAMES]
    if not names:
        message = f"name a fault: {', '.join(NAMES)}"
        raise ValueError(message)
    seconds = _number(query, "seconds", math.inf)
    return [Order(name, _value(query, name), seconds, _number(query, "after", 1.0)) for name in names]


def _number(query: Mapping[str, str], name: str, default: float) -> float:
    text = query.get(name, "")
    try:
        value = float(text) if text else default
    except ValueError:
        value = math.nan
    if math.isnan(value) or value < 0 or (text and math.isinf(value)):
        message = f"{name} is a number"
        raise ValueError(message)
    return value


def _value(query: Mapping[str, str], name: str) -> float:
    value = _number(query, name, 0)
    if name in SHARES and value > 1:
        message = f"{name} is a probability between 0 and 1"
        raise ValueError(message)
    if name == "close" and int(value) not in (NO_STATUS, *EXTERNAL_CLOSE_CODES, *range(3_000, 5_000)):
        message = "close is a close code a server may send, or 1005 for a close frame without a code"
        raise ValueError(message)
    return value
