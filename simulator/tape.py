"""Given frames, sent step by step when told to; numbers are written with the digits they have in the file."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from market.calendar import trading_day
from simulator.exchange import Exchange
from simulator.prints import Print

_encode = msgspec.json.Encoder(decimal_format="number").encode


class Step(NamedTuple):
    """One step of a tape."""

    name: str
    prints: list[Print]


def read(path: Path) -> list[Step]:
    """The steps of a tape file: `{"steps": [{"name": …, "send": [data object, …]}, …]}`."""
    content = json.loads(path.read_text("utf-8"), parse_float=Decimal)
    return [Step(each.get("name", ""), [printed(data) for data in each["send"]]) for each in content["steps"]]


def printed(data: dict[str, Any]) -> Print:
    """A data object as a print; fields that are missing or wrong do not matter to the one who sends them."""
    return Print(
        symbol=str(data.get("symbol", "")),
        odd=data.get("type") == "ODDLOT",
        trial=data.get("isTrial") is True,
        time=whole(data.get("time")),
        serial=whole(data.get("serial")),
        size=whole(data.get("size")),
        body=_encode(data),
    )


def whole(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0


@dataclass(slots=True)
class Tape:
    """The place in a tape."""

    steps: list[Step]
    done: int = 0

    def day(self) -> date:
        """The trading day the tape plays on: that of its first time."""
        return trading_day(next((each.time for step in self.steps for each in step.prints if each.time), 0))

    def next(self, exchange: Exchange) -> dict[str, Any]:
        """Send the next step to all subscribers; what was sent, or `step` null at the end of the tape."""
        if self.done == len(self.steps):
            return {"step": None, "sent": 0, "of": len(self.steps)}
        step = self.steps[self.done]
        self.done += 1
        for each in step.prints:
            exchange.publish([each])
        return {"step": self.done, "sent": len(step.prints), "of": len(self.steps), "name": step.name}
