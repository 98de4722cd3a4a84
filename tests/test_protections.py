"""Each protection that no database, broker or Spark is needed for, switched off once: its own test must then fail.

`tests/property/protections.py` does the same for whole histories; docs/reliability.md lists all of them.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from api import client, memory
from api.chain import Chain
from api.liveness import Liveness, Watching
from ingestor import gaps as ingestor_gaps
from ingestor import repair
from ingestor.coverage import Coverage
from ingestor.gaps import Gaps
from tests.integration import test_ingestor_pages as of_repair
from tests.property import protections
from tests.unit import test_api_audit as of_audit
from tests.unit import test_api_chain as of_chain
from tests.unit import test_api_hub as of_hub
from tests.unit import test_api_ranges as of_ranges
from tests.unit import test_api_stages as of_stages
from tests.unit import test_ingestor_gaps as of_gaps


class Off(NamedTuple):
    """What is replaced by what, and the test that must notice."""

    owner: object
    name: str
    value: object
    test: Callable[[], None]


def always(answer: object) -> Callable[..., object]:
    return lambda *_args, **_named: answer


async def nothing(*_args: object) -> None:
    """A coroutine that does its work no more."""


SWITCHED_OFF = {
    "the running volume shows a gap": Off(
        Coverage, "holes", always([]), of_gaps.test_a_jump_of_the_running_volume_is_a_gap_between_the_two_trades
    ),
    "frames may change places for half a second": Off(
        ingestor_gaps, "GRACE_S", 0.0, of_gaps.test_frames_that_only_change_places_tell_nothing
    ),
    "a restart knows which gaps were told": Off(
        Gaps, "_remember", always(None),
        of_gaps.test_a_gap_that_an_earlier_process_told_is_not_told_again_but_its_healing_is,
    ),
    "what is missing is fetched": Off(
        repair.Repair, "_publish", nothing, of_repair.test_the_reading_ends_at_the_oldest_gap
    ),
    "only what is missing is fetched": Off(
        Gaps, "lacks", always(True),
        of_repair.test_only_what_is_missing_is_published_as_the_stream_would_have_sent_it,
    ),
    "every bar is held against the exchange's counter": Off(
        Chain, "_note", always(None), of_chain.test_a_jump_is_a_break_since_the_bar_before
    ),
    "a doubt holds what is exact": Off(
        Chain, "doubt", always(None),
        of_audit.test_it_steps_back_when_it_shows_that_the_exchange_withheld_a_trade_and_returns_with_it,
    ),
    "a feed that was away proves nothing": Off(
        Liveness, "reach", always(2**40),
        of_audit.test_a_symbol_that_has_not_traded_since_the_feed_was_away_is_proven_to_where_it_was_alive,
    ),
    "a symbol nobody watches is unknown": Off(
        Watching, "covers", always(True),
        of_ranges.test_a_symbol_whose_subscription_is_not_confirmed_is_unknown,
    ),
    "more trades are newer where rows of database and memory meet": Off(
        of_hub, "merged", lambda stored, recent: [*stored, *recent][:1],
        of_hub.test_merging_takes_the_version_that_counts_more_trades,
    ),
    "only news is broadcast": Off(
        memory.Memory, "accept", always(True),
        of_hub.test_replays_and_older_versions_are_not_sent,
    ),
    "a slow reader is closed": Off(
        client.Client, "_end_as_too_slow", always(None), of_hub.test_a_frozen_reader_is_closed_and_delays_nobody
    ),
    "a closing call that is put off is waited for": Off(
        of_stages.Stages, "_put_off", always(()), of_stages.test_a_delayed_closing_call_is_waited_for_until_it_comes
    ),
}  # fmt: skip


@pytest.mark.parametrize("off", SWITCHED_OFF.values(), ids=SWITCHED_OFF.keys())
def test_a_protection_switched_off_fails_its_test(off: Off, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repair, "_AGAIN_S", (0.01, 0.01, 0.01))
    off.test()  # as it is, all is well
    monkeypatch.setattr(off.owner, off.name, off.value)
    with pytest.raises(AssertionError):
        off.test()


def test_every_protection_is_listed_for_readers() -> None:
    listed = (Path(__file__).parents[1] / "docs" / "reliability.md").read_text("utf-8")
    names = [*SWITCHED_OFF, *(switch.__name__ for switch in protections.ALL)]
    assert [name for name in names if name not in listed] == []
