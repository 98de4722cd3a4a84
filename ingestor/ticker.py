"""Reference data of one symbol, from the exchange's answer to `/intraday/ticker/{symbol}` (fugle.md §3.2). Pure."""

from datetime import date
from decimal import Decimal

import msgspec

from market.messages import SymbolInfo

_OK, _CLIENT_ERRORS = 200, range(400, 500)
_MAY_CHANGE = (401, 408, 429)  # not what the exchange knows of the symbol
_NO_LIMITS = (Decimal("9999.95"), Decimal("0.01"))  # what stands where a security has no daily limit


class _Ticker(msgspec.Struct, rename="camel"):
    day: date | None = msgspec.field(name="date", default=None)
    name: str | None = None
    name_en: str | None = None
    exchange: str | None = None
    market: str | None = None
    security_type: str | None = None
    reference_price: Decimal | None = None
    previous_close: Decimal | None = None
    limit_up_price: Decimal | None = None
    limit_down_price: Decimal | None = None
    board_lot: int | None = None


_decode = msgspec.json.Decoder(_Ticker).decode


def symbol_info(symbol: str, today: date, status: int, body: bytes) -> SymbolInfo | None:
    """What an answer says; all null where the exchange does not know the symbol; None where asking again may help."""
    if status in _CLIENT_ERRORS and status not in _MAY_CHANGE:
        return unknown(symbol, today)
    if status != _OK:
        return None
    try:
        return _info(symbol, today, _decode(body))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def unknown(symbol: str, today: date) -> SymbolInfo:
    """Nothing is known of the symbol today."""
    return SymbolInfo(symbol=symbol, trading_day=today.isoformat())


def _info(symbol: str, today: date, found: _Ticker) -> SymbolInfo:
    limits = (found.limit_up_price, found.limit_down_price)
    limit_up, limit_down = (None, None) if limits == _NO_LIMITS else limits
    return SymbolInfo(
        symbol=symbol,
        trading_day=(found.day or today).isoformat(),
        name=found.name,
        name_en=found.name_en,
        exchange=found.exchange,
        market=found.market,
        security_type=found.security_type,
        reference_price=found.reference_price,
        previous_close=found.previous_close,
        limit_up=limit_up,
        limit_down=limit_down,
        board_lot=found.board_lot,
    )
