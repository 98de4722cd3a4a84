"""SIMULATOR_*: every setting of the simulated exchange."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from market.settings import Settings
from simulator.account import PlanName
from simulator.exchange import Resend
from simulator.faults import orders
from simulator.rest import parameters
from simulator.symbols import MOST

Mode = Literal["live", "day", "tape", "replay"]


class SimulatorSettings(Settings):
    """`live` trades at any hour, `day` keeps the exchange's timetable, `tape` sends given frames when told to.

    `replay` plays a recorded session by the clock of MARKET_REPLAY, and owns that clock.
    """

    model_config = SettingsConfigDict(env_prefix="SIMULATOR_")

    host: str = "127.0.0.1"
    port: int = Field(default=8500, ge=0, le=65_535)
    mode: Mode = "live"
    api_key: SecretStr = SecretStr("simulated")
    plan: PlanName = "advanced"
    seed: int = 1
    begin: Literal["at_once", "when_told"] = "at_once"  # told by /control/begin
    rate: float = Field(default=100.0, gt=0, le=20_000)  # regular prints a second over all symbols, on average
    symbols: int = Field(default=60, ge=1, le=MOST)
    tape: Path | None = None
    ledger: Path | None = None  # none: kept only as long as the process lives
    resend_last: Resend = "data"
    heartbeat_s: float = Field(default=30.0, gt=0)
    auth_timeout_s: float = Field(default=60.0, gt=0)
    pause_every_s: float = Field(default=180.0, ge=0)  # 0: no volatility pauses
    pause_lasts_s: float = Field(default=20.0, gt=0)
    faults: str = ""  # in force from the start, written as for /control/fault: swallow=0.01&late=0.05&after=5
    queue_bytes: int = Field(default=16 * 1024 * 1024, ge=1_024)  # unread by one client before it is cut off

    @field_validator("faults")
    @classmethod
    def _known_faults(cls, value: str) -> str:
        if value:
            orders(parameters(value))
        return value

    @model_validator(mode="after")
    def _has_its_tape(self) -> Self:
        if self.mode in ("tape", "replay") and self.tape is None:
            message = f"SIMULATOR_MODE={self.mode} needs SIMULATOR_TAPE, the file with the frames"
            raise ValueError(message)
        return self
