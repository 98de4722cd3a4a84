"""HTTP over a real database: ranges, pages, fill, words for what is wrong, headers."""

import asyncio
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from market.messages import SymbolInfo
from tests.api_builders import TEN, a_bar, a_gap, a_status, a_watch, an_average
from tests.builders import golden_tape
from tests.integration.api_stack import Api, Stack
from tests.waiting import until

pytestmark = pytest.mark.stack
MANY = 6_000  # more than a page, and more than one look into the database
NOW_S = TEN + MANY + 300
TAPE = golden_tape()[-1]["expect"]
INFO = SymbolInfo(symbol="2330", trading_day="2026-12-01", name="台積電", name_en="TSMC", reference_price=Decimal(1080))


@pytest.fixture(scope="module")
def api(under: Stack) -> Iterator[Api]:
    with under.api() as up:
        send_everything(under)
        until(lambda: stored(under) == (len(TAPE["bars"]) + 1, MANY, 4), "all is stored")
        until(lambda: len(up.get("/api/v1/symbols")["items"]) == 2, "the symbols are known")
        yield up


def send_everything(under: Stack) -> None:
    """The golden tape's bars, with a live feed around them and a gap at seconds 10 and 11."""
    under.send(INFO, a_watch(-6, "2330", "0050"), *(a_status(at) for at in range(-5, 60)))
    bars = [a_bar(row["second"] - TEN, row["trades"]) for row in TAPE["bars"]]
    under.send(*(with_fields(bar, row) for bar, row in zip(bars, TAPE["bars"], strict=True)))
    under.send(a_bar(50, symbol="0050", price="190.05"), a_gap(10, 11, symbol="2330"))
    under.send(*(an_average(at, symbol="0050") for at in range(MANY)))
    under.send(*(a_gap(at, at + 1, "lost", symbol="0050") for at in (31, 32, 33)))


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


def test_pages_lead_both_ways_and_meet(api: Api) -> None:
    path = f"/api/v1/bars/2330?start={TEN}&end={TEN + 60}&limit=2"
    found, before = [], f"&before={TEN + 60}"
    while True:
        page = api.get(path + before)
        found[:0] = page["items"]
        if page["previous"] is None:
            break
        before = f"&before={page['previous']}"
    assert [item["second"] for item in found] == [row["second"] for row in TAPE["bars"]]
    second = api.get(f"{path}&cursor={api.get(path)['next']}")
    assert api.get(f"{path}&before={second['previous']}")["items"] == api.get(path)["items"]
    assert api.get(f"{path}&before={second['previous']}")["next"] == second["previous"]


@pytest.mark.parametrize("kind", ["bars", "averages"])
def test_filled_pages_lead_back_too(api: Api, kind: str) -> None:
    page = api.get(f"/api/v1/{kind}/2330?start={TEN}&end={TEN + 9}&fill=true&limit=4&before={TEN + 9}")
    assert [item["second"] - TEN for item in page["items"]] == [5, 6, 7, 8]
    page = api.get(f"/api/v1/{kind}/2330?start={TEN}&end={TEN + 9}&fill=true&limit=5&before={page['previous']}")
    assert [item["second"] - TEN for item in page["items"]] == [0, 1, 2, 3, 4]
    assert (page["previous"], page["next"]) == (None, str(TEN + 5))


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
    page = api.get(f"/api/v1/bars/2330?start={TEN + MANY + 200}&end={TEN + MANY + 90_000}&fill=true&limit=20000")
    assert page["next"] is None
    assert len(page["items"]) < 1_000


def test_csv_streams_the_same_rows(api: Api) -> None:
    answer = httpx.get(f"{api.url}/api/v1/bars/2330?start={TEN}&format=csv")
    head, *lines = answer.text.splitlines()
    assert head.startswith("symbol,second,open")
    assert len(lines) == len(TAPE["bars"])
    assert answer.headers["content-type"].startswith("text/csv")


def test_a_stream_is_the_whole_range_however_long(api: Api) -> None:
    csv = httpx.get(f"{api.url}/api/v1/averages/0050?start={TEN}&format=csv").text
    assert len(csv.splitlines()) == 1 + MANY
    assert len(httpx.get(f"{api.url}/api/v1/averages/0050?start={TEN}&format=csv&limit=7").text.splitlines()) == 8
    table = parquet(api, "averages/0050")
    assert table.num_rows == MANY
    assert table.schema.field("sma_5").type == pa.decimal128(12, 4)


def test_parquet_has_the_same_digits_as_json(api: Api) -> None:
    table = parquet(api, "bars/2330")
    items = httpx.get(f"{api.url}/api/v1/bars/2330?start={TEN}").json(parse_float=Decimal)["items"]
    assert table.to_pylist() == items


def test_an_empty_range_is_an_empty_file(api: Api) -> None:
    assert parquet(api, "bars/2330", TEN + 100).num_rows == 0
    csv = httpx.get(f"{api.url}/api/v1/bars/2330?start={TEN + 100}&format=csv").text
    assert csv.splitlines() == [csv.strip()]


def parquet(api: Api, path: str, start: int = TEN) -> pa.Table:
    answer = httpx.get(f"{api.url}/api/v1/{path}?start={start}&format=parquet")
    assert answer.headers["content-type"] == "application/vnd.apache.parquet"
    return pq.read_table(io.BytesIO(answer.content))


def test_the_same_page_is_not_sent_twice(api: Api) -> None:
    path = f"{api.url}/api/v1/bars/2330?start={TEN}&end={TEN + 60}"
    answer = httpx.get(path)
    again = httpx.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = httpx.get(path + "&limit=1", headers={"If-None-Match": answer.headers["etag"]})
    assert other.status_code == 200


def test_a_crowd_that_comes_back_at_once_asks_the_database_for_each_page_a_few_times(api: Api) -> None:
    async def crowd() -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=api.url, limits=httpx.Limits(max_connections=200), timeout=30) as browser:
            path = f"/api/v1/averages/0050?start={TEN}&limit=5000"
            return await asyncio.gather(*(browser.get(path) for _ in range(200)))

    before = queries(api)
    answers = asyncio.run(crowd())
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.headers["etag"] for answer in answers}) == 1
    assert queries(api) - before < 60


def queries(api: Api) -> float:
    figures = httpx.get(f"{api.url}/metrics").text
    return float(next(each.split()[-1] for each in figures.splitlines() if "query_seconds_count" in each))


def test_gaps_are_paged(api: Api) -> None:
    page = api.get("/api/v1/gaps?symbol=0050&limit=2")
    rest = api.get(f"/api/v1/gaps?symbol=0050&limit=2&cursor={page['next']}")
    assert [gap["from_us"] // 1_000_000 - TEN for gap in page["items"] + rest["items"]] == [33, 32, 31]
    assert rest["next"] is None


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
        (f"/api/v1/bars/2330?start={TEN}&before={TEN - 1}", 422, "before"),
        (f"/api/v1/bars/2330?start={TEN}&before={TEN + 2}&cursor={TEN + 1}", 422, "one of them"),
        ("/api/v1/bars/2330?format=parquet&fill=true", 422, "fill"),
        ("/api/v1/gaps?cursor=1-2", 422, "cursor"),
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
