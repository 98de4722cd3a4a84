"""Settings from the environment or secret files; a wrong one stops the process with its name, the rule and the mend."""

import os
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, Self, TypeVar

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from market.calendar import Calendar, CalendarName
from market.clock import Clock
from market.replay import Marks, ReplayClock

EX_CONFIG = 78  # sysexits.h: the fault is in the configuration; a restart will not help


class Settings(BaseSettings):
    """Base of every settings class: any NAME may be given as NAME_FILE, the path of a file that holds the value."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _from_files(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        for name in cls.model_fields:
            variable = cls.variable(name)
            path = os.environ.get(f"{variable}_FILE")
            if path and name not in values:
                values[name] = _secret(variable, path)
        return values

    @classmethod
    def variable(cls, field: str) -> str:
        """Environment variable of a field."""
        return f"{cls.model_config.get('env_prefix', '')}{field}".upper()


def _secret(variable: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except OSError as error:
        message = f"{variable}_FILE={path} cannot be read: {error.strerror}; name a file that this process may read"
        raise ValueError(message) from error


def _authority(path: Path) -> Path:
    """Looked at when the process starts: later it would be one more reason for a connection that fails."""
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:  # an SSLError is one too
        reason = "holds no certificate" if isinstance(error, ssl.SSLError) else f"cannot be read: {error.strerror}"
        message = f"{path} {reason}; name the PEM file of the authority that signed the server's certificate (ca.crt)"
        raise ValueError(message) from error
    return path


Authority = Annotated[Path, AfterValidator(_authority)]


class KafkaSettings(Settings):
    """KAFKA_*: how to reach the broker; SASL_SSL when `security_protocol` says so."""

    model_config = SettingsConfigDict(env_prefix="KAFKA_")

    bootstrap: str
    security_protocol: Literal["PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    security_ca: Authority | None = None
    security_user: str | None = None
    security_password: SecretStr | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = ("security_ca", "security_user", "security_password")
        missing = [self.variable(name) for name in needed if not getattr(self, name)]
        if self.security_protocol == "SASL_SSL" and missing:
            message = f"KAFKA_SECURITY_PROTOCOL=SASL_SSL needs {', '.join(missing)} too"
            raise ValueError(message)
        return self

    @property
    def password(self) -> str:
        """The user's password, bare; empty when there is none."""
        return self.security_password.get_secret_value() if self.security_password else ""

    def client(self, **options: str | float | bool) -> dict[str, Any]:
        """A librdkafka configuration with `options` (dots as underscores) added."""
        own: dict[str, Any] = {"bootstrap.servers": self.bootstrap, "security.protocol": self.security_protocol}
        if self.security_protocol == "SASL_SSL":
            own |= {
                "sasl.mechanism": "SCRAM-SHA-512",
                "sasl.username": self.security_user,
                "sasl.password": self.password,
                "ssl.ca.location": str(self.security_ca),
            }
        return own | {name.replace("_", "."): value for name, value in options.items()}


def _none_if_empty(given: Any) -> Any:
    return None if given == "" else given


def _replays_clock(file: Path | None) -> Path | None:
    """Looked at when the process starts, like an authority."""
    try:
        if file is not None:
            Marks(file)
    except (OSError, ValueError) as error:
        message = f"{file}: {error}; it is written by `make replay`: unset it for anything else"
        raise ValueError(message) from error
    return file


class MarketSettings(Settings):
    """Clock and calendar, the same for every service of one run; `market_replay`: the file of a replay's clock."""

    clock_offset_s: float = 0.0
    market_calendar: CalendarName = "xtai"
    market_closed_days: str = ""
    market_replay: Annotated[Path | None, BeforeValidator(_none_if_empty), AfterValidator(_replays_clock)] = None

    @property
    def is_replay(self) -> bool:
        """Whether all this has happened before: nobody is to be alarmed."""
        return self.market_replay is not None

    def clock(self) -> Clock:
        return ReplayClock(marks=Marks(self.market_replay)) if self.market_replay else Clock(self.clock_offset_s)

    def calendar(self) -> Calendar:
        return Calendar.named(self.market_calendar, self.market_closed_days)


S = TypeVar("S", bound=Settings)


def load(settings: type[S], given: Mapping[str, Any] | None = None) -> S:
    """The settings, or the end of the process with one line per wrong variable."""
    try:
        return settings(**(given or {}))
    except ValidationError as error:
        refuse(settings, error)


def refuse(settings: type[Settings], error: ValidationError) -> NoReturn:
    """Say which variables are wrong and why, without their values, and exit 78."""
    for problem in error.errors(include_url=False, include_input=False):
        where = settings.variable(str(problem["loc"][0])) if problem["loc"] else settings.__name__
        sys.stderr.write(f"configuration: {where}: {problem['msg']} (every variable stands in .env.example)\n")
    sys.exit(EX_CONFIG)
