from api.client import SLOW_READER, Client, Traffic
from api.limits import LONGEST_STANDSTILL_S
from tests.api_builders import FakeWire, a_client, key


def test_a_reader_that_keeps_up_gets_every_frame_at_once() -> None:
    wire = FakeWire()
    client = a_client(wire)
    for number in range(3):
        client.send(key(number), b"%d" % number)
    assert wire.written == [b"0", b"1", b"2"]
    assert client.idle


def test_what_a_slow_reader_missed_comes_when_it_reads_again_and_in_order() -> None:
    wire = FakeWire(room=1)
    client = a_client(wire)
    for number in range(4):
        client.send(key(number), b"%d" % number)
    assert wire.written == [b"0"]
    wire.read()
    assert wire.written == [b"0", b"1", b"2", b"3"]


def test_of_two_frames_with_one_key_a_slow_reader_gets_the_newer() -> None:
    wire = FakeWire(room=1)
    client = a_client(wire, mailbox=1)
    client.send(key(0), b"taken at once")
    client.send(key(1), b"older")
    client.send(key(1), b"newer")
    wire.read()
    assert wire.written == [b"taken at once", b"newer"]


def test_draining_stops_when_the_wire_has_had_enough_again() -> None:
    wire = FakeWire(room=1)
    client = a_client(wire)
    for number in range(5):
        client.send(key(number), b"%d" % number)
    wire.read(2)
    assert wire.written == [b"0", b"1", b"2"]
    assert not client.idle


def test_a_full_mailbox_ends_that_client() -> None:
    gone: list[object] = []
    wire = FakeWire(room=1)
    client = a_client(wire, gone.append, mailbox=2)
    for number in range(4):
        client.send(key(number), b"")
    assert wire.closed is not None
    assert wire.closed[0] == SLOW_READER
    assert gone == [client]


def test_an_ended_client_is_written_to_no_more() -> None:
    wire = FakeWire()
    client = a_client(wire)
    client.end(1000, "enough")
    client.send(key(0), b"late")
    client.end(1013, "again")
    assert wire.written == []
    assert wire.closed == (1000, "enough")


def test_a_reader_that_takes_nothing_for_long_goes_even_with_room_in_its_mailbox() -> None:
    wire = FakeWire(room=1)
    client = a_client(wire)
    client.send(key(0), b"")
    client.check(LONGEST_STANDSTILL_S)
    assert wire.closed is None
    client.check(LONGEST_STANDSTILL_S + 1)
    assert wire.closed is not None


def test_a_status_never_overtakes_what_was_sent_before_it() -> None:
    wire = FakeWire(room=1)
    client = a_client(wire)
    client.send(key(0), b"taken at once")
    client.send("status", b"older status")
    client.send(key(1), b"row")
    client.send("status", b"newer status")
    wire.read()
    assert wire.written == [b"taken at once", b"row", b"newer status"]


def test_what_went_to_clients_is_counted() -> None:
    wire, traffic = FakeWire(room=1), Traffic()
    client = Client(wire, lambda _: None, 1, traffic)
    wire.client = client
    for number in (0, 1, 1, 2):
        client.send(key(number), b"")
    assert (traffic.frames, traffic.replaced, traffic.too_slow) == (4, 1, 1)
