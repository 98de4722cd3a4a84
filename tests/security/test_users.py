"""The broker's users: a password that was changed is the only one that counts."""

from collections.abc import Iterator

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from market.links import Link
from market.topics import SYMBOLS
from tests.security.hosts import Hosts, run

pytestmark = pytest.mark.stack

NEW = "another password, with blanks"


@pytest.fixture
def put_back(up: Hosts) -> Iterator[None]:
    yield
    again = {"USERS_ADMIN_FILE": str(up.secrets.folder / "kafka-admin-password")}
    for password in (NEW, up.secrets["kafka-admin-password"]):  # whichever the test left
        if lets_in(up, "admin", password):
            mine = {"KAFKA_SECURITY_PASSWORD": password, "KAFKA_SECURITY_PASSWORD_FILE": ""}
            assert run("infra.links", up.links_environment() | mine | again).returncode == 0
            return
    pytest.fail("nobody can administer the broker any more")


def lets_in(up: Hosts, user: str, password: str) -> bool:
    link = Link()
    client = AdminClient(up.kafka_client(user) | {"sasl.password": password, "error_cb": link.hear})
    try:
        client.list_topics(timeout=3)
    except KafkaException as error:
        client.poll(0)
        if error.args[0].code() != KafkaError._TRANSPORT or "_AUTHENTICATION" not in link.trouble:
            raise
        return False
    return True


@pytest.mark.parametrize("user", ["api", "admin"])
@pytest.mark.usefixtures("put_back")
def test_a_changed_password_is_the_only_one_that_counts(up: Hosts, user: str) -> None:
    old = up.secrets[f"kafka-{user}-password"]
    changed = {f"USERS_{user.upper()}": NEW, f"USERS_{user.upper()}_FILE": ""}
    done = run("infra.links", up.links_environment() | changed)
    assert done.returncode == 0, done.stderr
    assert NEW not in done.stderr
    assert lets_in(up, user, NEW)
    assert not lets_in(up, user, old)


@pytest.mark.usefixtures("put_back")
def test_nobody_is_let_in_before_what_it_needs_is_there(up: Hosts) -> None:
    up.admin().delete_topics([SYMBOLS.name], operation_timeout=10)[SYMBOLS.name].result(10)
    cannot_be = {"TOPICS_REPLICATION": "3", "USERS_API": NEW, "USERS_API_FILE": ""}
    done = run("infra.links", up.links_environment() | cannot_be)
    assert done.returncode == 1
    assert "INVALID_REPLICATION_FACTOR" in done.stderr
    assert not lets_in(up, "api", NEW)
