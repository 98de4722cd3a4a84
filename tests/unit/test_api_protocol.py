import json
import struct

import pytest

from api import protocol
from api.frames import text_frame
from api.limits import Limits
from api.protocol import Ping, Refusal, Rows, Subscribe, Unsubscribe

LIMITS = Limits()


def test_a_subscription_is_understood() -> None:
    message = protocol.parse(
        '{"type":"subscribe","id":1,"channels":["bars","averages"],"symbols":["2330"],"since":1796090400}', LIMITS
    )
    assert message == Subscribe(
        type="subscribe", id=1, channels=["bars", "averages"], symbols=["2330"], since=1_796_090_400
    )


def test_ping_and_unsubscribe_are_understood() -> None:
    assert isinstance(protocol.parse('{"type":"ping"}', LIMITS), Ping)
    assert isinstance(protocol.parse('{"type":"unsubscribe","channels":["bars"]}', LIMITS), Unsubscribe)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"type":"dance"}',
        '{"type":"subscribe"}',
        '{"type":"subscribe","channels":[]}',
        '{"type":"subscribe","channels":["trades"]}',
        '{"type":"subscribe","channels":["bars"],"symbols":"2330"}',
        '{"type":"subscribe","channels":["bars"],"symbols":[2330]}',
        '{"type":"subscribe","channels":["bars"],"since":"yesterday"}',
        '{"type":"subscribe","channels":["bars"],"since":1.5}',
        '{"type":"subscribe","channels":["bars"],"position":"bar/0@-1"}',
        '{"type":"subscribe","channels":["bars"],"position":"bar/0@1,bar/0@2"}',
        '{"type":"ping","id":-1}',
        '{"type":"ping","extra":1}',
        "[" * 4_000,
        '{"type":"ping","id":1e999}',
    ],
)
def test_what_is_no_message_is_refused_with_400(text: str) -> None:
    found = protocol.parse(text, LIMITS)
    assert isinstance(found, Refusal)
    assert found.code == 400


def test_a_refusal_names_the_message_it_refuses() -> None:
    found = protocol.parse('{"type":"subscribe","id":7,"channels":["trades"]}', LIMITS)
    assert isinstance(found, Refusal)
    assert found.id == 7
    assert "channels" in found.message


def test_a_message_over_4_kib_is_refused_with_413_whatever_its_alphabet() -> None:
    for text in ("x" * 4_097, "台" * 1_400):
        found = protocol.parse(text, LIMITS)
        assert isinstance(found, Refusal)
        assert found.code == 413


def test_a_subscription_can_stand_in_the_url() -> None:
    found = protocol.from_query({"channels": "bars,averages", "symbols": "2330, 0050", "since": "1796090400"})
    assert found == Subscribe(
        type="subscribe", channels=["bars", "averages"], symbols=["2330", "0050"], since=1_796_090_400
    )
    assert protocol.from_query({}) is None
    assert isinstance(protocol.from_query({"channels": "trades"}), Refusal)


def test_unknown_and_impossible_symbols_are_refused_each_with_its_code() -> None:
    found = protocol.refused(["2330", "9999", "*", "<b>"], known=["2330"])
    assert {symbol: each.code for symbol, each in found.items()} == {"9999": 404, "<b>": 400}


def test_a_snapshot_carries_the_records_bytes_untouched() -> None:
    made = protocol.snapshot("2330", Rows([b'{"vwap":1085.1250}'], [], 5, complete=True))
    assert b'{"vwap":1085.1250}' in made
    bars = [{"vwap": 1085.125}]
    head = {"type": "snapshot", "symbol": "2330", "since": 5, "complete": True, "resumed": False}
    assert json.loads(made) == head | {"bars": bars, "averages": []}


@pytest.mark.parametrize(("size", "head"), [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)])
def test_a_frame_says_its_length(size: int, head: int) -> None:
    frame = text_frame(b"x" * size)
    assert (len(frame), frame[0]) == (size + head, 0x81)
    if head == 4:
        assert struct.unpack("!H", frame[2:4]) == (size,)
    if head == 10:
        assert struct.unpack("!Q", frame[2:10]) == (size,)
