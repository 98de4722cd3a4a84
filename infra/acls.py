"""Who may do what on the broker: the table, and `ensure`, which brings the broker to it. All else is refused there."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stubs forget to export what it documents
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from market.topics import ALL, AVERAGES, BARS, DEAD_LETTERS, FEED, SYMBOLS, TRADES, Topic

_CALL_S = 15.0
READ, WRITE = AclOperation.READ, AclOperation.WRITE  # each of them implies DESCRIBE


@dataclass(frozen=True, slots=True)
class Grant:
    """What a user may do with a topic, or with a consumer group by its name or the beginning of it."""

    user: str
    resource: Topic | str
    operations: tuple[AclOperation, ...]
    begins: bool = False

    def bindings(self) -> list[AclBinding]:
        """The same as the broker keeps it, one for each operation."""
        topic = isinstance(self.resource, Topic)
        kind = ResourceType.TOPIC if topic else ResourceType.GROUP
        name = self.resource.name if isinstance(self.resource, Topic) else self.resource
        pattern = ResourcePatternType.PREFIXED if self.begins else ResourcePatternType.LITERAL
        who = ("User:" + self.user, "*")
        return [AclBinding(kind, name, pattern, *who, each, AclPermissionType.ALLOW) for each in self.operations]


# `admin` is not in it: the broker's own configuration makes it the one who makes topics, users and rules.
TABLE = (
    Grant("ingestor", TRADES, (READ, WRITE)),  # it reads at its start where the last one stopped
    Grant("ingestor", FEED, (READ, WRITE)),
    Grant("ingestor", SYMBOLS, (WRITE,)),
    Grant("ingestor", DEAD_LETTERS, (WRITE,)),
    Grant("ingestor", "ingestor", (READ,)),
    Grant("spark", TRADES, (READ,)),
    Grant("spark", BARS, (READ, WRITE)),
    Grant("spark", AVERAGES, (WRITE,)),
    Grant("spark", DEAD_LETTERS, (WRITE,)),
    Grant("spark", "spark-", (READ,), begins=True),  # Spark gives each query a group of its own
    Grant("api", TRADES, (READ,)),  # to explain a bar
    Grant("api", BARS, (READ,)),
    Grant("api", AVERAGES, (READ,)),
    Grant("api", FEED, (READ,)),
    Grant("api", SYMBOLS, (READ,)),
    Grant("api", DEAD_LETTERS, (WRITE,)),
    Grant("api", "api-", (READ,), begins=True),
    *(Grant("viewer", topic, (READ,)) for topic in ALL),  # a person, by the Kafka UI or Kafka's own tools
    Grant("viewer", "viewer-", (READ,), begins=True),
)
USERS = tuple(dict.fromkeys(grant.user for grant in TABLE))


def ensure(admin: AdminClient) -> list[str]:
    """Give the table's users what the table says and take the rest; what was changed, in words.

    `KafkaException` when the broker refuses.
    """
    wanted = {binding for grant in TABLE for binding in grant.bindings()}
    there = {binding for user in USERS for binding in _found(admin, user)}
    missing, surplus = wanted - there, there - wanted
    if missing:
        _settle(admin.create_acls(list(missing), request_timeout=_CALL_S).values())
    if surplus:
        _settle(admin.delete_acls([_exactly(each) for each in surplus], request_timeout=_CALL_S).values())
    gone = [f"took {_words(each)}" for each in surplus]
    return sorted([f"gave {_words(each)}" for each in missing] + gone)


def _found(admin: AdminClient, user: str) -> Iterable[AclBinding]:
    of_user: Any = AclBindingFilter(  # its stubs do not know that None means any
        ResourceType.ANY,
        None,  # type: ignore[arg-type]
        ResourcePatternType.ANY,
        f"User:{user}",
        None,  # type: ignore[arg-type]
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    found: list[AclBinding] = admin.describe_acls(of_user, request_timeout=_CALL_S).result(_CALL_S)
    return found


def _exactly(b: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        b.restype, b.name, b.resource_pattern_type, b.principal, b.host, b.operation, b.permission_type
    )


def _words(b: Any) -> str:
    return f"{b.principal} {b.operation.name} {b.restype.name} {b.name}"


def _settle(futures: Iterable[Any]) -> None:
    for future in futures:
        future.result(_CALL_S)
