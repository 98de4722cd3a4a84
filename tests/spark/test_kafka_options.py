"""Spark's way to the broker: what a password may hold, and that it is text to the login module."""

from pathlib import Path

from pydantic import SecretStr

from infra.secrets.__main__ import main as make_secrets
from market.settings import KafkaSettings
from spark_jobs.kafka import connection


def test_a_password_may_hold_quotes_and_backslashes(tmp_path: Path) -> None:
    assert make_secrets(["--out", str(tmp_path / "secrets")]) == 0
    ca = tmp_path / "secrets" / "ca.crt"
    settings = KafkaSettings(
        bootstrap="broker:9093",
        security_protocol="SASL_SSL",
        security_ca=ca,
        security_user="spark",
        security_password=SecretStr('a"b\\c;'),
    )
    options = connection(settings)
    module = "org.apache.kafka.common.security.scram.ScramLoginModule"
    assert options["kafka.sasl.jaas.config"] == f'{module} required username="spark" password="a\\"b\\\\c;";'
    assert options["kafka.ssl.truststore.type"] == "PEM"
    assert options["kafka.ssl.truststore.certificates"] == ca.read_text()
    assert options["kafka.security.protocol"] == "SASL_SSL"
