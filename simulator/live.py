"""Drives the market by the clock: prints are stamped and sent in the same moment, day after day."""

import asyncio
import logging
from dataclasses import replace
from typing import Never

from market.calendar import trading_day
from simulator.exchange import Exchange
from simulator.market import Market
from simulator.plan import Plan
from simulator.symbols import Instrument

SHORTEST_S, LONGEST_S = 0.001, 0.05  # the wait between two looks at the market

log = logging.getLogger("simulator")


def opened(instruments: list[Instrument], plan: Plan, exchange: Exchange) -> Market:
    """Today's market: continued where the ledger left it, or new."""
    day = trading_day(exchange.clock.now_us())
    market = Market(instruments, plan, day)
    begun = exchange.ledger.begun(day.isoformat())
    if begun is None:
        exchange.open_day(day, instruments)
        return market
    known = [_priced(each, begun.prices.get(each.symbol)) for each in instruments]
    market = Market(known, plan, day, again=exchange.ledger.size)
    exchange.day = day
    exchange.instruments = {each.symbol: each for each in known}
    for each in exchange.ledger.restored(market.start_us, market.end_us):
        exchange.remember(each)
        market.resume(each)
    log.info("day_continued day=%s prints=%d", day, exchange.ledger.prints)
    return market


def _priced(instrument: Instrument, prices: tuple[int, int] | None) -> Instrument:
    return replace(instrument, reference=prices[0], previous_close=prices[1]) if prices else instrument


async def trade(market: Market, exchange: Exchange) -> Never:
    """Trade for ever, once told to begin; at Taipei midnight a new day begins with serials and volumes from 1."""
    clock = exchange.clock
    await exchange.trading.wait()
    market.start(clock.now_us())
    while True:
        now = clock.now_us()
        if now >= market.end_us:
            exchange.publish(market.step(market.end_us - 1))
            market = _next_day(market, exchange, now)
        if exchange.trading.is_set() and (prints := market.step(now)):
            exchange.publish(prints)
        await asyncio.sleep(min(LONGEST_S, max(SHORTEST_S, (market.next_us() - now) / 1e6)))


def _next_day(market: Market, exchange: Exchange, now_us: int) -> Market:
    instruments, day = market.tomorrow(), trading_day(now_us)
    exchange.open_day(day, instruments)
    following = Market(instruments, market.plan, day)
    following.start(now_us)
    log.info("day_opened day=%s", day)
    return following
