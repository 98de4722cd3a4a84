"""API_*: where to listen, which database, whose pages may connect."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from market.settings import Authority, Settings

REPOSITORY = Path(__file__).resolve().parent.parent


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

    def origins(self, port: int) -> frozenset[str]:
        """Whose pages may open a socket: the configured ones, or this machine's own page when none are."""
        own = (f"http://{host}:{port}" for host in ("127.0.0.1", "localhost", "[::1]"))
        return frozenset(self.allowed_origins or own)
