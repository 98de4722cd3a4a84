"""Whether the exchange's counter proves a second, and which trades its bar was made of. Pure."""

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

import msgspec

from market.messages import KINDS_IN_BARS, Bar, Trade

ProofState = Literal["sealed", "open", "broken", "unknown"]


class Around(NamedTuple):
    """A second's bar and its neighbours of the same trading day; `before` None: it is the day's first."""

    before: Bar | None
    bar: Bar | None
    after: Bar | None


class Copy(NamedTuple):
    """A record of a trade and where it stands in `trades`."""

    trade: Trade
    partition: int
    offset: int


def proof(around: Around) -> dict[str, Any]:
    """Lots missing before, inside and after, null where a counter is not known.

    Sealed: nothing can be missing. Open: nothing is, but no later bar has said so yet.
    """
    before, bar, after = around
    stood = before.day_volume if before else 0
    inside = None
    missing = []
    if bar is not None:
        inside = _missing(None if bar.prior_volume is None else bar.prior_volume + bar.volume, bar.day_volume)
        missing += [_missing(stood, bar.prior_volume), inside]
        stood = bar.day_volume
    behind = _missing(stood, after.prior_volume) if after else None
    missing += [behind] if after else []
    return {
        "state": _state(missing, is_followed=after is not None),
        "before": {"second": before and before.second, "day_volume": before.day_volume if before else 0,
                   "missing_lots": missing[0] if bar else None},
        "inside": None if bar is None else {"missing_lots": inside},
        "after": after and {"second": after.second, "prior_volume": after.prior_volume, "missing_lots": behind},
    }  # fmt: skip


def _missing(counted: int | None, counter: int | None) -> int | None:
    return None if counted is None or counter is None else counter - counted


def _state(missing: Iterable[int | None], *, is_followed: bool) -> ProofState:
    found = list(missing)
    if any(found):
        return "broken"
    if None in found:
        return "unknown"
    return "sealed" if is_followed else "open"


def trades(copies: Iterable[Copy]) -> list[dict[str, Any]]:
    """Each trade once, by (time, serial): the first record of it is the one that counts, the others are its repeats."""
    of_trade: dict[tuple[bool, int], list[Copy]] = {}
    for copy in sorted(copies, key=lambda each: (each.partition, each.offset)):
        of_trade.setdefault((copy.trade.kind == "odd_lot", copy.trade.serial), []).append(copy)
    found = sorted(of_trade.values(), key=lambda each: (each[0].trade.time, each[0].trade.serial))
    return [{**_fields(each[0].trade), **_record(each[0]), "repeats": list(map(_record, each[1:]))} for each in found]


def counted(found: Iterable[dict[str, Any]]) -> int:
    """How many of `trades` count in a bar."""
    return sum(1 for each in found if each["counts"])


def _fields(trade: Trade) -> dict[str, Any]:
    names = ("serial", "kind", "price", "size", "volume", "bid", "ask")
    return {"time_us": trade.time, "counts": trade.kind in KINDS_IN_BARS} | {
        name: getattr(trade, name) for name in names
    }


def _record(copy: Copy) -> dict[str, Any]:
    return {"source": copy.trade.source, "received_us": copy.trade.received_us, "partition": copy.partition,
            "offset": copy.offset}  # fmt: skip


def revision(bar: Bar, at_us: int, offset: int) -> dict[str, Any]:
    """A version of a bar and when it was published."""
    return {"at_us": at_us, "offset": offset} | msgspec.structs.asdict(bar)
