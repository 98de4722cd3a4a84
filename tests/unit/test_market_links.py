"""What a refused link means, in words."""

import ssl
from dataclasses import dataclass

import pytest

from market.links import Link, RefusedError, database_mend, mend

REFUSED_CERTIFICATE = "SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certificate"


@dataclass(frozen=True)
class Said:
    """An error as the client gives it."""

    code: str
    text: str = ""

    def name(self) -> str:
        return self.code

    def str(self) -> str:
        return self.text


@pytest.mark.parametrize(
    ("name", "text", "setting"),
    [
        ("_AUTHENTICATION", "SASL authentication error", "KAFKA_SECURITY_USER, KAFKA_SECURITY_PASSWORD"),
        ("_SSL", REFUSED_CERTIFICATE, "KAFKA_SECURITY_CA, KAFKA_BOOTSTRAP"),
        ("_SSL", "SSL handshake failed: wrong version number", "KAFKA_SECURITY_PROTOCOL, KAFKA_BOOTSTRAP"),
        ("TOPIC_AUTHORIZATION_FAILED", "", "infra/acls.py"),
        ("GROUP_AUTHORIZATION_FAILED", "", "infra/acls.py"),
    ],
)
def test_a_refusal_is_said_with_the_setting_that_mends_it(name: str, text: str, setting: str) -> None:
    assert setting in mend(name, text)


def test_a_broker_that_is_merely_away_is_no_matter_of_settings() -> None:
    assert mend("_TRANSPORT", "Connect to ipv4#10.0.0.2:9093 failed: Connection refused") == ""


def test_only_a_certificate_that_is_not_to_be_trusted_is_final() -> None:
    link = Link()
    for said in (Said("_TRANSPORT", "refused"), Said("_AUTHENTICATION", "no"), Said("_ALL_BROKERS_DOWN", "1/1")):
        link.hear(said)
    link.check()
    link.hear(Said("_SSL", REFUSED_CERTIFICATE))
    with pytest.raises(RefusedError, match="KAFKA_SECURITY_CA"):
        link.check()


def test_brokers_that_hang_up_without_a_reason_want_tls_and_those_with_one_keep_it() -> None:
    silent, refused = Link(), Link()
    silent.hear(Said("_ALL_BROKERS_DOWN", "1/1 brokers are down"))
    assert "KAFKA_SECURITY_PROTOCOL" in silent.trouble
    refused.hear(Said("_TRANSPORT", "Connection refused"))
    refused.hear(Said("_ALL_BROKERS_DOWN", "1/1 brokers are down"))
    assert refused.trouble == "_TRANSPORT: Connection refused"


def test_a_database_that_does_not_let_us_in_is_told_from_one_that_is_away() -> None:
    assert "API_MYSQL_USER" in database_mend(OSError(1045, "Access denied for user 'writer'@'10.0.0.3'"))
    assert database_mend(OSError(2003, "Can't connect to MySQL server")) == ""
    strange = OSError(2003, "Can't connect to MySQL server")
    strange.__cause__ = ssl.SSLCertVerificationError("self-signed certificate in certificate chain")
    assert database_mend(strange).startswith(str(strange.__cause__))
    assert "API_MYSQL_SSL_CA" in database_mend(strange)
