"""Settings: a wrong one is named with its rule and never shown; secrets come from files."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.secrets.authority import authority
from market.settings import EX_CONFIG, KafkaSettings, load


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "broker:9092")


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("s3cret\n")
    monkeypatch.setenv("KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    (tmp_path / "ca.crt").write_bytes(authority(datetime.now(UTC)).certificate_pem)
    monkeypatch.setenv("KAFKA_SECURITY_CA", str(tmp_path / "ca.crt"))
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


@pytest.mark.parametrize(("content", "rule"), [(None, "cannot be read"), ("no PEM", "holds no certificate")])
def test_an_authority_that_is_none_is_named_before_anything_is_connected(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    content: str | None,
    rule: str,
) -> None:
    if content is not None:
        (tmp_path / "ca.crt").write_text(content)
    monkeypatch.setenv("KAFKA_SECURITY_CA", str(tmp_path / "ca.crt"))
    with pytest.raises(SystemExit) as stopped:
        load(KafkaSettings)
    assert stopped.value.code == EX_CONFIG
    said = capsys.readouterr().err
    assert f"KAFKA_SECURITY_CA: Value error, {tmp_path / 'ca.crt'} {rule}" in said
    assert "name the PEM file of the authority that signed the server's certificate (ca.crt)" in said


def test_a_password_is_not_shown_by_settings_that_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_SECURITY_PASSWORD", "hunter2")
    assert "hunter2" not in repr(load(KafkaSettings))
