"""A part of this suite on Kafka and MySQL as they are shipped; all of it runs so by `make containers`."""

from collections.abc import Iterator

import pytest

from tests.integration import containers
from tests.integration.test_api_process import (
    test_a_subscriber_sees_every_bar_once_it_is_written_wherever_it_joins,
    test_without_the_database_live_goes_on_and_says_so_and_afterwards_all_is_stored,
)
from tests.integration.test_api_store import (
    options,
    server,
    tables,
    test_in_any_order_and_repetition_the_row_with_most_trades_stays_whole,
    test_rows_and_offsets_are_stored_together_when_the_connection_is_killed_between,
)
from tests.integration.test_ingestor_broker_killed import (
    test_what_a_killed_broker_had_not_stored_is_sent_again_once_and_in_order,
)

__all__ = [
    "options",
    "server",
    "tables",
    "test_a_subscriber_sees_every_bar_once_it_is_written_wherever_it_joins",
    "test_in_any_order_and_repetition_the_row_with_most_trades_stays_whole",
    "test_rows_and_offsets_are_stored_together_when_the_connection_is_killed_between",
    "test_what_a_killed_broker_had_not_stored_is_sent_again_once_and_in_order",
    "test_without_the_database_live_goes_on_and_says_so_and_afterwards_all_is_stored",
]

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module", autouse=True)
def _shipped() -> Iterator[None]:
    """Before any other fixture of the module starts something."""
    with containers.instead():
        yield
