"""The HTTP half of the fake server: the page's files and `/api/v1`, answered from the tape."""

import csv
import io
import json
import mimetypes
from http import HTTPStatus
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from websockets.datastructures import Headers
from websockets.http11 import Response

from tests.browser.explained import explained
from tests.browser.tape import Row, Stock, Tape

PAGE = Path(__file__).resolve().parents[2] / "frontend"
LOGO_STYLE = "sha256-3pRED1tOXas1FXFoPb9TGCjmYe9XQsmO9OV23khV2nY="
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' '"
    + LOGO_STYLE
    + "'; connect-src 'self'; img-src 'self' data:; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
FORMATS = ["json", "csv", "parquet"]


class Facts(Protocol):
    """What the answers are made of."""

    tape: Tape
    stocks: dict[str, Stock]
    gaps: list[Row]

    def now_us(self) -> int:
        """The exchange's clock."""


def answer(facts: Facts, target: str) -> Response:
    """The response to a GET."""
    address = urlsplit(target)
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    if address.path == "/openapi.json":
        return _json(_described())
    if not address.path.startswith("/api/v1/"):
        return _file(address.path)
    path = [unquote(part) for part in address.path.removeprefix("/api/v1/").split("/")]
    if path[0] == "bars" and query.get("format") == "csv":
        return _csv(_bars(facts, path[1], query))
    return _json(_api(facts, path, query))


def _api(facts: Facts, path: list[str], query: dict[str, str]) -> Row | None:
    now_us = facts.now_us()
    match path:
        case ["symbols"]:
            q = query.get("q", "").lower()
            stocks = facts.tape.stocks
            hits = [stock for stock in stocks if q in f"{stock.symbol} {stock.name} {stock.name_en}".lower()]
            return {"items": [facts.tape.info(stock, now_us) for stock in hits], "next": None}
        case ["gaps"]:
            symbol = query.get("symbol")
            return {"items": [gap for gap in facts.gaps if symbol in (None, gap["symbol"])], "next": None}
        case ["bars", symbol] if symbol in facts.stocks:
            limit, rows = int(query.get("limit", "1000")), _bars(facts, symbol, query)
            if "before" in query:
                return {"items": rows[-limit:], "next": None}
            return {"items": rows[:limit], "next": str(rows[limit]["second"]) if len(rows) > limit else None}
        case ["explain", symbol, second] if symbol in facts.stocks:
            return explained(facts.tape, facts.stocks[symbol], int(second), now_us)
    return None


def _bars(facts: Facts, symbol: str, query: dict[str, str]) -> list[Row]:
    start = int(query.get("cursor", query["start"]))
    end = int(query.get("before", query["end"]))
    return facts.tape.bars(facts.stocks[symbol], start, end, facts.now_us())


def _described() -> Row:
    parameter = {"name": "format", "schema": {"enum": FORMATS}}
    return {"paths": {"/api/v1/bars/{symbol}": {"get": {"parameters": [parameter]}}}}


def _response(status: HTTPStatus, body: bytes, content_type: str) -> Response:
    headers = Headers(
        {
            "Content-Type": content_type,
            "Content-Length": str(len(body)),
            "Content-Security-Policy": CSP,
            "Connection": "close",
        }
    )
    headers["X-Content-Type-Options"] = "nosniff"
    return Response(status, status.phrase, headers, body)


def _json(value: Row | None) -> Response:
    status = HTTPStatus.OK if value is not None else HTTPStatus.NOT_FOUND
    return _response(status, json.dumps(value, ensure_ascii=False).encode(), "application/json")


def _csv(rows: list[Row]) -> Response:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0] if rows else ["symbol"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return _response(HTTPStatus.OK, text.getvalue().encode(), "text/csv; charset=utf-8")


def _file(path: str) -> Response:
    file = (PAGE / (path.lstrip("/") or "index.html")).resolve()
    if not file.is_relative_to(PAGE) or not file.is_file():
        return _response(HTTPStatus.NOT_FOUND, b"", "text/plain")
    kind = (
        "text/javascript"
        if file.suffix in {".js", ".mjs"}
        else mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    )
    return _response(HTTPStatus.OK, file.read_bytes(), f"{kind}; charset=utf-8")
