"""A firing as it is told, the same bytes to sockets and webhooks. Pure."""

from decimal import Decimal
from typing import Literal

import msgspec

from api.alerts import Firing
from market.messages import encode


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What fired, for a second of the market's clock; `id` is the same wherever, and however often, it is told.

    `before` and `now`: the last price before and the one that reached `level`; of averages `fast` less `slow`; of a gap
    the missing lots are in `now`. Null where there is nothing to say.
    """

    id: str
    alert: int
    second: int
    rule: Literal["price", "average", "gap", "stale"]
    symbol: str | None = None
    direction: Literal["up", "down"] | None = None
    level: Decimal | None = None
    fast: int | None = None
    slow: int | None = None
    after_s: int | None = None
    before: Decimal | None = None
    now: Decimal | None = None


def told(firing: Firing) -> bytes:
    """The message's JSON: nothing of who is told by a webhook, and where."""
    rule = firing.alert.rule.model_dump(exclude={"type", "cool_down_s", "webhook"})
    data = Told(
        id=f"{firing.alert.id}-{firing.second}",
        alert=firing.alert.id,
        second=firing.second,
        rule=firing.alert.rule.type,
        before=firing.before,
        now=firing.now,
        **rule,
    )
    return b'{"type":"alert","data":' + encode(data) + b"}"
