"""API_*: where to listen, which database, whose pages may connect."""

import re
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from api import webhooks
from market.settings import Authority, Settings

REPOSITORY = Path(__file__).resolve().parent.parent
_HOST = re.compile(r"[0-9a-z.-]+(:\d{1,5})?")


class ApiSettings(Settings):
    """Every variable is API_ and the name below; `API_MYSQL_PASSWORD_FILE` names a file instead."""

    model_config = SettingsConfigDict(env_prefix="API_")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    mysql_host: str
    mysql_port: int = Field(default=3306, ge=1, le=65_535)
    mysql_user: str
    mysql_password: SecretStr = SecretStr("")
    mysql_database: str
    mysql_reader_user: str | None = None  # who answers HTTP; none: the one above does all
    mysql_reader_password: SecretStr = SecretStr("")
    mysql_ssl_ca: Authority | None = None
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    webhook_hosts: Annotated[
        tuple[str, ...], NoDecode
    ] = ()  # those that alerts may be posted to; none: webhooks are off
    webhook_secret: SecretStr = SecretStr("")
    replay_control: str | None = None  # where the exchange that plays a recorded session listens to /api/v1/replay
    original_socket: bool = False  # the first version's socket, for clients that exist
    frontend_dir: Path = REPOSITORY / "frontend"

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _origins(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        origins = tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        wrong = [origin for origin in origins if not origin.startswith(("http://", "https://"))]
        if wrong:
            message = f"{wrong[0]!r} is not an origin; write scheme://host[:port], several separated by commas"
            raise ValueError(message)
        return origins

    @field_validator("webhook_hosts", mode="before")
    @classmethod
    def _hosts(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        hosts = tuple(part.strip().lower() for part in value.split(",") if part.strip())
        wrong = [host for host in hosts if not _HOST.fullmatch(host)]
        if wrong:
            message = f"{wrong[0]!r} is no host; write host or host:port, several separated by commas"
            raise ValueError(message)
        return hosts

    @model_validator(mode="after")
    def _is_signed(self) -> Self:
        if self.webhook_hosts:
            try:
                webhooks.key(self.webhook_secret.get_secret_value())
            except ValueError as error:
                message = f"API_WEBHOOK_SECRET, which API_WEBHOOK_HOSTS needs: {error}"
                raise ValueError(message) from error
        return self

    def origins(self, port: int) -> frozenset[str]:
        """Whose pages may open a socket: the configured ones, or this machine's own page when none are."""
        own = (f"http://{host}:{port}" for host in ("127.0.0.1", "localhost", "[::1]"))
        return frozenset(self.allowed_origins or own)
