"""The first version's socket: its messages field by field, and a switch that is off."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from api import original
from market.messages import SymbolInfo
from tests.api_builders import TEN, a_bar, an_average
from tests.api_server import Served, served

INFO: dict[str, Any] = {"symbol": "2330", "trading_day": "2026-12-01"}
A_SECOND = {
    "symbol": "2330",
    "type": "per_sec_data",
    "start": "2026-12-01T02:00:00.000Z",
    "end": "2026-12-01T02:00:01.000Z",
    "last_data_time": "2026-12-01T02:00:00.500Z",
    "real_data_count": 2,
    "filled_data_count": 0,
    "real_or_filled": "real",
    "vwap_price_per_sec": 1085,
    "size_per_sec": 2,
    "volume_till_now": 1002,
    "yesterday_price": 1079.5,
    "price_change_percentage": 0.46,
}
FIVE_SECONDS = {
    "symbol": "2330",
    "type": "MA_data",
    "MA_type": "5_MA_data",
    "start": "2026-12-01T01:59:57.000Z",
    "end": "2026-12-01T02:00:02.000Z",
    "sma_value": 1086,
    "sum_of_vwap": 2172,
    "count_of_vwap": 2,
    "window_data_count": 5,
    "real_data_count": 2,
    "filled_data_count": 3,
}


@pytest.fixture
def api() -> Iterator[Served]:
    with served("2330", original_socket=True) as up:
        yield up


def joined(api: Served) -> Any:
    return connect(f"ws://127.0.0.1:{api.port}{original.PATH}", compression=None)


def heard(client: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(client.recv(10))
    assert message.pop("current_time").endswith("Z")
    return message


def test_a_record_is_a_message_in_the_first_versions_words(api: Served) -> None:
    with joined(api) as client:
        api.take(SymbolInfo(**INFO, reference_price=1080, previous_close=1079.5))  # type: ignore[arg-type]
        api.take(a_bar(0, 2), a_bar(1, 1, price="1087"))
        assert heard(client) == A_SECOND
        assert heard(client)["start"] == "2026-12-01T02:00:01.000Z"
        mean = {f"sma_{n}": 1086 for n in (5, 10, 15)} | {f"count_{n}": 2 for n in (5, 10, 15)}
        api.take(an_average(1, 3, **mean))
        assert heard(client) == FIVE_SECONDS
        assert [heard(client)["MA_type"] for _ in range(2)] == ["10_MA_data", "15_MA_data"]


def test_what_is_unknown_is_left_out_and_never_zero(api: Served) -> None:
    with joined(api) as client:
        api.take(a_bar(0, day_volume=None))
        left_out = {"volume_till_now", "yesterday_price", "price_change_percentage"}
        assert set(A_SECOND) - set(heard(client)) == left_out
        api.take(an_average(1, 2, count_5=2, count_10=2, count_15=2))  # one of its two bars is not at hand
        assert set(FIVE_SECONDS) - set(heard(client)) == {"sum_of_vwap"}


def test_nothing_but_rows_is_said_and_nothing_is_answered(api: Served) -> None:
    with joined(api) as client:
        client.send('{"type":"ping"}')
        client.send(b"\x00")
        api.do(lambda: api.api.live.hub.tell_all("status", b"\x81\x02{}"))
        api.take(a_bar(0))
        assert heard(client)["type"] == "per_sec_data"
        assert api.do(lambda: len(api.api.live.hub.clients())) == 1


def test_a_correction_is_a_message_again_and_a_repetition_is_none(api: Served) -> None:
    with joined(api) as client:
        api.take(a_bar(0), a_bar(0), a_bar(0, 2))
        assert [heard(client)["real_data_count"] for _ in range(2)] == [1, 2]


def test_pages_of_other_sites_are_refused(api: Served) -> None:
    where = f"ws://127.0.0.1:{api.port}{original.PATH}"
    with pytest.raises(InvalidStatus) as refusal, connect(where, additional_headers={"Origin": "https://x.example"}):
        pass
    assert refusal.value.response.status_code == 403


def test_it_is_off_unless_it_is_switched_on() -> None:
    with served("2330") as api, pytest.raises(InvalidStatus) as refusal, joined(api):
        pass
    assert refusal.value.response.status_code in {403, 404}


def test_a_second_is_a_second_of_the_exchange() -> None:
    assert original.iso(TEN * 1_000_000 + 999_999) == "2026-12-01T02:00:00.999Z"
