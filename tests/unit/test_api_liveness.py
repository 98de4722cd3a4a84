from api.liveness import Liveness, Watching
from market.messages import Watched
from tests.api_builders import TEN, a_status, a_watch


def heard(*statuses: object) -> Liveness:
    liveness = Liveness()
    for status in statuses:
        liveness.note(status)  # type: ignore[arg-type]
    return liveness


def test_a_second_between_two_statuses_of_one_connection_is_proven() -> None:
    liveness = heard(*(a_status(at) for at in range(4)))
    assert [liveness.proves(TEN + at) for at in range(-1, 4)] == [False, True, True, True, False]


def test_silence_within_one_connection_is_proven_once_it_speaks_again() -> None:
    alive_us = TEN * 1_000_000
    mute = [a_status(at, alive_through_us=alive_us) for at in range(8)]
    assert not heard(*mute).proves(TEN + 2)
    assert heard(*mute, a_status(8)).proves(TEN + 2)


def test_a_reconnect_leaves_a_hole() -> None:
    liveness = heard(a_status(0), a_status(1), a_status(4, reconnects=1), a_status(5, reconnects=1))
    assert [liveness.proves(TEN + at) for at in range(5)] == [True, False, False, False, True]


def test_a_feed_that_says_it_is_disconnected_proves_nothing() -> None:
    liveness = heard(a_status(0), a_status(1, connected=False), a_status(2), a_status(3))
    assert [liveness.proves(TEN + at) for at in range(4)] == [False, False, True, False]


def test_a_silent_ingestor_proves_nothing() -> None:
    assert not heard(a_status(0), a_status(60)).proves(TEN + 30)


def test_two_statuses_of_one_named_connection_prove_what_lies_between_however_long_nobody_spoke() -> None:
    assert heard(a_status(0, connection="a"), a_status(60, connection="a")).proves(TEN + 30)
    assert not heard(a_status(0, connection="a"), a_status(1, connection="b")).proves(TEN)
    assert not heard(a_status(0), a_status(1, connection="b")).proves(TEN)


def test_replayed_statuses_change_nothing() -> None:
    liveness = heard(a_status(0), a_status(2), a_status(1, reconnects=9))
    assert liveness.proves(TEN + 1)


def told(*words: Watched) -> Watching:
    watching = Watching()
    for word in words:
        watching.note(word)
    return watching


def test_a_symbol_is_watched_from_the_second_after_it_was_said_until_it_is_said_no_more() -> None:
    watching = told(a_watch(0.5, "2330"), a_watch(3, "0050"), a_watch(3, "2330"), a_watch(1, "2330"))
    assert [at for at in range(6) if watching.covers("2330", TEN + at, 0)] == [1, 2]
    assert [at for at in range(6) if watching.covers("0050", TEN + at, 0)] == [3, 4, 5]


def test_what_was_said_on_another_connection_does_not_count() -> None:
    watching = told(a_watch(0, "2330"), a_watch(5, "2330"))
    assert [at for at in range(8) if watching.covers("2330", TEN + at, (TEN + 2) * 1_000_000)] == [5, 6, 7]
