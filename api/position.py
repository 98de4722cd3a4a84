"""How far a client has heard, in the topics' own terms, so that any replica can go on from there. Pure.

As text it is for the client to keep and give back, not to understand: `average/0@812,bar/0@811`.
"""

import re
from collections.abc import Mapping

from api.records import Kind

Place = tuple[Kind, int]
Position = Mapping[Place, int]  # by kind and partition: the next offset
LONGEST = 2_000  # characters; some hundred partitions

_PART = re.compile(r"(bar|average)/(\d{1,5})@(\d{1,18})")


def text(position: Position) -> str:
    return ",".join(f"{kind}/{partition}@{offset}" for (kind, partition), offset in sorted(position.items()))


def parse(given: str) -> dict[Place, int] | None:
    """The position, or None when it is none of ours."""
    found = [_PART.fullmatch(part) for part in given.split(",")]
    parts = [part for part in found if part is not None]
    position: dict[Place, int] = {_place(part): int(part[3]) for part in parts}
    return position if len(position) == len(found) else None


def _place(part: re.Match[str]) -> Place:
    return ("bar" if part[1] == "bar" else "average"), int(part[2])
