"""Settings: a wrong one is named with its rule and never shown; secrets come from files."""

from pathlib import Path

import pytest

from market.settings import EX_CONFIG, KafkaSettings, load


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "broker:9092")


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("s3cret\n")
    monkeypatch.setenv("KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    monkeypatch.setenv("KAFKA_SECURITY_CA", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("KAFKA_SECURITY_USER", "ingestor")
    monkeypatch.setenv("KAFKA_SECURITY_PASSWORD_FILE", str(secret))
    client = load(KafkaSettings).client(linger_ms=0)
    assert (client["sasl.password"], client["linger.ms"]) == ("s3cret", 0)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    with pytest.raises(SystemExit) as stopped:
        load(KafkaSettings)
    assert stopped.value.code == EX_CONFIG
    assert "KAFKA_SECURITY_CA, KAFKA_SECURITY_USER, KAFKA_SECURITY_PASSWORD" in capsys.readouterr().err


def test_a_wrong_value_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KAFKA_SECURITY_PROTOCOL", "hunter2")
    with pytest.raises(SystemExit):
        load(KafkaSettings)
    said = capsys.readouterr().err
    assert "KAFKA_SECURITY_PROTOCOL" in said
    assert "hunter2" not in said


def test_a_secret_file_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("KAFKA_SECURITY_PASSWORD_FILE", str(tmp_path / "absent"))
    with pytest.raises(SystemExit):
        load(KafkaSettings)
    assert "KAFKA_SECURITY_PASSWORD_FILE" in capsys.readouterr().err
