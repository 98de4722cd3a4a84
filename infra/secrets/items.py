"""What stands in the folder: each item with its files and how they are made."""

import base64
import hashlib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from infra import grants
from infra.secrets.authority import Identity, authority, server
from infra.secrets.folder import KEPT_BACK, MOUNTED

CA = ("ca.crt", "ca.key")
KAFKA_USERS = ("admin", "ingestor", "spark", "api", "viewer")
MYSQL_USERS = ("root", "writer", "reader", "migrate")
HERE = ("localhost", "127.0.0.1")
GIVEN = "fugle-api-key"  # by the exchange, not made here
_UNMOUNTED = {"ca.key", "kafka.crt", "page-login-password"}  # no container has a use for them

Files = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Hosts:
    """Names, or addresses, under which host B's broker and host C's database and page are reached by others."""

    b: tuple[str, ...] = ()
    c: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """Files that belong together. `names`: what its certificate must be good for."""

    name: str
    files: tuple[str, ...]
    make: Callable[["Making"], Files] = field(repr=False)
    names: tuple[str, ...] = ()
    certificate: str | None = None
    derived: bool = False  # from other files in the folder: made again whenever they have changed


@dataclass(frozen=True, slots=True)
class Making:
    """What making an item may need: the folder, for the authority in it, and the time."""

    folder: Path
    now: datetime

    def signed(self, names: tuple[str, ...]) -> tuple[Identity, Identity]:
        """A new server and the authority that vouches for it."""
        issuer = Identity.read(*(self.folder / name for name in CA))
        return server(issuer, names, self.now), issuer


def items(hosts: Hosts) -> tuple[Item, ...]:
    """All of them; the authority first, as the servers need it."""
    passwords = [f"kafka-{user}-password" for user in KAFKA_USERS] + [f"mysql-{user}-password" for user in MYSQL_USERS]
    return (
        Item("ca", CA, _authority, certificate="ca.crt"),
        _kafka(("kafka", *hosts.b, *HERE)),
        _server("mysql-server", ("mysql", *hosts.c, *HERE)),
        _server("proxy", ("proxy", *hosts.c, *HERE)),
        *(Item(name, (name,), _password(name)) for name in passwords),
        Item("mysql-users.sql", ("mysql-users.sql",), _mysql_users, derived=True),
        Item("page-login", ("page-login", "page-login-password"), _login),
        Item("webhook-secret", ("webhook-secret",), _webhook_secret),
    )


def _authority(making: Making) -> Files:
    made = authority(making.now)
    return {"ca.key": made.key_pem, "ca.crt": made.certificate_pem}


def _server(name: str, names: tuple[str, ...]) -> Item:
    def make(making: Making) -> Files:
        made, _ = making.signed(names)
        return {f"{name}.key": made.key_pem, f"{name}.crt": made.certificate_pem}

    return Item(name, (f"{name}.crt", f"{name}.key"), make, names, f"{name}.crt")


def _kafka(names: tuple[str, ...]) -> Item:
    store, password_file = "kafka.keystore.p12", "kafka-keystore-password"

    def make(making: Making) -> Files:
        made, issuer = making.signed(names)
        password = _random()
        packed = pkcs12.serialize_key_and_certificates(
            b"kafka", made.key, made.certificate, [issuer.certificate], BestAvailableEncryption(password)
        )
        return {password_file: password, "kafka.crt": made.certificate_pem, store: packed}

    return Item("kafka", (store, password_file, "kafka.crt"), make, names, "kafka.crt")


def _password(name: str) -> Callable[[Making], Files]:
    return lambda _: {name: _random()}


def _mysql_users(making: Making) -> Files:
    """The server's init-file."""
    passwords = {user: (making.folder / f"mysql-{user}-password").read_text("utf-8").strip() for user in grants.TABLE}
    return {"mysql-users.sql": grants.statements(passwords).encode()}


def _login(_: Making) -> Files:
    """A user file of nginx. Salted SHA-1 is what nginx knows without the system's help; the password is 192 bits."""
    password, salt = _random(), os.urandom(16)
    digest = hashlib.sha1(password + salt, usedforsecurity=False).digest()
    line = b"viewer:{SSHA}" + base64.b64encode(digest + salt) + b"\n"
    return {"page-login-password": password, "page-login": line}


def _webhook_secret(_: Making) -> Files:
    """As Standard Webhooks writes them: 256 bits."""
    return {"webhook-secret": b"whsec_" + base64.b64encode(os.urandom(32))}


def _random() -> bytes:
    """192 bits in hex digits: no program has to quote it, or takes it for an option."""
    return secrets.token_hex(24).encode()


def mode(file: str) -> int:
    """Of a file in the folder, by its name."""
    return KEPT_BACK if file in _UNMOUNTED else MOUNTED


def named(known: tuple[Item, ...]) -> Mapping[str, Item]:
    """Items by their name and by each of their files."""
    return {name: item for item in known for name in (*item.files, item.name)}
