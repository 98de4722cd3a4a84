"""HTTP over a real database: ranges, pages, fill, words for what is wrong, headers."""

import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from market.messages import SymbolInfo
from tests.api_builders import TEN, a_bar, a_gap, a_status, an_average
from tests.builders import golden_tape
from tests.integration.api_stack import Api, Stack, stack, until

pytestmark = pytest.mark.stack
OFFSET = {"CLOCK_OFFSET_S": str(TEN + 300 - int(time.time()))}
TAPE = golden_tape()[-1]["expect"]
INFO = SymbolInfo(symbol="2330", trading_day="2026-12-01", name="台積電", name_en="TSMC", reference_price=Decimal(1080))


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with stack(tmp_path_factory.mktemp("stack")) as under, under.api(**OFFSET) as up:
        send_everything(under)
        until(lambda: stored(under) == (len(TAPE["bars"]) + 1, 30, 1), "all is stored")
        until(lambda: len(up.get("/api/v1/symbols")["items"]) == 2, "the symbols are known")
        yield up


def send_everything(under: Stack) -> None:
    """The golden tape's bars, with a live feed around them and a gap at seconds 10 and 11."""
    under.send(INFO, *(a_status(at) for at in range(-5, 60)))
    bars = [a_bar(row["second"] - TEN, row["trades"]) for row in TAPE["bars"]]
    under.send(*(with_fields(bar, row) for bar, row in zip(bars, TAPE["bars"], strict=True)))
    under.send(a_bar(50, symbol="0050", price="190.05"), a_gap(10, 11, symbol="2330"))
    under.send(*(an_average(at, symbol="0050") for at in range(30)))


def with_fields(bar: Any, row: dict[str, Any]) -> Any:
    return type(bar)(**{name: row.get(name, getattr(bar, name)) for name in bar.__struct_fields__})


def stored(under: Stack) -> tuple[int, ...]:
    ((*found,),) = under.database.query(
        "SELECT (SELECT COUNT(*) FROM bars), (SELECT COUNT(*) FROM averages), (SELECT COUNT(*) FROM gaps)"
    )
    return tuple(found)


def test_bars_are_ascending_and_paged_by_a_cursor(api: Api) -> None:
    path = f"/api/v1/bars/2330?start={TEN}&end={TEN + 60}&limit=2"
    items, cursor = [], ""
    while True:
        page = api.get(path + cursor)
        items += page["items"]
        assert len(page["items"]) <= 2
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert [item["second"] for item in items] == [row["second"] for row in TAPE["bars"]]
    assert [item["vwap"] for item in items] == [float(row["vwap"]) for row in TAPE["bars"]]


def test_the_range_is_half_open(api: Api) -> None:
    seconds = [item["second"] for item in api.get(f"/api/v1/bars/2330?start={TEN}&end={TEN + 1}")["items"]]
    assert seconds == [TEN]


def test_filled_averages_are_the_golden_tapes(api: Api) -> None:
    wanted = TAPE["averages_every_second"]
    found = httpx.get(f"{api.url}/api/v1/averages/2330?start={TEN}&end={TEN + len(wanted)}&fill=true")
    items = found.json(parse_float=Decimal)["items"]
    assert [{name: item[name] for name in wanted[0]} for item in items] == wanted


def test_filled_bars_say_what_is_known_of_every_second(api: Api) -> None:
    page = api.get(f"/api/v1/bars/2330?start={TEN - 7}&end={TEN + 14}&fill=true")
    states = {item["second"] - TEN: item["state"] for item in page["items"]}
    assert {at for at, state in states.items() if state == "traded"} == {0, 1, 3, 4, 8}
    assert {at for at, state in states.items() if state == "unknown"} == {-7, -6, 10, 11}
    assert {at for at, state in states.items() if state == "empty"} == {*range(-5, 0), 2, 5, 6, 7, 9, 12, 13}


def test_the_future_has_no_seconds(api: Api) -> None:
    page = api.get(f"/api/v1/bars/2330?start={TEN + 200}&end={TEN + 90_000}&fill=true&limit=20000")
    assert page["next"] is None
    assert len(page["items"]) < 1_000


def test_csv_streams_the_same_rows(api: Api) -> None:
    answer = httpx.get(f"{api.url}/api/v1/bars/2330?start={TEN}&format=csv")
    head, *lines = answer.text.splitlines()
    assert head.startswith("symbol,second,open")
    assert len(lines) == len(TAPE["bars"])
    assert answer.headers["content-type"].startswith("text/csv")


@pytest.mark.parametrize(
    ("query", "found"), [("", ["0050", "2330"]), ("積", ["2330"]), ("tsm", ["2330"]), ("005", ["0050"])]
)
def test_symbols_are_found_by_code_and_names(api: Api, query: str, found: list[str]) -> None:
    items = httpx.get(f"{api.url}/api/v1/symbols", params={"q": query}).json()["items"]
    assert [item["symbol"] for item in items] == found
    assert all(item["last"]["second"] >= TEN for item in items)


def test_gaps_are_listed(api: Api) -> None:
    (gap,) = api.get("/api/v1/gaps?symbol=2330&state=open")["items"]
    assert (gap["missing_lots"], gap["from_us"]) == (3, (TEN + 10) * 1_000_000)
    assert api.get("/api/v1/gaps?state=healed")["items"] == []


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/api/v1/bars/9999", 404, "9999"),
        (f"/api/v1/bars/2330?start={TEN + 1}&end={TEN}", 422, "start"),
        (f"/api/v1/bars/2330?start={TEN - 40 * 86_400}&end={TEN}", 422, "31 days"),
        ("/api/v1/bars/2330?limit=0", 422, "limit"),
        ("/api/v1/bars/2330?limit=1000000000", 422, "limit"),
        ("/api/v1/bars/2330?start=-1", 422, "start"),
        ("/api/v1/bars/2330?start=99999999999999999999", 422, "start"),
        (f"/api/v1/bars/2330?start={TEN}&cursor={TEN - 1}", 422, "cursor"),
        ("/api/v1/bars/'; DROP TABLE bars", 422, "symbol"),
        ("/api/v1/bars/2330?format=xml", 422, "format"),
        ("/api/v1/gaps?state=closed", 422, "state"),
        ("/api/v1/nothing", 404, "Not Found"),
        ("/../../etc/passwd", 404, "Not Found"),
        ("/package.json", 404, "Not Found"),
        ("/node_modules/x.js", 404, "Not Found"),
    ],
)
def test_what_is_wrong_is_said_as_a_problem(api: Api, path: str, status: int, word: str) -> None:
    answer = httpx.get(f"{api.url}{path}")
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert problem["status"] == status
    assert word in str(problem)


def test_every_answer_carries_the_protective_headers(api: Api) -> None:
    for path in ("/", "/main.js", "/api/v1/status", "/api/v1/nothing"):
        headers = httpx.get(f"{api.url}{path}").headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_the_page_is_never_kept_and_its_parts_by_their_etag(api: Api) -> None:
    assert httpx.get(f"{api.url}/").headers["cache-control"] == "no-store"
    part = httpx.get(f"{api.url}/main.js")
    again = httpx.get(f"{api.url}/main.js", headers={"If-None-Match": part.headers["etag"]})
    assert again.status_code == 304


def test_the_openapi_document_describes_decimals_as_numbers(api: Api) -> None:
    schemas = api.get("/openapi.json")["components"]["schemas"]
    assert schemas["Bar"]["properties"]["vwap"]["type"] == "number"
    assert {"Bar", "Average", "Gap", "SymbolInfo", "SymbolWithLast"} <= set(schemas)


def test_it_is_alive_and_ready(api: Api) -> None:
    assert api.get("/healthz") == {"alive": True}
    assert api.get("/readyz") == {"ready": True, "reasons": []}
