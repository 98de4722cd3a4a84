"""The administrator's client, once the broker answers it, and how a one-shot of its ends."""

import logging
import time
from collections.abc import Callable

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from market.links import Link, RefusedError, mend
from market.settings import EX_CONFIG, KafkaSettings

_ASK_S = 2.0


class UnreachedError(RuntimeError):
    """The broker did not answer in time; the message says what it said instead."""


def reached(kafka: KafkaSettings, seconds: float) -> AdminClient:
    """A client of a broker that answers: within `seconds`, or UnreachedError; RefusedError when it never will."""
    link, end = Link(), time.monotonic() + seconds
    admin = AdminClient(kafka.client() | {"log_level": 0, "error_cb": link.hear})
    while True:
        try:
            admin.list_topics(timeout=min(_ASK_S, seconds))
        except KafkaException as error:
            admin.poll(0)  # hands over what was heard
            link.check()
            if time.monotonic() > end:
                message = f"no answer within {seconds:g} s ({link.trouble or error.args[0]})"
                raise UnreachedError(message) from error
        else:
            return admin


def exit_status(logger: logging.Logger, kafka: KafkaSettings, work: Callable[[], str]) -> int:
    """Of a one-shot: 0 and what `work` says, 78 where only a person can help, 1 where another try may."""
    try:
        done = work()
    except RefusedError as error:
        logger.error("refused broker=%s reason=%s", kafka.bootstrap, error)  # noqa: TRY400 - one line, no trace
        return EX_CONFIG
    except (KafkaException, UnreachedError) as error:
        logger.error("failed broker=%s reason=%s", kafka.bootstrap, said(error))  # noqa: TRY400 - one line, no trace
        return 1
    logger.info("ready %s", done)
    return 0


def said(error: Exception) -> str:
    """What the broker refused, with its mend."""
    refused = error.args[0]
    return f"{refused}{mend(refused.name(), '')}" if isinstance(refused, KafkaError) else str(error)
