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
    hi_offset: int = -1
    app_offset: int = -1


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
        return set(self._found(names))

    def lags_of(self, names: Iterable[str]) -> dict[Where, int]:
        """Records of each partition that were not read yet, where that is known."""
        known = {where: each for where, each in self._found(names).items() if min(each.hi_offset, each.app_offset) >= 0}
        return {where: max(0, each.hi_offset - each.app_offset) for where, each in known.items()}

    def _found(self, names: Iterable[str]) -> dict[Where, Partition]:
        there = ((name, self.topics[name].partitions.values()) for name in names if name in self.topics)
        return {(name, each.partition): each for name, found in there for each in found if each.partition >= 0}


parse = msgspec.json.Decoder(Statistics).decode
