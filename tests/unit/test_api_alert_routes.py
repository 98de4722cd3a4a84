"""`/api/v1/alerts` from outside, over a database that does not answer: what is refused before it is asked."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.alert_routes import MOST_BYTES, MOST_WRITES_A_SECOND, Door
from api.problems import Problem
from market.replay import Mark, add
from market.settings import MarketSettings
from tests.api_builders import TEN
from tests.api_server import Served, served
from tests.unit.test_api_alerts import price

OWNER = {"Alert-Owner": "a-word-of-my-own-0"}


@pytest.fixture(scope="module")
def api() -> Iterator[Served]:
    with served("2330") as up:
        yield up


def asked(api: Served, rule: Any, **headers: str) -> httpx.Response:
    body = rule if isinstance(rule, bytes) else json.dumps(rule).encode()
    given = {"content-type": "application/json", **OWNER, **headers}
    return httpx.post(f"{api.url}/api/v1/alerts", content=body, headers=given, timeout=20)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["detail"]


def test_a_page_of_another_site_may_not_use_its_visitors_access(api: Served) -> None:
    code, detail = refusal(asked(api, price(), origin="https://elsewhere.example"))
    assert (code, "API_ALLOWED_ORIGINS" in detail) == (403, True)
    for method in ("GET", "DELETE"):
        headers = {**OWNER, "origin": "https://elsewhere.example"}
        where = f"{api.url}/api/v1/alerts" + ("/1" if method == "DELETE" else "")
        assert httpx.request(method, where, headers=headers).status_code == 403


def test_no_form_of_another_site_can_send_one(api: Served) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        assert refusal(asked(api, price(), **{"content-type": kind}))[0] == 415


def test_a_body_has_a_size_however_it_comes(api: Served) -> None:
    assert refusal(asked(api, b" " * (MOST_BYTES + 1)))[0] == 413
    pieces = (b" " * 1_000 for _ in range(10))
    headers = {"content-type": "application/json", **OWNER}
    answer = httpx.post(f"{api.url}/api/v1/alerts", content=pieces, headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        (price(-1), "level"),
        (price(webhook="https://hooks.example.com/"), "webhook"),
        ({"type": "moon"}, "body"),
        (b"{", "body"),
        (b"\xff\xfe", "body"),
    ],
)
def test_what_cannot_be_is_refused_with_the_field_and_the_mend(api: Served, rule: Any, name: str) -> None:
    answer = asked(api, rule)
    assert refusal(answer)[0] == 422
    assert answer.json()["errors"][0]["input"] == name


@pytest.mark.parametrize("word", ["", "short", "x" * 65, "with a space in it", "<script>alert(1)</script>"])
def test_an_owner_says_a_word_that_cannot_be_guessed(api: Served, word: str) -> None:
    assert refusal(asked(api, price(), **{"Alert-Owner": word}))[0] == 422


def test_without_the_database_it_says_so(api: Served) -> None:
    assert refusal(asked(api, price()))[0] == 503
    assert httpx.get(f"{api.url}/api/v1/alerts", headers=OWNER).status_code == 503


def test_in_a_replay_nothing_can_be_set_and_nothing_is_heard(tmp_path: Path) -> None:
    add(tmp_path / "clock", Mark(machine_us=0, market_us=TEN * 1_000_000, speed=1, state="playing"))
    market = MarketSettings(market_replay=tmp_path / "clock", market_calendar="always")
    with served("2330", market=market) as api:
        assert refusal(asked(api, price()))[0] == 409
        assert api.api.live.followers == []


def test_no_more_than_so_many_changes_a_second() -> None:
    now_s = 0.0
    door = Door(frozenset(), lambda: now_s)
    for _ in range(MOST_WRITES_A_SECOND):
        door.check_rate()
    with pytest.raises(Problem) as refused:
        door.check_rate()
    assert refused.value.status == 429
    now_s = 1.01
    door.check_rate()
