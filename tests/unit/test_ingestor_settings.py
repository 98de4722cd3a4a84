"""A wrong setting is refused with its name and the reason, and no secret in the text."""

from pathlib import Path

import pytest

from ingestor.__main__ import arguments
from ingestor.settings import IngestorSettings
from market.settings import EX_CONFIG, load

GOOD = {"INGESTOR_FUGLE_API_KEY": "canary", "INGESTOR_SYMBOLS": "2330, 0050,2330", "INGESTOR_PLAN": "basic"}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_the_watch_list_keeps_its_order_and_each_symbol_once() -> None:
    assert load(IngestorSettings).symbols == ("2330", "0050")


def test_the_watch_list_may_stand_in_a_file(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "list").write_text("# semiconductors\n2330  # TSMC\n2454\n\n", "utf-8")
    environment.setenv("INGESTOR_SYMBOLS", f"@{tmp_path / 'list'}")
    assert load(IngestorSettings).symbols == ("2330", "2454")


def test_the_default_is_the_real_exchange() -> None:
    assert str(load(IngestorSettings).fugle_ws_url) == "wss://api.fugle.tw/marketdata/v1.0/stock/streaming"


def test_the_key_may_stand_in_a_file_and_is_never_shown(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("canary-in-a-file\n", "utf-8")
    environment.delenv("INGESTOR_FUGLE_API_KEY")
    environment.setenv("INGESTOR_FUGLE_API_KEY_FILE", str(tmp_path / "key"))
    settings = load(IngestorSettings)
    assert settings.fugle_api_key.get_secret_value() == "canary-in-a-file"
    assert "canary" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("INGESTOR_SYMBOLS", "1,2,3,4,5,6", "6 symbols, but INGESTOR_PLAN=basic allows 5 subscriptions"),
        ("INGESTOR_SYMBOLS", "", "names no symbol"),
        ("INGESTOR_SYMBOLS", " , ", "names no symbol"),
        ("INGESTOR_SYMBOLS", "2330,<script>", "'<script>' is not a symbol"),
        ("INGESTOR_SYMBOLS", "@/nowhere/list", "/nowhere/list cannot be read"),
        ("INGESTOR_PLAN", "free", "INGESTOR_PLAN"),
        ("INGESTOR_FUGLE_API_KEY", "", "INGESTOR_FUGLE_API_KEY"),
        ("INGESTOR_FUGLE_WS_URL", "http://example.com", "INGESTOR_FUGLE_WS_URL"),
        ("INGESTOR_FUGLE_REST_URL", "wss://example.com", "INGESTOR_FUGLE_REST_URL"),
    ],
)
def test_a_wrong_setting_ends_the_process_with_a_clear_line(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, said: str
) -> None:  # fmt: skip
    environment.setenv(name, value)
    with pytest.raises(SystemExit) as stopped:
        load(IngestorSettings)
    text = capsys.readouterr().err
    assert stopped.value.code == EX_CONFIG
    assert said in text
    assert "canary" not in text


def test_a_session_is_recorded_where_the_command_or_the_environment_says(environment: pytest.MonkeyPatch) -> None:
    assert load(IngestorSettings, arguments([])).record_folder is None
    assert load(IngestorSettings, arguments(["--record"])).record_folder == Path("var/recordings")
    environment.setenv("INGESTOR_RECORD_FOLDER", "/data/tapes")
    assert load(IngestorSettings, arguments([])).record_folder == Path("/data/tapes")
    assert load(IngestorSettings, arguments(["--record", "/elsewhere"])).record_folder == Path("/elsewhere")
    environment.setenv("INGESTOR_RECORD_FOLDER", "")
    assert load(IngestorSettings, arguments([])).record_folder is None
