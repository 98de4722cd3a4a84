"""How far a client has heard, in the topics' own terms, so that any replica can go on from there. Pure.

As text it is for the client to keep and give back, not to understand: `average/0@812,bar/0@811,feed/0@96`.
"""

import re
from collections.abc import Mapping
from typing import Literal, get_args

Topic = Literal["bar", "average", "feed", "alert"]
Place = tuple[Topic, int]
Position = Mapping[Place, int]  # by topic and partition: the next offset
LONGEST = 2_000  # characters; some hundred partitions

_TOPICS: dict[str, Topic] = {topic: topic for topic in get_args(Topic)}
_PART = re.compile(rf"({'|'.join(_TOPICS)})/(\d{{1,5}})@(\d{{1,18}})")


def text(position: Position) -> str:
    return ",".join(f"{topic}/{partition}@{offset}" for (topic, partition), offset in sorted(position.items()))


def parse(given: str) -> dict[Place, int] | None:
    """The position, or None when it is none of ours."""
    found = [_PART.fullmatch(part) for part in given.split(",")]
    parts = [part for part in found if part is not None]
    position: dict[Place, int] = {_place(part): int(part[3]) for part in parts}
    return position if len(position) == len(found) else None


def of_rows(position: Position) -> Position:
    """Its part that speaks of bars and averages."""
    return {place: offset for place, offset in position.items() if place[0] in {"bar", "average"}}


def _place(part: re.Match[str]) -> Place:
    return _TOPICS[part[1]], int(part[2])
