"""`python -m api.storage`: partitions by day, candles of days that are over, and the end of days past their keep."""

import asyncio
import logging
import signal
import sys

from api import mysql
from api.settings import ApiSettings
from api.storage.keeper import Keeper
from api.storage.partitions import Wish
from api.storage.settings import StorageSettings
from market import log
from market.calendar import trading_day
from market.links import RefusedError
from market.settings import EX_CONFIG, MarketSettings, load

AGAIN_S = 10  # after a look that the database cut short: after a reboot it is the slower to start


async def main(database: ApiSettings, storage: StorageSettings, market: MarketSettings) -> bool:
    """Looks once, or again and again until SIGTERM; whether the last look came to its end."""
    keeper, logger = Keeper(mysql.options(database)), logging.getLogger("storage")
    over, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    while True:
        today = trading_day(market.clock().now_us())
        try:
            await keeper.look(Wish(market.calendar(), today, storage.keep_days, storage.ahead_days))
        except mysql.FAILURES as error:
            if not mysql.is_passing(error):
                raise mysql.final(error) from error
            logger.warning("storage.failed error=%r: what is left is done at the next look", error)
            done = False
        else:
            done = True
            logger.info("storage.kept today=%s", today)
            if storage.alive_file is not None:
                storage.alive_file.touch()
        pause_s = storage.every_s if done else min(storage.every_s, AGAIN_S)
        if pause_s == 0 or await _waited(over, pause_s):
            return done


async def _waited(over: asyncio.Event, seconds: float) -> bool:
    """Whether it is over before these seconds have passed."""
    try:
        async with asyncio.timeout(seconds):
            await over.wait()
    except TimeoutError:
        return False
    return True


def run() -> int:
    logger = log.configure("storage")
    settings = load(ApiSettings), load(StorageSettings), load(MarketSettings)
    try:
        return 0 if asyncio.run(main(*settings)) else 1
    except RefusedError as error:
        logger.critical("storage.refused %s", error)
        return EX_CONFIG


if __name__ == "__main__":
    sys.exit(run())
