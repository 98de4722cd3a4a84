"""What is listed: about sixty real names from `symbols.csv` (prices plausible, not quoted), then invented ones."""

import csv
import random
from dataclasses import dataclass
from pathlib import Path

from simulator import ticks

LISTED = Path(__file__).with_name("symbols.csv")
MOST = 2_000
DISPOSITION = 0.01  # share of invented stocks under disposition


@dataclass(frozen=True, slots=True)
class Instrument:
    """One security on one trading day; prices in cents, `board_lot` in shares."""

    symbol: str
    name: str
    name_en: str
    exchange: str
    market: str
    security_type: str
    tick_table: str
    board_lot: int
    industry: str
    reference: int
    previous_close: int
    matching_interval_s: int = 0  # a disposition stock is matched only so often

    @property
    def limits(self) -> tuple[int, int]:
        """(down, up) in cents."""
        return ticks.limits(self.tick_table, self.reference)


def cents(text: str) -> int:
    """A price as text, in cents: exact, no float between."""
    whole, _, rest = text.partition(".")
    return int(whole) * 100 + int(rest.ljust(2, "0") or 0)


def listed() -> list[Instrument]:
    """The table, most active first."""
    with LISTED.open(encoding="utf-8", newline="") as file:
        return [_instrument(row) for row in csv.DictReader(file)]


def _instrument(row: dict[str, str]) -> Instrument:
    prices = {name: cents(row.pop(name)) for name in ("reference", "previous_close")}
    return Instrument(**row | {"board_lot": int(row["board_lot"])} | prices)  # type: ignore[arg-type]


def instruments(count: int, seed: int) -> list[Instrument]:
    """`count` securities, most active first; the same for the same seed."""
    real = listed()[:count]
    taken = {each.symbol for each in real}
    codes = (str(code) for code in range(1_101, 9_999) if str(code) not in taken)
    rng = random.Random(f"symbols {seed}")
    return real + [_invented(next(codes), rng) for _ in range(count - len(real))]


def _invented(code: str, rng: random.Random) -> Instrument:
    at_twse = rng.random() < 0.55
    price = ticks.floor("stock", int(100 * 10 ** rng.uniform(0.9, 3.0)))
    dividend = ticks.step("stock", price) * rng.randint(1, 8) if rng.random() < 0.03 else 0
    return Instrument(
        symbol=code,
        name=f"模擬{code}",
        name_en=f"Simulated {code}",
        exchange="TWSE" if at_twse else "TPEx",
        market="TSE" if at_twse else "OTC",
        security_type="01",
        tick_table="stock",
        board_lot=rng.choices((1_000, 100, 200), (98, 1, 1))[0],
        industry=f"{rng.randint(1, 38):02}",
        reference=price,
        previous_close=ticks.floor("stock", price + dividend),
        matching_interval_s=300 if rng.random() < DISPOSITION else 0,
    )
