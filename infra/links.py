"""`python -m infra.links`: the broker's users, topics and rules, by its administrator; it may be run at any time."""

import sys

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from infra import acls, topics, users
from infra.admin import UnreachedError, reached, said
from market import log
from market.links import RefusedError
from market.settings import EX_CONFIG, KafkaSettings, MarketSettings, load


def ensure(admin: AdminClient, given: users.UserSettings, wanted: topics.TopicSettings, offset_s: float) -> list[str]:
    """Bring the broker to the contract and the table; what was changed, in words. Raises `KafkaException`."""
    let_in = users.ensure(admin, given)
    changed = [*topics.ensure(admin, wanted, offset_s), *acls.ensure(admin)]
    return [f"users {', '.join(let_in)}", *changed]


def main() -> int:
    logger = log.configure("links")
    kafka, given, wanted = load(KafkaSettings), load(users.UserSettings), load(topics.TopicSettings)
    offset_s = load(MarketSettings).clock_offset_s
    try:
        changed = ensure(reached(kafka, wanted.wait_s), given, wanted, offset_s)
    except RefusedError as error:
        logger.error("refused broker=%s reason=%s", kafka.bootstrap, error)  # noqa: TRY400 - one line, no trace
        return EX_CONFIG
    except (KafkaException, UnreachedError) as error:
        logger.error("failed broker=%s reason=%s", kafka.bootstrap, said(error))  # noqa: TRY400 - one line, no trace
        return 1
    logger.info("ready changed=%s", "; ".join(changed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
