"""What can be asked to be told of, and an alert as it stands (docs/api.md: alerts). Pure."""

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, WithJsonSchema, model_validator

from api.checks import LARGEST_PRICE
from market.messages import encode

SHORTEST_COOL_DOWN_S, LONGEST_COOL_DOWN_S = 10, 86_400
HOLDS_AFTER_S = 2  # by then every replica has read it, so that all of them fire for the same seconds
Direction = Literal["up", "down"]


def _exact(value: object) -> object:
    """A JSON number as the decimal that was written: 15 digits survive the way through a float."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Decimal(repr(value)) if is_number else value


Level = Annotated[
    Decimal,
    BeforeValidator(_exact),
    Field(gt=0, lt=LARGEST_PRICE, decimal_places=4),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": int(LARGEST_PRICE)}),
]
Symbol = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,16}$")]


class _Rule(BaseModel):
    """`cool_down_s`: fires again, but not within so many seconds of the market's clock; null: once.

    `webhook`: where each firing is posted, if the server's settings know its host.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    cool_down_s: int | None = Field(default=None, ge=SHORTEST_COOL_DOWN_S, le=LONGEST_COOL_DOWN_S)
    webhook: str | None = Field(default=None, min_length=1, max_length=500)


class PriceRule(_Rule):
    """The price reaches `level`: the last trade before was short of it, and one of this second is at it or beyond."""

    type: Literal["price"]
    symbol: Symbol
    direction: Direction
    level: Level


class AverageRule(_Rule):
    """The average of `fast` seconds reaches that of `slow`: was on one side of it, and is at it or beyond.

    Judged once the second has settled, and only if nothing can be missing in either window.
    """

    type: Literal["average"]
    symbol: Symbol
    direction: Direction
    fast: Literal[5, 10]
    slow: Literal[10, 15]

    @model_validator(mode="after")
    def _is_ordered(self) -> "AverageRule":
        if self.fast >= self.slow:
            message = "fast must be shorter than slow"
            raise ValueError(message)
        return self


class GapRule(_Rule):
    """Trades of a symbol are found to be missing. What remains of a gap that is being repaired is not told again."""

    type: Literal["gap"]
    symbol: Symbol


class StaleRule(_Rule):
    """Nothing has been heard of the exchange for `after_s` seconds while the market is open, or the feed is down."""

    type: Literal["stale"]
    after_s: int = Field(default=10, ge=5, le=3_600)

    @property
    def symbol(self) -> None:
        """It is about all of them."""
        return


Rule = PriceRule | AverageRule | GapRule | StaleRule
RULES: tuple[type[BaseModel], ...] = (PriceRule, AverageRule, GapRule, StaleRule)
_adapter: TypeAdapter[Rule] = TypeAdapter(Annotated[Rule, Field(discriminator="type")])


def parse(text: bytes | str) -> Rule:
    """A rule from its JSON; `pydantic.ValidationError` says what is wrong with it."""
    return _adapter.validate_json(text)


def text(rule: Rule) -> bytes:
    """Its JSON, as `parse` reads it and as it is shown: what was not asked for is null or its default."""
    fields = rule.model_dump()
    return encode({name: fields[name] for name in ("type", *fields)})


@dataclass(slots=True)
class Alert:
    """A rule in force. `created_s`, `fired_second`: of the market's clock; `owner`: the hash of its maker's word."""

    id: int
    owner: str
    rule: Rule
    created_s: int
    fired_second: int | None = None
    fires: int = 0

    def may_fire(self, second: int) -> bool:
        """Whether it holds by then, and is neither used up nor cooling down."""
        if second <= self.created_s + HOLDS_AFTER_S:
            return False
        if self.fired_second is None:
            return True
        return self.rule.cool_down_s is not None and second >= self.fired_second + self.rule.cool_down_s

    def json(self) -> bytes:
        """As HTTP shows it to its owner."""
        second = "null" if self.fired_second is None else self.fired_second
        head = f'{{"id":{self.id},"created":{self.created_s},"fired":{second},"fires":{self.fires},"rule":'
        return head.encode() + text(self.rule) + b"}"


def owner(word: str) -> str:
    """What is kept of the word by which somebody knows his alerts: who reads the table cannot use it."""
    return hashlib.sha256(word.encode()).hexdigest()
