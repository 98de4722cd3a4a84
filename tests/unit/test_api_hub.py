from api.hub import EVERY, Hub
from api.memory import Memory, merged
from tests.api_builders import FakeWire, a_client, a_row


def a_hub_with(*wires: FakeWire, symbol: str = "2330", mailbox: int = 100) -> Hub:
    hub = Hub(Memory())
    for wire in wires:
        client = a_client(wire, hub.leave, mailbox)
        hub.join(client)
        hub.subscribe(client, ["bars"], symbol)
    return hub


def test_all_subscribers_get_the_same_bytes() -> None:
    one, other = FakeWire(), FakeWire()
    hub = a_hub_with(one, other)
    row = a_row()
    assert hub.publish(row, 0)
    assert one.written[0] is other.written[0]
    assert one.written[0].endswith(b'{"type":"bar","data":' + row.value + b"}")


def test_replays_and_older_versions_are_not_sent() -> None:
    wire = FakeWire()
    hub = a_hub_with(wire)
    for trades in (2, 2, 1, 3):
        hub.publish(a_row(trades=trades), 0)
    assert len(wire.written) == 2


def test_only_the_symbols_asked_for_are_sent() -> None:
    named, every = FakeWire(), FakeWire()
    hub = a_hub_with(named)
    client = a_client(every, hub.leave)
    hub.join(client)
    hub.subscribe(client, ["bars"], EVERY)
    hub.publish(a_row(symbol="0050"), 0)
    assert (len(named.written), len(every.written)) == (0, 1)


def test_a_client_that_asked_for_one_and_for_all_gets_it_once() -> None:
    wire = FakeWire()
    hub = a_hub_with(wire)
    hub.subscribe(hub.clients()[0], ["bars"], EVERY)
    hub.publish(a_row(), 0)
    assert len(wire.written) == 1


def test_a_frozen_reader_is_closed_and_delays_nobody() -> None:
    frozen, reading = FakeWire(room=1), FakeWire()
    hub = a_hub_with(frozen, reading, mailbox=5)
    for at in range(20):
        hub.publish(a_row(at), 0)
    assert frozen.closed is not None
    assert frozen.closed[0] == 1013
    assert len(reading.written) == 20
    assert len(hub.clients()) == 1


def test_whoever_left_is_forgotten() -> None:
    wire = FakeWire()
    hub = a_hub_with(wire)
    (client,) = hub.clients()
    client.leave()
    hub.subscribe(client, ["bars"], "0050")
    hub.publish(a_row(), 0)
    assert wire.written == []
    assert hub.wants(client) == {}


def test_memory_forgets_by_age_of_arrival() -> None:
    memory = Memory(keep_s=10)
    memory.accept(a_row(0), 0)
    memory.accept(a_row(1), 9)
    memory.accept(a_row(2), 11)
    assert sorted(row.second for row in memory.rows("bar", "2330")) == [a_row(1).second, a_row(2).second]


def test_memory_forgets_the_oldest_when_there_are_too_many() -> None:
    memory = Memory(most_rows=2)
    for at in range(5):
        memory.accept(a_row(at), 0)
    assert sorted(row.second for row in memory.rows("bar", "2330")) == [a_row(3).second, a_row(4).second]
    assert len(memory) == 2


def test_a_newer_version_outlives_the_arrival_it_replaced() -> None:
    memory = Memory(keep_s=10)
    memory.accept(a_row(0, trades=1), 0)
    memory.accept(a_row(0, trades=2), 8)
    memory.accept(a_row(1), 12)
    assert {row.trades for row in memory.rows("bar", "2330") if row.second == a_row(0).second} == {2}


def test_memory_knows_the_last_bar_however_long_ago() -> None:
    memory = Memory(keep_s=1)
    memory.accept(a_row(5), 0)
    memory.accept(a_row(3), 0)
    memory.accept(a_row(0, symbol="0050"), 100)
    last = memory.last("2330")
    assert last is not None
    assert last.second == a_row(5).second


def test_merging_takes_the_version_that_counts_more_trades() -> None:
    stored = [a_row(0, trades=1), a_row(1, trades=5)]
    recent = [a_row(2), a_row(1, trades=4), a_row(0, trades=2)]
    assert [(row.second, row.trades) for row in merged(stored, recent)] == [
        (a_row(0).second, 2),
        (a_row(1).second, 5),
        (a_row(2).second, 1),
    ]


def test_what_is_about_no_symbol_comes_once_to_each_who_hears_the_channel() -> None:
    twice, named, deaf = FakeWire(), FakeWire(), FakeWire()
    hub = a_hub_with(deaf)
    for wire, symbols in ((twice, ("2330", EVERY)), (named, ("0050",))):
        client = a_client(wire, hub.leave)
        hub.join(client)
        for symbol in symbols:
            hub.subscribe(client, ["alerts"], symbol)
    hub.tell_any("alerts", None, "stale", b"lost")
    hub.tell_any("alerts", "2330", "price", b"reached")
    assert (twice.written, named.written, deaf.written) == ([b"lost", b"reached"], [b"lost"], [])


def test_a_plain_client_hears_only_what_is_sent_to_it() -> None:
    wire = FakeWire()
    hub = a_hub_with(wire)
    (client,) = hub.clients()
    client.is_plain = True
    hub.tell_all("status", b"status")
    client.send("row", b"row")
    assert wire.written == [b"row"]
