"""Preparing faster starts must not hold up whoever stops the pipeline meanwhile."""

from threading import Event, Thread

from infra.local import ports, warm


def test_it_ends_soon_after_it_is_over_though_the_broker_is_gone() -> None:
    over = Event()
    work = Thread(target=warm._exercise, args=(f"{ports.HOST}:{ports.free()}", over), daemon=True)
    work.start()
    work.join(1.0)
    assert work.is_alive(), "it waits for the broker"
    over.set()
    work.join(20.0)
    assert not work.is_alive()
