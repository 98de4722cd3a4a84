"""What a refused link to Kafka or to the database means, in words: the setting, the rule and the mend. Pure."""

import ssl
from dataclasses import dataclass
from typing import Protocol

_ALL_DOWN = "_ALL_BROKERS_DOWN"
_UNKNOWN_USER = (
    " – KAFKA_SECURITY_USER, KAFKA_SECURITY_PASSWORD: the broker knows no such user with this password; "
    "give both as `python -m infra.secrets` made them, and let `python -m infra.links` tell the broker"
)
_STRANGE_BROKER = (
    " – KAFKA_SECURITY_CA, KAFKA_BOOTSTRAP: the broker's certificate is not signed by this authority for this address; "
    "give the ca.crt that signed it, or make it anew for the address: "
    "`python -m infra.secrets --host-b ADDRESS --renew kafka`"
)
_TLS_WANTED = (
    " – KAFKA_SECURITY_PROTOCOL: what listens there hangs up at once, as a broker does that wants TLS and a password; "
    "instead of PLAINTEXT: set SASL_SSL, with KAFKA_SECURITY_CA, _USER and _PASSWORD"
)
_NO_TLS_THERE = (
    " – KAFKA_SECURITY_PROTOCOL, KAFKA_BOOTSTRAP: what answers there speaks no TLS; "
    "give the port of the SASL_SSL listener"
)
_NOT_ALLOWED = (
    " – KAFKA_SECURITY_USER: this user may not do that; infra/acls.py says who may what, "
    "and `python -m infra.links` tells the broker"
)

_STRANGE_SERVER = (
    "API_MYSQL_SSL_CA, API_MYSQL_HOST: the server's certificate is not signed by this authority for this name; "
    "give the ca.crt that signed it, or make it anew: `python -m infra.secrets --host-c NAME --renew mysql-server`"
)
_NOT_LET_IN = (
    "API_MYSQL_USER and _PASSWORD, or API_MYSQL_READER_USER and _PASSWORD: the server knows no such user with this "
    "password, or wants TLS of it (API_MYSQL_SSL_CA); its users are made at its start from mysql-users.sql"
)
_MAY_NOT = "API_MYSQL_USER, API_MYSQL_READER_USER: this user may not do that; infra/grants.py says who may what"
_OF_DATABASE = {
    1045: _NOT_LET_IN,
    1698: _NOT_LET_IN,
    3159: "API_MYSQL_SSL_CA: the server wants TLS; name the ca.crt that signed its certificate",
    1044: _MAY_NOT,
    1142: _MAY_NOT,
    1143: _MAY_NOT,
    1049: "API_MYSQL_DATABASE: there is no such database on this server",
}

NO_TLS = "the server offers no TLS – API_MYSQL_SSL_CA wants it: switch it on there, or unset this here"


class RefusedError(Exception):
    """A server does not let this process in, and trying again with the same settings would not help: exit 78."""


def mend(name: str, text: str) -> str:
    """For librdkafka's error `name` and its text: what to say beside it; empty where it is no matter of settings."""
    if name == "_AUTHENTICATION":
        return _UNKNOWN_USER
    if is_stranger(name, text):
        return _STRANGE_BROKER
    if name == "_SSL":
        return _NO_TLS_THERE
    if name.endswith("AUTHORIZATION_FAILED"):
        return _NOT_ALLOWED
    return ""


def is_stranger(name: str, text: str) -> bool:
    """Whether the broker showed a certificate that is not to be trusted.

    Nothing here can heal by itself: the authority's file is read once, when the process starts. A wrong password can,
    as users are made while the hosts come up; and who hung up without a word may only have been restarting.
    """
    return name == "_SSL" and "certificate verify failed" in text


class ClientError(Protocol):
    """An error of librdkafka."""

    def name(self) -> str: ...

    def str(self) -> str: ...


@dataclass(slots=True)
class Link:
    """One client's link as its `error_cb` hears of it; `trouble` is the newest error, with its mend."""

    trouble: str = ""
    refused: bool = False

    def hear(self, error: ClientError) -> str:
        """Remember the error; it in words."""
        name, text = error.name(), error.str()
        if name != _ALL_DOWN:
            self.trouble = f"{name}: {text}{mend(name, text)}"
        elif not self.trouble:  # all are gone, and none said why: not even that it cannot be connected to
            self.trouble = f"{name}: {text}{_TLS_WANTED}"
        self.refused = self.refused or is_stranger(name, text)
        return self.trouble

    def check(self) -> None:
        """RefusedError when the link cannot come up with these settings."""
        if self.refused:
            raise RefusedError(self.trouble)


def database_mend(error: BaseException) -> str:
    """For an error of the database's driver: it with its mend; empty where it is no matter of settings."""
    if shows_a_stranger(error):
        return f"{error.__cause__} – {_STRANGE_SERVER}"
    found = _OF_DATABASE.get(error.args[0]) if error.args else None
    return f"{error} – {found}" if found else ""


def shows_a_stranger(error: BaseException) -> bool:
    """Whether the server's certificate is not to be trusted; the driver calls it a connection that failed."""
    return isinstance(error.__cause__, ssl.SSLCertVerificationError)
