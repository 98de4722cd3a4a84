"""What librdkafka's statistics say of the brokers and of the partitions there are. Pure."""

from collections.abc import Iterable

import msgspec

from api.progress import Where

_CONNECTED = frozenset({"UP", "UPDATE"})


class Broker(msgspec.Struct):
    nodeid: int
    state: str


class Partition(msgspec.Struct):
    partition: int


class Topic(msgspec.Struct):
    partitions: dict[str, Partition]


class Statistics(msgspec.Struct):
    brokers: dict[str, Broker]
    topics: dict[str, Topic]

    def is_connected(self) -> bool:
        """Whether any real broker (a bootstrap address has no number) is there."""
        return any(broker.nodeid >= 0 and broker.state in _CONNECTED for broker in self.brokers.values())

    def partitions_of(self, names: Iterable[str]) -> set[Where]:
        """All partitions of the named topics, new ones too."""
        there = ((name, self.topics[name].partitions.values()) for name in names if name in self.topics)
        return {(name, each.partition) for name, found in there for each in found if each.partition >= 0}


parse = msgspec.json.Decoder(Statistics).decode
