"""Exchanges of our own in the real one's place: the simulated one, or one that plays a recorded session again."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx

from infra.local import ports, services
from infra.local.service import Service
from market.recording import Head
from market.settings import MarketSettings, load
from simulator.settings import SimulatorSettings
from simulator.symbols import instruments

_ASK_S = 5.0


class Exchange(Protocol):
    """What the pipeline needs to know of one."""

    def environment(self, port: int) -> Mapping[str, str]:
        """What every service is told, the exchange itself on `port` too."""

    def service(self, run: services.Run, port: int) -> Service: ...

    def ahead_s(self) -> float:
        """How far its clock may be ahead of this machine's; negative: behind it."""

    async def begin(self, port: int) -> None:
        """All else is ready."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """Trades at any hour, with its own key and all that it lists."""

    def environment(self, port: int) -> Mapping[str, str]:
        exchange = load(SimulatorSettings)
        symbols = [each.symbol for each in instruments(exchange.symbols, exchange.seed)]
        return _told(port, symbols, exchange) | {"MARKET_CALENDAR": "always"}

    def service(self, run: services.Run, port: int) -> Service:
        return services.simulator(run, port)

    def ahead_s(self) -> float:
        return load(MarketSettings).clock_offset_s

    async def begin(self, port: int) -> None:
        """It does so by itself, or is told to by whoever asked for that (SIMULATOR_BEGIN)."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Plays `tape` by the clock in the file `clock`; `behind_s`: how long ago it was recorded."""

    tape: Path
    head: Head
    clock: Path
    behind_s: float

    def environment(self, port: int) -> Mapping[str, str]:
        return _told(port, self.head.symbols, load(SimulatorSettings)) | {
            "MARKET_CALENDAR": self.head.calendar,
            "MARKET_REPLAY": str(self.clock),
            "API_REPLAY_CONTROL": f"http://{ports.HOST}:{port}/control/replay",
            "SIMULATOR_MODE": "replay",
            "SIMULATOR_TAPE": str(self.tape),
            "SIMULATOR_BEGIN": "when_told",
            "SIMULATOR_FAULTS": "",
            "INGESTOR_RECORD_FOLDER": "",
        }

    def service(self, run: services.Run, port: int) -> Service:
        return services.simulator(run, port, start_s=600)  # it reads the whole tape first

    def ahead_s(self) -> float:
        return -self.behind_s

    async def begin(self, port: int) -> None:
        """Nothing is played before it can be seen."""
        async with httpx.AsyncClient(timeout=_ASK_S, trust_env=False) as client:
            (await client.get(f"http://{ports.HOST}:{port}/control/begin")).raise_for_status()


def _told(port: int, symbols: tuple[str, ...] | list[str], exchange: SimulatorSettings) -> dict[str, str]:
    feed = services.simulated_feed(port, exchange.api_key.get_secret_value(), list(symbols))
    return feed | {"SIMULATOR_HOST": ports.HOST}
