"""The REST interface: answers to GETs under /marketdata/v1.0/stock (fugle.md 3.2, 3.3)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote

import msgspec

from simulator.exchange import Exchange
from simulator.ledger import Board
from simulator.quote import Quote
from simulator.symbols import Instrument

BASE = "/marketdata/v1.0/stock"
MOST_ROWS = 500
_encode = msgspec.json.Encoder(decimal_format="number").encode


class Answer(NamedTuple):
    """Status and JSON body."""

    status: int
    body: bytes


class Query(dict[str, str]):
    """Request parameters, the last of each name; what is absent is the empty string."""

    def __missing__(self, name: str) -> str:
        return ""

    def whole(self, name: str, default: int) -> int:
        """A whole number ≥ 0; anything else is the default."""
        value = self[name]
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else default


def split(target: str) -> tuple[str, Query]:
    """Path and parameters of a request target."""
    path, _, query = target.partition("?")
    return unquote(path), parameters(query)


def parameters(query: str) -> Query:
    """The part after the question mark."""
    return Query({name: values[-1] for name, values in parse_qs(query).items()})


def error(status: int, message: str) -> Answer:
    return Answer(status, _encode({"statusCode": status, "message": message}))


def success(content: Any) -> Answer:
    return Answer(200, _encode(content))


@dataclass(slots=True)
class Rest:
    """Answers from the exchange's ledger and reference data."""

    exchange: Exchange
    _quotes: dict[tuple[str, str], Quote] = field(default_factory=lambda: defaultdict(Quote))

    async def answer(self, target: str, headers: Mapping[str, str]) -> Answer:
        """One call: the key first, then the plan's calls a minute, then the resource."""
        path, query = split(target)
        exchange = self.exchange
        if exchange.account.key not in (headers.get("X-API-KEY"), _bearer(headers)):
            return error(401, "Unauthorized")
        if not exchange.account.admits_call(exchange.clock.now_us()) or exchange.strikes("rest_429"):
            return error(429, "Rate limit exceeded")
        if exchange.strikes("rest_500"):
            return error(500, "Internal Server Error")
        return await self._resource(path, query)

    async def _resource(self, path: str, query: Query) -> Answer:
        match self._asked(path).split("/"):
            case ["tickers"]:
                return success(self._tickers(query))
            case ["trades", symbol] if one := self.exchange.instruments.get(symbol):
                return success(self._trades(one, query))
            case ["ticker", symbol] if one := self.exchange.instruments.get(symbol):
                return success(self._ticker(one))
            case ["quote", symbol] if one := self.exchange.instruments.get(symbol):
                return success(await self._quote(one))
        return error(404, "Resource Not Found")

    @staticmethod
    def _asked(path: str) -> str:
        return path.removeprefix(f"{BASE}/intraday/")

    def _head(self, one: Instrument, kind: str = "EQUITY") -> dict[str, Any]:
        return {
            "date": self.exchange.day.isoformat(),
            "type": kind,
            "exchange": one.exchange,
            "market": one.market,
            "symbol": one.symbol,
        }

    def _trades(self, one: Instrument, query: Query) -> dict[str, Any]:
        odd = query["type"] == "oddlot"
        bodies = self.exchange.ledger.bodies(
            Board(one.symbol, odd, query["isTrial"] == "true"),
            query.whole("offset", 0),
            min(MOST_ROWS, query.whole("limit", MOST_ROWS)),
            oldest_first=query["sort"] == "asc",
        )
        return self._head(one, "ODDLOT" if odd else "EQUITY") | {"data": [msgspec.Raw(_row(body)) for body in bodies]}

    def _ticker(self, one: Instrument) -> dict[str, Any]:
        down, up = one.limits
        return self._head(one) | {
            "name": one.name,
            "nameEn": one.name_en,
            "industry": one.industry,
            "securityType": one.security_type,
            "previousClose": _price(one.previous_close),
            "referencePrice": _price(one.reference),
            "limitUpPrice": _price(up),
            "limitDownPrice": _price(down),
            "canDayTrade": True,
            "canBuyDayTrade": True,
            "matchingInterval": one.matching_interval_s,
            "securityStatus": "NORMAL",
            **({"isDisposition": True} if one.matching_interval_s else {}),
            "boardLot": one.board_lot,
            "tradingCurrency": "TWD",
        }

    async def _quote(self, one: Instrument) -> dict[str, Any]:
        totals = self._quotes[self.exchange.day.isoformat(), one.symbol]
        await totals.catch_up(self.exchange.ledger, one.symbol)
        return (
            self._head(one)
            | {"name": one.name, "referencePrice": _price(one.reference), "previousClose": _price(one.previous_close)}
            | totals.fields(one)
        )

    def _tickers(self, query: Query) -> dict[str, Any]:
        kind = query["type"] or "EQUITY"
        wanted = {name: query[name] for name in ("exchange", "market", "industry") if query[name]}
        chosen = self.exchange.instruments.values() if kind in ("EQUITY", "ODDLOT") else ()
        rows = [
            {"symbol": one.symbol, "name": one.name}
            for one in chosen
            if all(getattr(one, name) == value for name, value in wanted.items())
        ]
        return {"date": self.exchange.day.isoformat(), "type": kind} | wanted | {"data": rows}


def _bearer(headers: Mapping[str, str]) -> str | None:
    return headers.get("Authorization", "").removeprefix("Bearer ") or None


def _price(cents: int) -> Decimal:
    return Decimal(cents) / 100


def _row(body: bytes) -> bytes:
    """A print as a REST row: the symbol, type, exchange and market stand once, at the top of the answer."""
    names: dict[str, msgspec.Raw] = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    return _encode({name: value for name, value in names.items() if name not in _AT_TOP})


_AT_TOP = ("symbol", "type", "exchange", "market")
