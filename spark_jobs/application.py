"""The streaming application: opens, watches and closes trading days."""

from datetime import date, timedelta
from pathlib import Path

from market.clock import Clock
from spark_jobs.days import due, is_over
from spark_jobs.engine import Engine, TradingDay, prune, reject_query


def known_days(checkpoints: Path) -> dict[date, bool]:
    """Days with a checkpoint, and whether they are closed."""
    folders = checkpoints.glob("????-??-??")
    return {date.fromisoformat(folder.name): (folder / "closed").exists() for folder in folders}


class Application:
    """The open days, by the clock."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._open: dict[date, TradingDay] = {}
        self._rejects = reject_query(engine)

    def tick(self) -> None:
        """Open what is due, close what is over; raises what a query died of."""
        now_us, settings = self._clock.now_us(), self._engine.settings
        for day in due(known_days(settings.spark_checkpoints), now_us):
            if day not in self._open:
                self._open[day] = TradingDay(self._engine, day)
        for day, running in list(self._open.items()):
            if is_over(day, now_us, settings.grace) and running.drained():
                self._open.pop(day).close()
                prune(settings.spark_checkpoints, day - timedelta(days=settings.spark_keep_days))
        self._check()

    def stop(self) -> None:
        for day in self._open.values():
            day.stop()
        self._rejects.stop()

    def _check(self) -> None:
        for query in (self._rejects, *(query for day in self._open.values() for query in day.queries)):
            failure = query.exception()
            if failure is not None:
                raise failure
            if not query.isActive:
                message = f"query {query.name} ended by itself"
                raise RuntimeError(message)
