"""What each frame of the wire means, and that no bad one is taken for a trade or raises."""

import json
from typing import Any

import pytest

from ingestor.frames import Authenticated, Heartbeat, Refused, Subscribed, parse
from ingestor.trades import Trade, Unknown
from market.messages import Kind, Pause, decode_trade

NOW_US = 1_796_090_400_500_000  # 2026-12-01 10:00:00.5 in Taipei
DAY_US = 86_400_000_000
WATCHED = frozenset({"2330", "0050"})


def frame(**changes: Any) -> bytes:
    """A data frame with one good trade, some of its fields changed; `...` takes a field away."""
    data = {"symbol": "2330", "type": "EQUITY", "exchange": "TWSE", "market": "TSE", "time": NOW_US - 1_000,
            "price": 1085.5, "size": 3, "serial": 1100, "volume": 1003, "isContinuous": True} | changes  # fmt: skip
    kept = {name: value for name, value in data.items() if value is not ...}
    return enveloped(json.dumps(kept, separators=(",", ":")))


def enveloped(data: str) -> bytes:
    return f'{{"event":"data","data":{data},"id":"a","channel":"trades"}}'.encode()


def literal(field: str, text: str) -> bytes:
    """The good trade with `text` written, as it is, where the field's value stands."""
    return frame(**{field: "@"}).replace(b'"@"', text.encode())


BAD = {
    "truncated JSON": frame()[:-40],
    "invalid UTF-8": frame(note="@").replace(b"@", b"\xff\xfe"),
    "a megabyte": enveloped(json.dumps({"note": "x" * 2**20})),
    "a good trade with a long note": frame(note="x" * 1_000),
    "nested 100,000 deep": b"[" * 100_000,
    "a trade nested 100,000 deep": literal("note", "[" * 100_000 + "]" * 100_000),
    "NaN": literal("price", "NaN"),
    "Infinity": literal("price", "Infinity"),
    "price a string": literal("price", '"568"'),
    "price null": literal("price", "null"),
    "price missing": frame(price=...),
    "price negative": literal("price", "-568"),
    "price 0": literal("price", "0.0000"),
    "price 1e308": literal("price", "1e308"),
    "price with an exponent no number holds": literal("price", "1e99999999999999999999"),
    "price of 7 decimals": literal("price", "568.1234567"),
    "price of 9 digits": literal("price", "100000000"),
    "price an object": literal("price", '{"a":1}'),
    "price true": literal("price", "true"),
    "bid a string": literal("bid", '"567"'),
    "ask negative": literal("ask", "-1"),
    "size 0 without a halt flag": frame(size=0),
    "size 0 halted both ways": frame(size=0, isLimitUpHalt=True, isLimitDownHalt=True),
    "size negative": frame(size=-1),
    "size a float": literal("size", "3.0"),
    "size true": frame(size=True),
    "size that no market has": frame(size=10**10),
    "size 2^63": frame(size=2**63),
    "size missing": frame(size=...),
    "time missing": frame(time=...),
    "time 0": frame(time=0),
    "time in seconds": frame(time=NOW_US // 1_000_000),
    "time in milliseconds": frame(time=NOW_US // 1_000),
    "time tomorrow": frame(time=NOW_US + DAY_US),
    "time yesterday": frame(time=NOW_US - DAY_US),
    "time at the end of int64": frame(time=2**63 - 1),
    "time before int64": frame(time=-(2**63)),
    "time past int64": frame(time=2**64),
    "time a string": frame(time=str(NOW_US)),
    "serial missing": frame(serial=...),
    "serial a string": frame(serial="00379320"),
    "serial negative": frame(serial=-1),
    "volume a float": literal("volume", "1003.5"),
    "volume negative": frame(volume=-1),
    "a flag that is no boolean": frame(isTrial=1),
    "unknown event": b'{"event":"surprise","data":{}}',
    "event missing": b'{"data":{}}',
    "event a number": b'{"event":1}',
    "a binary frame": bytes(range(256)),
    "an empty frame": b"",
    "an array": b"[1,2,3]",
    "a bare null": b"null",
    "two objects": frame() + frame(),
    "array payload": enveloped("[" + json.dumps({"symbol": "2330"}) + "]"),
    "payload null": enveloped("null"),
    "another channel": frame().replace(b'"trades"', b'"books"'),
    "no channel": b'{"event":"data","data":{}}',
    "symbol not subscribed": frame(symbol="2317"),
    "symbol __proto__": frame(symbol="__proto__"),
    "symbol <script>": frame(symbol="<script>"),
    "symbol of SQL": frame(symbol="'; DROP TABLE bars"),
    "symbol of 10 KiB": frame(symbol="2" * 10_240),
    "symbol emoji": frame(symbol="📈"),
    "symbol right to left": frame(symbol="2330\u200f"),
    "symbol with a line end": frame(symbol="2330\n"),
    "symbol of other digits": frame(symbol="٢٣٣٠"),
    "symbol empty": frame(symbol=""),
    "symbol a number": frame(symbol=2330),
    "heartbeat with a wrong clock": b'{"event":"heartbeat","data":{"time":1}}',
    "heartbeat without time": b'{"event":"heartbeat"}',
    "subscribed to nothing": b'{"event":"subscribed","data":7}',
    "an error of 5,000 digits": b'{"event":"error","code":' + b"9" * 5_000 + b"}",
    "an error nested 100,000 deep": b'{"event":"error","data":{},"x":' + b"[" * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_frame_is_refused_with_a_reason(bad: bytes) -> None:
    found = parse(bad, NOW_US, WATCHED)
    assert isinstance(found, Unknown)
    assert found.reason


@pytest.mark.parametrize(
    ("flags", "kind"),
    [
        ({}, "continuous"),
        ({"isContinuous": ..., "isOpen": True}, "open"),
        ({"isContinuous": ..., "isClose": True}, "close"),
        ({"isContinuous": ...}, "call"),
        ({"isTrial": True}, "trial"),
        ({"isTrial": True, "isOpen": True, "isContinuous": ...}, "trial"),
        ({"serial": 99_999_999, "isContinuous": ...}, "after_hours"),
        ({"type": "ODDLOT"}, "odd_lot"),
        ({"type": "ODDLOT", "isTrial": True}, "odd_lot"),
        ({"isLimitUpHalt": True}, "continuous"),
    ],
)
def test_a_trade_is_of_the_kind_its_flags_say(flags: dict[str, Any], kind: Kind) -> None:
    found = parse(frame(**flags), NOW_US, WATCHED)
    assert isinstance(found, Trade)
    assert found.kind == kind == decode_trade(found.value).kind


def test_the_record_keeps_every_digit_and_every_field_the_exchange_sent() -> None:
    sent = frame(price="@", note={"new": [1, 2]}).replace(b'"@"', b"1085.5000")
    found = parse(sent, NOW_US, WATCHED)
    assert isinstance(found, Trade)
    data = sent[sent.index(b'"data":') + 7 : sent.index(b',"id"')]
    assert found.value == data[:-1] + b',"kind":"continuous","received_us":%d,"source":"stream"}' % NOW_US


def test_what_the_wire_says_of_our_own_fields_does_not_count() -> None:
    hostile = frame(kind="close", received_us=1, source="rest").replace(b'"source"', b'"sour\\u0063e"')
    found = parse(hostile, NOW_US, WATCHED)
    assert isinstance(found, Trade)
    read = decode_trade(found.value)
    assert (read.kind, read.received_us, read.source) == ("continuous", NOW_US, "stream")


def test_of_a_repeated_key_the_last_one_counts_here_and_for_every_reader() -> None:
    found = parse(frame().replace(b'"size":3', b'"size":9,"size":4'), NOW_US, WATCHED)
    assert isinstance(found, Trade)
    assert found.size == 4 == decode_trade(found.value).size


def test_a_trade_without_volume_bid_and_ask_or_with_them_null_or_zero_is_a_trade() -> None:
    for changes in ({"volume": ...}, {"bid": 0, "ask": 0}, {"bid": None, "ask": None, "volume": None}):
        assert isinstance(parse(frame(**changes), NOW_US, WATCHED), Trade)


def test_a_snapshot_of_the_last_trade_is_that_trade() -> None:
    found = parse(frame().replace(b'"event":"data"', b'"event":"snapshot"'), NOW_US, WATCHED)
    assert isinstance(found, Trade)


@pytest.mark.parametrize(
    ("time", "now"),
    [("just before midnight", "just after"), ("just after midnight", "just before, by a slow clock")],
)
def test_a_trade_is_taken_across_midnight(time: str, now: str) -> None:
    midnight = NOW_US - 500_000 + 14 * 3_600_000_000
    before, after = midnight - 1_000, midnight + 1_000
    stamp, clock = (before, after) if time == "just before midnight" else (after, before)
    assert isinstance(parse(frame(time=stamp), clock, WATCHED), Trade), now
    assert isinstance(parse(frame(time=before), midnight + 600_000_000, WATCHED), Unknown)


@pytest.mark.parametrize(("flag", "direction"), [("isLimitUpHalt", "up"), ("isLimitDownHalt", "down")])
def test_size_0_with_a_halt_flag_is_a_pause(flag: str, direction: str) -> None:
    found = parse(frame(size=0, **{flag: True}), NOW_US, WATCHED)
    assert found == Pause(symbol="2330", time_us=NOW_US - 1_000, direction=direction)  # type: ignore[arg-type]


def test_a_pause_of_odd_lots_is_not_taken_for_one_of_the_symbol() -> None:
    assert isinstance(parse(frame(size=0, isLimitUpHalt=True, type="ODDLOT"), NOW_US, WATCHED), Unknown)


@pytest.mark.parametrize(("flag", "auction"), [("isDelayedOpen", "open"), ("isDelayedClose", "close")])
def test_a_trial_match_says_that_its_call_is_put_off_and_nothing_else_does(flag: str, auction: str) -> None:
    found = parse(frame(isTrial=True, isContinuous=False, **{flag: True}), NOW_US, WATCHED)
    assert isinstance(found, Trade)
    assert (found.kind, found.delayed) == ("trial", auction)
    other = parse(frame(**{flag: True}), NOW_US, WATCHED)
    assert isinstance(other, Trade)
    assert other.delayed is None


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ('{"event":"authenticated","data":{"message":"Authenticated successfully"}}', Authenticated()),
        ('{"event":"authenticated"}', Authenticated()),
        (f'{{"event":"heartbeat","data":{{"time":{NOW_US}}}}}', Heartbeat(NOW_US)),
        (f'{{"event":"pong","data":{{"time":{NOW_US},"state":"x"}}}}', Heartbeat(NOW_US)),
        ('{"event":"subscribed","data":{"id":"A","channel":"trades","symbol":"2330"}}', Subscribed(("2330",))),
        (
            (
                '{"event":"subscribed","data":[{"id":"A","channel":"trades","symbol":"2330"},'
                '{"id":"B","channel":"trades","symbol":"0050"},{"id":"C","channel":"books","symbol":"0050"},'
                '{"id":"D","channel":"trades","symbol":"2317","intradayOddLot":true}]}'
            ),
            Subscribed(("2330", "0050")),
        ),
        ('{"event":"error","code":1001,"data":{"message":"over"}}', Refused(1001, "over")),
        ('{"event":"error","data":{"code":1001,"message":"over"}}', Refused(1001, "over")),
        ('{"event":"error","message":"over"}', Refused(None, "over")),
        ('{"event":"error"}', Refused(None, "")),
        (
            '{"event":"error","data":{"message":"Invalid authentication credentials"}}',
            Refused(1000, "Invalid authentication credentials"),
        ),
    ],
)
def test_a_status_frame_is_understood_in_each_of_its_forms(text: str, meaning: object) -> None:
    assert parse(text.encode(), NOW_US, WATCHED) == meaning
