"""The audit of a day and the explanation of its seconds, over a real broker and a real database."""

import asyncio
import time
from typing import Any

import httpx
import pytest

from market.messages import Gap, Pause, encode
from tests.api_builders import TEN, a_gap, a_status, a_watch, an_average
from tests.builders import a_trade, published
from tests.integration.api_stack import Api, Stack
from tests.unit.test_api_chain import a_link
from tests.waiting import until

pytestmark = pytest.mark.stack


def put(under: Stack, at: int, topic: str, symbol: str, value: bytes) -> None:
    """A record stamped `at` seconds after ten: by the market's clock for trades, by Spark's for bars."""
    stamp_s = TEN + at - (under.clock_offset_s if topic == "bars" else 0)
    under.producer.produce(topic, value, symbol, timestamp=stamp_s * 1_000)
    assert under.producer.flush(10) == 0


def send(under: Stack, at: int, *bars: Any) -> None:
    for bar in bars:
        put(under, at, "bars", bar.symbol, encode(bar))


def status(api: Api) -> dict[str, Any]:
    answer: dict[str, Any] = api.get("/api/v1/status")
    return answer


def recorded(under: Stack, symbol: str, bars: int) -> None:
    count = "SELECT COUNT(*) FROM bars WHERE symbol = %s"
    until(lambda: under.database.query(count, symbol) == [(bars,)], f"{bars} bars of {symbol} are recorded")


def test_a_day_is_exact_through_the_second_the_feed_was_alive_and_after_a_restart_too(under: Stack, api: Api) -> None:
    under.send(*(a_status(at) for at in range(-5, 70)))
    send(under, 10, *(a_link(at, at, at + 1, 1, symbol="1201") for at in range(60)))
    recorded(under, "1201", 60)
    until(lambda: status(api)["exact_through"] == TEN + 57 - 1, "all but the newest seconds are proven")
    assert status(api)["broken"] == 0
    api.end()
    api.start()
    until(lambda: status(api)["exact_through"] == TEN + 57 - 1, "the stored chain and the live one are one")
    (item,) = api.get("/api/v1/symbols?q=1201")["items"]
    assert (item["exact_through"], item["missing_lots"]) == (TEN + 56, 0)
    assert "audit.loaded" in api.log.read_text()


def test_a_break_is_told_once_and_holds_everything_until_it_is_mended(under: Stack, api: Api) -> None:
    under.send(*(a_status(at) for at in range(70, 150)))
    send(under, 100, a_link(80, 0, 5, 5, symbol="1202"), a_link(90, 7, 8, 1, symbol="1202"))
    send(under, 100, *(a_link(at, at - 80, at - 79, 1, symbol="1203") for at in range(80, 120)))
    until(lambda: status(api)["broken"] == 1, "the break is seen")
    assert status(api)["exact_held_by"] == "1202"
    assert status(api)["exact_through"] == TEN + 79
    until(lambda: "chain_broken symbol=1202" in api.log.read_text(), "the alarm is given")
    (item,) = api.get("/api/v1/symbols?q=1202")["items"]
    assert (item["exact_through"], item["missing_lots"]) == (TEN + 79, 2)
    send(under, 100, a_link(80, 0, 7, 7, symbol="1202", trades=2))
    until(lambda: "chain_mended symbol=1202" in api.log.read_text(), "the mending is told")
    assert (status(api)["broken"], status(api)["exact_through"]) == (0, TEN + 117 - 1)
    assert api.log.read_text().count("chain_broken symbol=1202") == 1


def test_a_second_is_explained_by_its_trades_its_versions_and_its_neighbours(under: Stack, api: Api) -> None:
    trades = [a_trade("200.1", volume=3, size=3, symbol="1204"), a_trade("200.9", volume=4, symbol="1204")]
    for at, trade in ((200, trades[0]), (201, trades[1]), (202, trades[0]), (203, a_trade("201.0", symbol="1204"))):
        put(under, at, "trades", "1204", published(trade).encode())
    late = a_trade("200.5", volume=9, symbol="1204", isTrial=True)
    put(under, 260, "trades", "1204", b"no trade")
    put(under, 290, "trades", "1204", published(late).encode())
    send(under, 200, a_link(200, 0, 3, 3, symbol="1204"), a_link(200, 0, 4, 4, symbol="1204", trades=2))
    send(under, 201, a_link(201, 4, 5, 1, symbol="1204"), a_link(300, 5, 6, 1, symbol="1204"))
    under.send(an_average(200, symbol="1204"))
    recorded(under, "1204", 3)
    found = api.get(f"/api/v1/explain/1204/{TEN + 200}")
    assert (found["state"], found["bar"]["trades"], found["average"]["count_5"]) == ("traded", 2, 1)
    assert [(each["volume"], each["counts"], len(each["repeats"])) for each in found["trades"]] == [
        (3, True, 1), (4, True, 0),
    ]  # fmt: skip
    assert found["explained"]
    assert [(each["trades"], each["at_us"]) for each in found["revisions"]] == [
        (number, (TEN + 200) * 1_000_000) for number in (1, 2)
    ]
    assert found["proof"]["state"] == "sealed"
    assert found["searched"]["trades"]["from_us"] == (TEN + 195) * 1_000_000
    assert found["searched"]["trades"]["through_us"] == (TEN + 260) * 1_000_000


def test_a_trade_far_behind_in_the_topic_is_found_too_and_what_is_nowhere_is_said(under: Stack, api: Api) -> None:
    send(under, 10, a_link(10, 0, 1, 1, symbol="1205"), a_link(20, 1, 2, 1, symbol="1205"))
    put(under, 280, "trades", "1205", published(a_trade("10.0", volume=1, symbol="1205")).encode())
    recorded(under, "1205", 2)
    found = api.get(f"/api/v1/explain/1205/{TEN + 10}")
    assert (len(found["trades"]), found["explained"]) == (1, True)
    assert found["searched"]["trades"]["through_us"] > (TEN + 280) * 1_000_000
    nowhere = api.get(f"/api/v1/explain/1205/{TEN + 20}")
    assert (nowhere["trades"], nowhere["explained"], nowhere["proof"]["state"]) == ([], False, "open")
    quiet = api.get(f"/api/v1/explain/1205/{TEN + 15}")
    assert (quiet["bar"], quiet["explained"], quiet["proof"]["state"]) == (None, None, "sealed")


def test_many_who_ask_for_one_second_share_a_search_and_too_many_seconds_are_refused(under: Stack, api: Api) -> None:
    send(under, 10, a_link(10, 0, 1, 1, symbol="1206"))
    recorded(under, "1206", 1)

    async def ask(seconds: list[int]) -> list[int]:
        async with httpx.AsyncClient(timeout=30) as client:
            paths = [f"{api.url}/api/v1/explain/1206/{TEN + second}" for second in seconds]
            return [each.status_code for each in await asyncio.gather(*(client.get(path) for path in paths))]

    assert set(asyncio.run(ask([10] * 30))) == {200}
    assert set(asyncio.run(ask(list(range(40))))) == {200, 503}


@pytest.mark.parametrize(
    ("path", "code"),
    [(f"explain/9999/{TEN}", 404), (f"explain/1206/{TEN + 90_000}", 422), ("explain/1206/-1", 422)],
)
def test_a_second_that_cannot_be_explained_is_refused(under: Stack, api: Api, path: str, code: int) -> None:
    send(under, 10, a_link(10, 0, 1, 1, symbol="1206"))
    recorded(under, "1206", 1)
    assert httpx.get(f"{api.url}/api/v1/{path}").status_code == code


def test_without_the_broker_an_explanation_is_refused_in_time(under: Stack, api: Api) -> None:
    send(under, 10, a_link(10, 0, 1, 1, symbol="1207"))
    recorded(under, "1207", 1)
    with under.frozen_broker():
        began_s = time.monotonic()
        answer = httpx.get(f"{api.url}/api/v1/explain/1207/{TEN + 10}", timeout=30)
        assert answer.status_code == 503
        assert time.monotonic() - began_s < 10


def test_halts_and_gaps_are_told_apart_from_empty_seconds(under: Stack, api: Api) -> None:
    under.send(a_watch(-6, "1208"), *(a_status(at) for at in range(-5, 150)))
    call = a_link(40, 1, 2, 1, symbol="1208", auction="call")
    send(under, 10, a_link(10, 0, 1, 1, symbol="1208"), call, a_link(60, 4, 5, 1, symbol="1208"))
    send(under, 10, a_link(145, 0, 1, 1, symbol="1209"))
    pause = Pause(symbol="1208", time_us=(TEN + 12) * 1_000_000, direction="up")
    gap: Gap = a_gap(40, 60, symbol="1208")
    under.put("feed", b"pause", encode(pause))
    under.put("feed", b"gap", encode(gap))
    recorded(under, "1208", 3)
    until(lambda: api.get("/api/v1/gaps?symbol=1208")["items"], "the gap is recorded")

    def states(first: int, end: int) -> str:
        path = f"/api/v1/bars/1208?start={TEN + first}&end={TEN + end}&fill=true"
        return "".join(item["state"][0] for item in api.get(path)["items"])

    assert states(8, 16) == "eetehhhh"
    assert states(38, 44) == "hhtuuu"
    assert states(58, 63) == "uutee"
    assert states(30, 33) == "hhh"  # the pause and its end are both outside
    assert states(62, 64) == "ee"
    under.put("feed", b"gap", encode(a_gap(40, 60, "healed", symbol="1208")))
    until(lambda: api.get("/api/v1/gaps?state=healed")["items"], "the gap is healed")
    assert states(40, 43) == "tee"
