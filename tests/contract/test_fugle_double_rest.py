"""The double's REST interface (fugle.md 3.2, 3.3)."""

from decimal import Decimal
from itertools import pairwise

from simulator.ledger import Board
from tests.contract.double import (
    BASE,
    LIVE,
    Double,
    on_a_double,
    until,
)


@on_a_double(**LIVE)
async def test_rest_gives_at_most_500_rows_and_pages_join_without_a_hole(double: Double) -> None:
    board, ledger = Board("2330", odd=False, trial=False), double.exchange.ledger
    await until(lambda: len(ledger.bodies(board, 500, 100, oldest_first=True)) == 100)
    rows = (await double.rest("trades/2330?limit=5000"))["data"]
    assert len(rows) == 500
    oldest = (await double.rest("trades/2330?sort=asc&limit=500"))["data"]
    following = (await double.rest("trades/2330?sort=asc&limit=500&offset=500"))["data"]
    joined = oldest + following
    assert "isOpen" in joined[0]
    for one, other in pairwise(joined):
        if other["size"]:
            assert one["volume"] + other["size"] == other["volume"]


@on_a_double(plan="basic")
async def test_rest_refuses_a_wrong_key_an_unknown_path_and_a_call_too_many(double: Double) -> None:
    assert await double.get(f"{BASE}/intraday/trades/2330", key=None) == (
        401, {"statusCode": 401, "message": "Unauthorized"},
    )  # fmt: skip
    assert (await double.get(f"{BASE}/intraday/ticker/NONE"))[0] == 404
    assert await double.get("/elsewhere") == (404, {"statusCode": 404, "message": "Resource Not Found"})
    statuses = [(await double.get(f"{BASE}/intraday/ticker/2330"))[0] for _ in range(61)]
    if 429 in statuses:  # the clock's minute may have changed in between
        assert statuses[-1] == 429
    statuses += [(await double.get(f"{BASE}/intraday/ticker/2330"))[0] for _ in range(61)]
    assert 429 in statuses


@on_a_double()
async def test_the_ticker_has_reference_data_with_exact_prices(double: Double) -> None:
    one = await double.rest("ticker/2330")
    expected = {
        "name": "台積電", "referencePrice": 2380, "previousClose": 2385, "limitUpPrice": 2615, "limitDownPrice": 2145,
        "boardLot": 1000, "securityType": "01", "exchange": "TWSE", "market": "TSE", "matchingInterval": 0,
    }  # fmt: skip
    assert expected.items() <= one.items()
    listed = await double.rest("tickers?type=EQUITY&exchange=TPEx")
    assert {"symbol": "6488", "name": "環球晶"} in listed["data"]
    assert "2330" not in {each["symbol"] for each in listed["data"]}


@on_a_double()
async def test_the_quote_totals_what_was_traded(double: Double) -> None:
    assert "total" not in await double.rest("quote/2330")
    for _ in range(3):
        await double.control("next")
    quote = await double.rest("quote/2330")
    assert (quote["openPrice"], quote["highPrice"], quote["lowPrice"]) == (1085, 1087, Decimal("1084.5"))
    assert (quote["total"]["tradeVolume"], quote["total"]["transaction"]) == (1025, 8)
    assert quote["lastTrade"]["serial"] == 1400


@on_a_double()
async def test_healthz_needs_no_key(double: Double) -> None:
    assert await double.get("/healthz", key=None) == (200, {"status": "ok"})
