"""Settings classes and `.env.example` name the same variables."""

import re
from pathlib import Path

import pytest

from api.settings import ApiSettings
from api.storage.settings import StorageSettings
from infra.local.settings import LocalSettings
from infra.migrate import DatabaseSettings
from infra.topics import TopicSettings
from infra.users import UserSettings
from ingestor.settings import IngestorSettings
from market.settings import KafkaSettings, MarketSettings, Settings
from simulator.settings import SimulatorSettings
from spark_jobs.settings import SparkSettings

CLASSES: tuple[type[Settings], ...] = (
    KafkaSettings,
    MarketSettings,
    IngestorSettings,
    TopicSettings,
    UserSettings,
    SparkSettings,
    ApiSettings,
    DatabaseSettings,
    StorageSettings,
    SimulatorSettings,
    LocalSettings,
)
ROOT = Path(__file__).parents[2]


def _of_compose() -> set[str]:
    """Variables that the compose files take, their services' own settings among them."""
    files = [*ROOT.glob("docker-compose.*.yml"), *(ROOT / "docker").glob("*.yml")]
    return {name for file in files for name in re.findall(r"\$\{([A-Z][A-Z0-9_]+)[:?-]", file.read_text("utf-8"))}


def test_every_setting_stands_in_the_example_and_nothing_else_does() -> None:
    text = (ROOT / ".env.example").read_text("utf-8")
    named = re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE)
    read = {settings.variable(field) for settings in CLASSES for field in settings.model_fields}
    assert len(named) == len(set(named))
    assert set(named) == read | _of_compose()


@pytest.mark.parametrize("settings", CLASSES, ids=lambda settings: settings.__name__)
def test_the_example_is_accepted(settings: type[Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    for line in (ROOT / ".env.example").read_text("utf-8").splitlines():
        if found := re.match(r"([A-Z][A-Z0-9_]+)=(.+)", line):
            monkeypatch.setenv(*found.groups())
    monkeypatch.setenv("INGESTOR_FUGLE_API_KEY", "key")
    for secret in ("API_MYSQL_PASSWORD", "USERS_INGESTOR", "USERS_SPARK", "USERS_API", "USERS_VIEWER"):
        monkeypatch.setenv(secret, "secret")
    settings()
