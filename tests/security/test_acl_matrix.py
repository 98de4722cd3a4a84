"""User × topic × operation, each really tried, equals the table of `infra/acls.py`; and nothing beside it is open."""

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, KafkaException, Producer
from confluent_kafka.admin import NewTopic, ScramMechanism, UserScramCredentialDeletion

from infra import acls
from market.topics import ALL, DEAD_LETTERS, LETTER_BYTES, TRADES
from tests.security.attempts import OPERATIONS, attempt
from tests.security.hosts import Hosts, run

pytestmark = pytest.mark.stack

TOPICS = [topic.name for topic in ALL]
GROUPS = ("ingestor", "spark-kafka-source-1", "api-recorder")


@pytest.fixture(scope="module")
def filled(up: Hosts) -> Hosts:
    """A record in each topic, so that whoever may read one does."""
    producer = Producer(up.kafka_client("admin"))
    for topic in TOPICS:
        producer.produce(topic, b"{}", b"first")
    assert producer.flush(10) == 0
    return up


def allowed(user: str, topic: str) -> set[str]:
    """Operations that the table names, and those that follow from them."""
    if user == "admin":
        return set(OPERATIONS)
    found = {
        operation.name.lower()
        for grant in acls.TABLE
        if grant.user == user and not isinstance(grant.resource, str) and grant.resource.name == topic
        for operation in grant.operations
    }
    return found | {"describe"} if found else found


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("user", acls.USERS)
def test_a_user_may_do_with_a_topic_what_the_table_says_and_nothing_else(filled: Hosts, user: str, topic: str) -> None:
    let_through = {name for name in OPERATIONS if attempt(filled, user, name, topic)}
    assert let_through == allowed(user, topic)


def test_the_administrator_may_do_everything(filled: Hosts) -> None:
    filled.admin().create_topics([NewTopic("scratch", 1, 1)])["scratch"].result(10)
    for name in OPERATIONS:
        if name not in {"read", "delete"}:
            assert attempt(filled, "admin", name, "scratch"), name
    assert attempt(filled, "admin", "read", "scratch")
    assert attempt(filled, "admin", "delete", "scratch")


@pytest.mark.parametrize("user", acls.USERS)
def test_a_user_has_its_own_groups_only(filled: Hosts, user: str) -> None:
    mine = {group for group in GROUPS if _may_fetch_offsets(filled, user, group)}
    assert mine == {group for group in GROUPS if group.startswith(user)}


def _may_fetch_offsets(up: Hosts, user: str, group: str) -> bool:
    asked = up.admin(user).list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)], request_timeout=10)
    try:
        asked[group].result(10)
    except KafkaException as error:
        if error.args[0].code() != KafkaError.GROUP_AUTHORIZATION_FAILED:
            raise
        return False
    return True


@pytest.mark.parametrize("user", acls.USERS)
def test_nobody_but_the_administrator_changes_users_or_rules(filled: Hosts, user: str) -> None:
    gone = UserScramCredentialDeletion("api", ScramMechanism.SCRAM_SHA_512)
    changes = [
        *filled.admin(user).create_acls([acls.TABLE[0].bindings()[0]]).values(),
        filled.admin(user).alter_user_scram_credentials([gone])["api"],
    ]
    for change in changes:
        with pytest.raises(KafkaException) as refused:
            change.result(10)
        assert refused.value.args[0].code() == KafkaError.CLUSTER_AUTHORIZATION_FAILED


def test_a_right_that_the_table_does_not_know_is_taken_away(filled: Hosts) -> None:
    (too_much,) = acls.Grant("api", TRADES, (acls.WRITE,)).bindings()
    filled.admin().create_acls([too_much])[too_much].result(10)
    assert attempt(filled, "api", "write", TRADES.name)
    assert acls.ensure(filled.admin()) == ["took User:api WRITE TOPIC trades"]
    assert not attempt(filled, "api", "write", TRADES.name)
    assert acls.ensure(filled.admin()) == []


def test_links_may_be_made_again_at_any_time(filled: Hosts) -> None:
    done = run("infra.links", filled.links_environment())
    assert done.returncode == 0, done.stderr
    assert done.stderr.split("ready ")[1].strip() == f"changed=users {', '.join(acls.USERS)}"


def test_a_bad_record_as_large_as_a_topic_takes_fits_into_the_dead_letters(filled: Hosts) -> None:
    largest = b"x" * 1_048_000
    said: list[KafkaError | None] = []
    producer = Producer(filled.kafka_client("admin", message_max_bytes=LETTER_BYTES))
    for topic, reason in ((TRADES.name, b""), (DEAD_LETTERS.name, b"r" * 4_000)):
        headers: list[tuple[str, str | bytes | None]] = [("reason", reason)]
        producer.produce(topic, largest, headers=headers, on_delivery=lambda error, _: said.append(error))
    assert producer.flush(10) == 0
    assert said == [None, None]
