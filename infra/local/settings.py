"""Where parts are kept and where a run keeps its data; which certificates the machine trusts."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from market.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def absolute(folder: Path) -> Path:
    """Children run in the project's folder, whatever ours is."""
    return folder.expanduser().resolve()


class LocalSettings(Settings):
    """STOCK_INSIGHTS_*: `cache` holds downloads, shared by all checkouts; `data` is one run's topics and tables."""

    model_config = SettingsConfigDict(env_prefix="STOCK_INSIGHTS_")

    cache: Path = Field(default_factory=lambda: Path("~/.cache/stock-insights"))
    data: Path | None = None  # none: var/demo or var/local in the checkout
    page_port: int = Field(default=0, ge=0, le=65_535)  # 0: 8000, or the next one that is free

    @property
    def cache_dir(self) -> Path:
        return absolute(self.cache)

    def data_dir(self, mode: str) -> Path:
        return absolute(self.data or ROOT / "var" / mode)


class TrustSettings(Settings):
    """A machine behind a company's proxy names its certificate bundle in one of these (PEM)."""

    ssl_cert_file: Path | None = None
    requests_ca_bundle: Path | None = None

    @property
    def bundle(self) -> Path | None:
        return self.ssl_cert_file or self.requests_ca_bundle
