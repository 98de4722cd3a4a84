"""What an alert looks for, each as one comparison (docs/api.md: alerts). Pure."""

from decimal import Decimal

from api.alert_rules import AverageRule, PriceRule
from api.hops import MUTE_S, STALE_S
from market.messages import Average, FeedStatus

_US = 1_000_000


def reached(rule: PriceRule | AverageRule, before: Decimal, now: Decimal) -> bool:
    """From the one side of the level (of averages: of 0) to it or beyond."""
    level = rule.level if isinstance(rule, PriceRule) else Decimal(0)
    return before < level <= now if rule.direction == "up" else before > level >= now


def difference(average: Average, rule: AverageRule) -> Decimal | None:
    """Fast less slow; None where one of them is missing."""
    values: dict[int, Decimal | None] = {5: average.sma_5, 10: average.sma_10, 15: average.sma_15}
    fast, slow = values[rule.fast], values[rule.slow]
    return None if fast is None or slow is None else fast - slow


def lost_since_us(status: FeedStatus, now_us: int) -> int | None:
    """From when on the feed is lost, by the stamps of its last status; None: it is well, or nothing is known.

    Of these alone, so that every replica finds the same moment, and a restarted one does again.
    """
    alive_us = status.alive_through_us
    if not status.connected or alive_us is None:
        return alive_us
    losses = [alive_us + int(MUTE_S) * _US]
    if now_us - status.at_us > STALE_S * _US:  # it speaks once a second
        losses.append(status.at_us)
    return next((each for each in sorted(losses) if each <= now_us), None)
