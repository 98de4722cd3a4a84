"""The REST interface of a session that is played: what it told then, and of the trades what has been printed by now."""

from dataclasses import dataclass, field
from http import HTTPStatus

from simulator.rest import Answer, Query, Rest, error, success
from simulator.symbols import Instrument


@dataclass(slots=True)
class RecordedRest(Rest):
    """`told`: recorded answers that hold now, by what was asked for (`ticker/2330`)."""

    told: dict[str, bytes] = field(default_factory=dict)

    async def _resource(self, path: str, query: Query) -> Answer:
        asked = self._asked(path)
        if asked in self.told:
            return Answer(HTTPStatus.OK, self.told[asked])
        match asked.split("/"):
            case ["trades", symbol] if one := self.exchange.instruments.get(symbol):
                return success(self._trades(one, query))
            case ["quote", symbol] if one := self.exchange.instruments.get(symbol):
                return await self._total(one)
        return error(HTTPStatus.NOT_FOUND, "Resource Not Found")

    async def _total(self, one: Instrument) -> Answer:
        """Of a quote only what the trades say."""
        quote = self._quotes[self.exchange.day.isoformat(), one.symbol]
        await quote.catch_up(self.exchange.ledger, one.symbol)
        if quote.last is None:
            return success(self._head(one))
        volume = quote.lots if quote.volume is None else quote.volume
        total = {"tradeVolume": volume, "transaction": quote.trades, "time": quote.last.time}
        return success(self._head(one) | {"total": total})
