"""INGESTOR_*: which exchange, which key, which symbols, on which plan."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AnyHttpUrl, AnyWebsocketUrl, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from market.settings import Settings

_SYMBOL = re.compile(r"[0-9A-Za-z]{1,16}").fullmatch


@dataclass(frozen=True, slots=True)
class Plan:
    """What one account may do (fugle.md §4)."""

    subscriptions: int
    connections: int
    calls_per_minute: int


PLANS = {"basic": Plan(5, 1, 60), "developer": Plan(300, 2, 600), "advanced": Plan(2_000, 2, 2_000)}


class IngestorSettings(Settings):
    """The feed's addresses, key, watch list (`2330,0050` or `@file`, a symbol a line, # comments) and plan.

    `record_folder`: where the session is recorded; none: nowhere.
    """

    model_config = SettingsConfigDict(env_prefix="INGESTOR_")

    fugle_ws_url: AnyWebsocketUrl = AnyWebsocketUrl("wss://api.fugle.tw/marketdata/v1.0/stock/streaming")
    fugle_rest_url: AnyHttpUrl = AnyHttpUrl("https://api.fugle.tw/marketdata/v1.0/stock")
    fugle_api_key: SecretStr
    symbols: Annotated[tuple[str, ...], NoDecode]
    plan: Literal["basic", "developer", "advanced"] = "basic"
    alive_file: Path | None = None
    record_folder: Path | None = None

    @field_validator("record_folder", mode="before")
    @classmethod
    def _none_if_empty(cls, given: Any) -> Any:
        return given or None

    @field_validator("symbols", mode="before")
    @classmethod
    def _listed(cls, given: Any) -> Any:
        return _watch_list(given) if isinstance(given, str) else given

    @field_validator("fugle_api_key")
    @classmethod
    def _not_empty(cls, key: SecretStr) -> SecretStr:
        if not key.get_secret_value():
            message = "is empty"
            raise ValueError(message)
        return key

    @model_validator(mode="after")
    def _within_plan(self) -> Self:
        watched, allowed = len(self.symbols), self.limits().subscriptions
        if watched > allowed:
            message = (
                f"INGESTOR_SYMBOLS names {watched} symbols, but INGESTOR_PLAN={self.plan} allows {allowed}"
                " subscriptions; shorten the list or name the larger plan"
            )
            raise ValueError(message)
        return self

    def limits(self) -> Plan:
        return PLANS[self.plan]


def _watch_list(text: str) -> tuple[str, ...]:
    """Distinct symbols in the order given."""
    if text.startswith("@"):
        text = _file(Path(text[1:]))
    symbols = tuple(dict.fromkeys(re.split(r"[,\s]+", text.strip(" ,\n\t"))))
    wrong = [symbol for symbol in symbols if not _SYMBOL(symbol)]
    if wrong:
        message = f"{wrong[0]!r} is not a symbol (1–16 letters and digits)" if wrong[0] else "names no symbol"
        raise ValueError(message)
    return symbols


def _file(path: Path) -> str:
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise ValueError(message) from error
    return "\n".join(line.split("#")[0] for line in lines)
