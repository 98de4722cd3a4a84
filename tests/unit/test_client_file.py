"""The client of one file: its records are the contract's, and it finds its way back by itself."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import aclosing
from decimal import Decimal
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import pytest

import stock_insights_client as client
from api import messages as server
from api.alerts import Firing
from api.frames import text_frame
from api.told import Told, told
from market import messages as market
from stock_insights_client import Live, Problem
from tests.api_builders import TEN, a_bar
from tests.api_server import Served, served
from tests.unit.test_api_alerts import an_alert, price


@pytest.fixture
def api() -> Iterator[Served]:
    with served("2330", "0050") as up:
        yield up


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 20))


def test_its_rows_are_the_contracts_field_by_field() -> None:
    for ours, theirs in ((client.Bar, market.Bar), (client.Average, market.Average), (client.Gap, market.Gap)):
        assert get_type_hints(ours).items() <= get_type_hints(theirs).items()
    assert client.Bar.__struct_fields__ == market.Bar.__struct_fields__
    assert client.Average.__struct_fields__ == market.Average.__struct_fields__
    assert client.Alert.__struct_fields__ == Told.__struct_fields__


def test_what_it_reads_of_a_message_the_server_says() -> None:
    said = {str(each.__struct_config__.tag): set(each.__struct_fields__) for each in server.SERVER_MESSAGES}
    for read in (
        client.Status,
        client._Welcome,
        client._Ack,
        client._Snapshot,
        client._Ready,
        client._Bye,
        client._Alert,
        client._Error,
    ):
        assert set(read.__struct_fields__) <= said[str(read.__struct_config__.tag)]
    assert set(client.SymbolInfo.__struct_fields__) <= {*market.SymbolInfo.__struct_fields__, "last", "exact_through"}


def test_it_imports_nothing_of_this_project() -> None:
    text = Path(client.__file__).read_text("utf-8")
    assert not [
        name for name in ("market", "api", "infra", "tests") if f"from {name}" in text or f"import {name}" in text
    ]


async def until_held(live: Live, bars: int) -> None:
    async with asyncio.timeout(10), aclosing(aiter(live)) as events:  # type: ignore[type-var]
        async for _ in events:
            if len(live.bars) >= bars:
                return


def test_rows_come_once_and_corrections_replace_them(api: Served) -> None:
    async def work() -> None:
        live = Live(api.url, ["2330"], ["bars"], since=TEN)
        api.take(a_bar(0), a_bar(1))
        await until_held(live, 2)
        held = live.bars["2330", TEN]
        assert (held.close, held.trades) == (a_bar().close, 1)

    run(work())


def test_an_alert_that_fires_is_an_event(api: Served) -> None:
    firing = Firing(an_alert(17, **price(1085.5)), TEN, Decimal(1085), Decimal("1085.5"))

    async def work() -> None:
        live = Live(api.url, ["2330"], ["alerts"])
        async with aclosing(aiter(live)) as events:  # type: ignore[type-var]
            async for event in events:
                if isinstance(event, client.Alert):
                    assert (event.id, event.level, event.before) == (f"17-{TEN}", Decimal("1085.5"), Decimal(1085))
                    return
                api.do(lambda: api.api.live.hub.tell_any("alerts", "2330", "key", text_frame(told(firing))))

    run(work())


def test_it_says_what_no_new_try_would_mend(api: Served) -> None:
    async def work() -> None:
        live = Live(f"{api.url}/nowhere", ["2330"])
        with pytest.raises(Problem):
            await until_held(live, 1)

    run(work())


def test_of_several_servers_it_takes_one_that_is_there(api: Served) -> None:
    async def work() -> None:
        live = Live(["http://127.0.0.1:9", api.url], ["2330"], ["bars"], since=TEN)
        api.take(a_bar(0))
        await until_held(live, 1)

    run(work())


def test_it_subscribes_to_more_symbols_than_fit_into_a_message() -> None:
    many = [f"{number:016d}" for number in range(900)]
    with served(*many) as api:

        async def work() -> None:
            live = Live(api.url, many, ["bars"], since=TEN)
            api.take(*(a_bar(0, symbol=symbol) for symbol in many))
            await until_held(live, len(many))
            assert live.connections == 1

        run(work())


def test_a_message_that_is_refused_is_said(api: Served) -> None:
    async def work() -> None:
        with pytest.raises(Problem, match="channels"):
            await until_held(Live(api.url, ["2330"], ["trades"]), 1)  # type: ignore[list-item]

    run(work())


def test_a_symbol_that_is_not_known_yet_is_asked_for_again(api: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_ASK_AGAIN_S", 1)

    async def work() -> None:
        live = Live(api.url, ["1101"], ["bars"], since=TEN)
        following = asyncio.create_task(until_held(live, 1))
        while not live.refused:  # noqa: ASYNC110 - it says so by no event
            await asyncio.sleep(0.05)
        api.take(a_bar(0, symbol="1101"))
        await following

    run(work())


def test_what_it_does_not_know_it_ignores() -> None:
    with pytest.raises(msgspec.ValidationError):
        client._decode(b'{"type":"news","data":{}}')
