from api.liveness import Liveness
from tests.api_builders import TEN, a_status


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


def test_replayed_statuses_change_nothing() -> None:
    liveness = heard(a_status(0), a_status(2), a_status(1, reconnects=9))
    assert liveness.proves(TEN + 1)
