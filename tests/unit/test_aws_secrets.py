"""How the site's secrets get from one machine to each host that needs them, and to no other."""

from pathlib import Path

import pytest
import yaml

from tests.unit.aws_machine import HOST, ROOT, SECRETS, Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_each_host_gets_the_secrets_that_its_compose_file_mounts(machine: Machine) -> None:
    machine.folder_of_secrets()
    assert machine.upload().returncode == 0
    for name in "abc":
        compose = yaml.safe_load((ROOT / f"docker-compose.ec2-{name}.yml").read_text("utf-8"))
        stored = {file.name for file in (machine.store / "stock-insights" / "live" / name / "secrets").iterdir()}
        assert stored == set(compose["secrets"])


def test_a_secret_arrives_byte_for_byte_and_is_in_no_command_line(machine: Machine) -> None:
    made = machine.folder_of_secrets()
    machine.upload()
    arrived = machine.folder / "arrived"
    assert machine.run(HOST / "secrets.sh", arrived).returncode == 0
    names = {name for host, name in SECRETS if host == "b"}
    assert {file.name for file in arrived.iterdir()} == names
    assert all((arrived / name).read_bytes() == (made / name).read_bytes() for name in names)
    assert arrived.stat().st_mode & 0o777 == 0o700
    stored = (machine.store / "stock-insights/live/b/secrets/kafka-admin-password").read_text("utf-8")
    assert not [call for call in machine.called() if "canary" in call or stored in call]


def test_what_is_unchanged_is_not_put_again(machine: Machine) -> None:
    made = machine.folder_of_secrets()
    machine.upload()
    (made / "fugle-api-key").write_text("another", "utf-8")
    lines = machine.upload().stdout.splitlines()
    assert [line for line in lines if not line.startswith("kept")] == [
        "put /stock-insights/live/a/secrets/fugle-api-key"
    ]


@pytest.mark.parametrize(("content", "says"), [(b"", "missing or empty"), (b"x" * 6_145, "has room for 6144")])
def test_a_secret_that_cannot_be_stored_stops_the_upload_before_anything_is_put(
    machine: Machine, content: bytes, says: str
) -> None:
    (machine.folder_of_secrets() / "page-login").write_bytes(content)
    done = machine.upload()
    assert done.returncode == 1
    assert says in done.stderr
    assert machine.called() == []


def test_a_host_without_one_of_its_secrets_says_which_and_keeps_what_it_had(machine: Machine) -> None:
    machine.folder_of_secrets()
    machine.upload()
    kept = machine.folder / "kept"
    machine.run(HOST / "secrets.sh", kept)
    before = {file.name: file.read_bytes() for file in kept.iterdir()}
    (machine.store / "stock-insights/live/b/secrets/ca.crt").unlink()
    (machine.store / "stock-insights/live/b/secrets/kafka-api-password").write_text("bmV3", "utf-8")
    done = machine.run(HOST / "secrets.sh", kept)
    assert done.returncode == 1
    assert "/stock-insights/live/b/secrets/ca.crt is missing" in done.stderr
    assert {file.name: file.read_bytes() for file in kept.iterdir()} == before
