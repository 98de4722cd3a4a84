"""The folder of secrets: its owner's alone, made once, good for TLS under the hosts' names and for nobody else's."""

import base64
import hashlib
import os
import shutil
import socket
import ssl
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives.serialization import pkcs12

from api import webhooks
from infra.secrets.__main__ import main, prepare
from infra.secrets.items import GIVEN, Hosts

ROOT = Path(__file__).parents[2]
NAMES = ("--host-b", "kafka.internal", "--host-c", "10.1.2.3")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "secrets"
    assert main(["--out", str(folder), *NAMES]) == 0
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def handshake(folder: Path, server: str, name: str) -> str:
    """A client that trusts the authority alone, strictly, against a server with these files; its refusal, if any."""
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    theirs.load_cert_chain(folder / f"{server}.crt", folder / f"{server}.key")
    ours = ssl.create_default_context(cafile=folder / "ca.crt")
    ours.verify_flags |= ssl.VERIFY_X509_STRICT  # Python's default from 3.13 on
    near, far = socket.socketpair()

    def serve() -> None:
        try:
            theirs.wrap_socket(far, server_side=True).close()
        except OSError:
            far.close()

    serving = threading.Thread(target=serve)
    serving.start()
    try:
        ours.wrap_socket(near, server_hostname=name).close()
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    else:
        return ""
    finally:
        near.close()
        serving.join()


def modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


def mounted() -> set[str]:
    """Files that a container is given, by the compose files."""
    found = [yaml.safe_load(file.read_text("utf-8"))["secrets"] for file in ROOT.glob("docker-compose.ec2-*.yml")]
    return {secret["file"].rpartition("/")[2] for secrets in found for secret in secrets.values()}


def test_the_folder_is_its_owners_alone_and_in_it_a_container_may_read_what_it_is_given(made: Path) -> None:
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    found = modes(made)
    assert set(found.values()) == {0o444, 0o600}
    assert {name for name, mode in found.items() if mode == 0o444} == mounted() - {GIVEN}


def test_nothing_in_the_folder_depends_on_the_umask(made: Path, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        assert main(["--out", str(tmp_path / "secrets")]) == 0
    finally:
        os.umask(before)
    assert modes(tmp_path / "secrets") == modes(made)


def test_a_file_that_is_kept_gets_its_mode_and_what_a_link_points_to_does_not(made: Path, tmp_path: Path) -> None:
    folder, elsewhere = copy(made, tmp_path), tmp_path / "elsewhere"
    (folder / GIVEN).write_bytes(b"key")
    (folder / "proxy.key").rename(elsewhere)
    (folder / "proxy.key").symlink_to(elsewhere)
    for file in folder.iterdir():
        file.chmod(0o640)
    before = contents(folder)
    assert main(["--out", str(folder), *NAMES]) == 0
    assert contents(folder) == before
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o640
    assert modes(folder) == modes(made) | {GIVEN: 0o444, "proxy.key": 0o640}


def test_what_exists_is_never_overwritten(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(made)
    assert main(["--out", str(made), *NAMES]) == 0
    assert contents(made) == before
    said = capsys.readouterr().out.splitlines()
    assert all(line.startswith("kept ") for line in said)


def test_what_is_said_holds_no_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--out", str(tmp_path / "secrets")])
    said = capsys.readouterr()
    secrets = [content.decode() for name, content in contents(tmp_path / "secrets").items() if "password" in name]
    assert len(set(secrets)) == len(secrets) == 11
    assert all(len(secret) == 48 for secret in secrets)
    assert not any(secret in said.out + said.err for secret in secrets)


@pytest.mark.parametrize(
    ("server", "name"),
    [("mysql-server", "mysql"), ("mysql-server", "10.1.2.3"), ("proxy", "localhost"), ("proxy", "127.0.0.1")],
)
def test_a_server_is_trusted_under_its_names(made: Path, server: str, name: str) -> None:
    assert handshake(made, server, name) == ""


def test_a_server_is_not_trusted_under_another_name_or_by_another_authority(made: Path, tmp_path: Path) -> None:
    assert "mismatch" in handshake(made, "mysql-server", "kafka.internal")
    main(["--out", str(tmp_path / "other")])
    for name in ("mysql-server.crt", "mysql-server.key"):
        shutil.copy(made / name, tmp_path / name)
        (tmp_path / name).replace(tmp_path / "other" / name)
    assert "unable to get local issuer" in handshake(tmp_path / "other", "mysql-server", "mysql")


def test_the_brokers_store_opens_with_its_password_and_holds_the_chain(made: Path) -> None:
    store = pkcs12.load_pkcs12(
        (made / "kafka.keystore.p12").read_bytes(), (made / "kafka-keystore-password").read_bytes()
    )
    assert store.key is not None
    assert store.cert is not None
    assert store.additional_certs[0].certificate.subject == store.cert.certificate.issuer
    for name in ("kafka.internal", "kafka", "localhost", "127.0.0.1"):
        assert name in (text := str(store.cert.certificate.extensions)), text


def test_one_thing_is_renewed_and_what_follows_from_it(made: Path, tmp_path: Path) -> None:
    folder = copy(made, tmp_path)
    before = contents(folder)
    assert main(["--out", str(folder), *NAMES, "--renew", "mysql-reader-password"]) == 0
    changed = {name for name, content in contents(folder).items() if before[name] != content}
    assert changed == {"mysql-reader-password", "mysql-users.sql"}
    assert contents(folder)["mysql-reader-password"] in contents(folder)["mysql-users.sql"]


def test_a_new_authority_signs_every_server_anew_and_touches_no_password(made: Path, tmp_path: Path) -> None:
    folder = copy(made, tmp_path)
    before = contents(folder)
    assert main(["--out", str(folder), *NAMES, "--renew", "ca"]) == 0
    kept = {name for name, content in contents(folder).items() if before[name] == content}
    assert kept == {name for name in before if name.startswith(("mysql", "kafka", "page", "webhook"))} - {
        "mysql-server.crt", "mysql-server.key", "kafka.crt", "kafka.keystore.p12", "kafka-keystore-password",
    }  # fmt: skip
    assert handshake(folder, "mysql-server", "mysql") == ""


def test_without_the_authoritys_key_nothing_is_signed_and_nothing_is_lost(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy(made, tmp_path)
    (folder / "ca.key").unlink()
    assert main(["--out", str(folder), *NAMES]) == 0
    before = contents(folder)
    assert main(["--out", str(folder), *NAMES, "--renew", "proxy"]) == 1
    assert "needed to sign" in capsys.readouterr().err
    assert contents(folder) == before


def test_half_of_a_pair_is_refused_and_named(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy(made, tmp_path)
    (folder / "proxy.key").unlink()
    assert main(["--out", str(folder), *NAMES]) == 1
    assert f"{folder / 'proxy.key'} is missing: bring it back, or --renew proxy" in capsys.readouterr().err


def test_a_folder_that_others_may_enter_is_refused_and_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o755)
    assert main(["--out", str(folder)]) == 1
    assert f"chmod 700 {folder}" in capsys.readouterr().err
    assert not list(folder.iterdir())


def test_a_certificate_that_is_kept_says_what_is_wrong_with_it(made: Path) -> None:
    later = datetime.now(UTC) + timedelta(days=800)
    said = list(prepare(made, Hosts(("broker.example",), ("10.1.2.3",)), frozenset(), later))
    (kafka,) = (line for line in said if "kafka.crt" in line)
    assert "it lacks broker.example and it ends in 24 days: --renew kafka" in kafka


def test_the_pages_login_is_one_that_nginx_accepts(made: Path) -> None:
    login = (made / "page-login").read_text("utf-8")
    assert login.startswith("viewer:{SSHA}")
    packed = base64.b64decode(login.partition("}")[2])
    password = (made / "page-login-password").read_bytes()
    assert packed[:20] == hashlib.sha1(password + packed[20:], usedforsecurity=False).digest()


def copy(made: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o700)
    for file in made.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def test_the_webhook_secret_is_one_that_the_api_accepts(made: Path) -> None:
    assert len(webhooks.key((made / "webhook-secret").read_text("utf-8"))) == 32
