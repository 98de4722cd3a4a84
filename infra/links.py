"""`python -m infra.links`: the broker's users, topics and rules, by its administrator; it may be run at any time."""

import sys

from confluent_kafka.admin import AdminClient

from infra import acls, topics, users
from infra.admin import exit_status, reached
from market import log
from market.settings import KafkaSettings, MarketSettings, load


def ensure(admin: AdminClient, given: users.UserSettings, wanted: topics.TopicSettings, offset_s: float) -> list[str]:
    """Bring the broker to the contract and the table; what was changed, in words. Raises `KafkaException`.

    The users last: a service waits until it is let in, and then finds all that it needs.
    """
    changed = [*topics.ensure(admin, wanted, offset_s), *acls.ensure(admin)]
    return [f"users {', '.join(users.ensure(admin, given))}", *changed]


def main() -> int:
    logger = log.configure("links")
    kafka, given, wanted = load(KafkaSettings), load(users.UserSettings), load(topics.TopicSettings)
    offset_s = load(MarketSettings).clock_offset_s

    def work() -> str:
        return f"changed={'; '.join(ensure(reached(kafka, wanted.wait_s), given, wanted, offset_s))}"

    return exit_status(logger, kafka, work)


if __name__ == "__main__":
    sys.exit(main())
