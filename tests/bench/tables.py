"""A database for a measure, and rows like those of a session to put into it."""

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from api import mysql
from api.settings import ApiSettings
from market.messages import Average, Bar
from tests.api_builders import a_bar, an_average
from tests.integration.api_stack import Database


def settings(tables: Database) -> dict[str, Any]:
    """What the API's settings are given to reach it."""
    return {name.removeprefix("API_").lower(): value for name, value in tables.environment.items()}


def options(tables: Database) -> dict[str, Any]:
    return mysql.options(ApiSettings(**settings(tables)))


def rows(symbols: int, seconds: int, begin: int = 0) -> Iterator[Bar | Average]:
    """Every symbol's bar and average of every second from `begin` after ten on, as they come: second by second."""
    chance = random.Random(1)
    for at in range(begin, begin + seconds):
        for number in range(symbols):
            symbol, trades = f"{1_000 + number}", chance.randrange(1, 40)
            yield _bar(symbol, at, trades, chance)
            means: dict[str, Any] = {
                f"sma_{window}": Decimal(chance.randrange(100_000, 10_000_000)) / 10_000 for window in (5, 10, 15)
            }
            yield an_average(at, trades * 9, symbol=symbol, count_10=2, count_15=3, **means)


def _bar(symbol: str, at: int, trades: int, chance: random.Random) -> Bar:
    """All at one price, as the vwap has to be right."""
    before = chance.randrange(1_000_000)
    price = f"{chance.randrange(1_000, 200_000) / 20:.2f}"
    return a_bar(at, trades, price, symbol=symbol, prior_volume=before, day_volume=before + trades)
