"""What the API says of itself: complete, with examples that are true, and nothing from elsewhere."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, get_args

import httpx
import jsonschema_rs
import msgspec
import pytest

from api import asyncapi, examples
from api.messages import SERVER_MESSAGES
from api.protocol import ClientMessage
from tests.api_server import Served, served


@pytest.fixture(scope="module")
def api() -> Iterator[Served]:
    with served("2330") as up:
        yield up


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A schema that finds the document's components."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "components": document["components"]}


def fits(document: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    jsonschema_rs.validate(resolved(document, schema), value)


def test_every_route_has_an_example_that_fits_its_schema(api: Served) -> None:
    document = httpx.get(f"{api.url}/openapi.json").json()
    assert set(document["paths"]) == {
        f"/api/v1/{path}"
        for path in (
            "symbols",
            "bars/{symbol}",
            "averages/{symbol}",
            "candles/{symbol}",
            "gaps",
            "explain/{symbol}/{second}",
            "status",
            "alerts",
            "alerts/{id}",
            "replay",
        )
    }
    for operation in (each for methods in document["paths"].values() for each in methods.values()):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            fits(document, content["schema"], content["example"])
        for status, answer in operation["responses"].items():
            for content in answer.get("content", {}).values():
                if content["schema"].get("format") != "binary":
                    fits(document, content["schema"], content["example"])
            assert status in {"204", "304"} or answer["content"]


def test_every_message_of_both_sides_is_described_with_an_example_that_fits() -> None:
    document = asyncapi.document()
    described = document["components"]["messages"]
    structs = {str(each.__struct_config__.tag) for each in SERVER_MESSAGES}
    said = {each.model_fields["type"].annotation.__args__[0] for each in get_args(ClientMessage)}
    assert set(described) == structs | said
    for message in described.values():
        for example in message["examples"]:
            fits(document, message["payload"], example["payload"])


@pytest.mark.parametrize("message", SERVER_MESSAGES, ids=lambda message: message.__name__)
def test_an_example_is_what_its_struct_reads_and_nothing_is_left_over(message: Any) -> None:
    given = examples.MESSAGES[message.__struct_config__.tag]
    read = msgspec.convert(given, message, strict=False)
    assert set(msgspec.to_builtins(read)) == set(given)


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = asyncapi.document()
    for reference in set(re.findall(r'"\$ref": ?"#/([^"]+)"', msgspec.json.encode(document).decode())):
        where: Any = document
        for part in reference.split("/"):
            where = where[part]


class Links(HTMLParser):
    """Everything a page loads, runs or styles within itself."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: set[str] = set()
        self.inline: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in {"link", "script", "img"}:
            self.loaded.add(given.get("href") or given.get("src") or "inline")
        self.inline |= {name for name in given if name == "style" or name.startswith("on")}
        self.inline |= {tag} & {"style", "script"}


def test_the_documentation_page_is_self_hosted_and_within_the_policy(api: Served) -> None:
    answer = httpx.get(f"{api.url}/docs")
    links = Links()
    links.feed(answer.text)
    assert links.loaded == {"/docs/style.css"}
    assert links.inline == set()
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert httpx.get(f"{api.url}/docs/style.css").headers["content-type"].startswith("text/css")
    for name in ("/api/v1/bars/{symbol}", "snapshot", "exact_held_by", "reconnect_after_ms"):
        assert name in answer.text


@pytest.mark.parametrize("path", ["/docs", "/asyncapi.json", "/api/v1/gaps/../status"])
def test_what_has_not_changed_is_not_sent_again(api: Served, path: str) -> None:
    answer = httpx.get(f"{api.url}{path}")
    again = httpx.get(f"{api.url}{path}", headers={"If-None-Match": answer.headers.get("etag", "-")})
    assert again.status_code == (304 if "etag" in answer.headers else 200)
    assert (again.content == b"") == (again.status_code == 304)
