"""The OpenAPI document: records described by the structs that read them, with examples."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, get_args

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from api import alert_schemas, examples, problems
from api.candles import Candle
from api.fill import SecondState
from api.messages import StatusMessage
from api.schemas import schemas
from market.messages import Average, Bar, Gap, SymbolInfo

_ABOUT = """One-second bars and 5/10/15-second averages of Taiwan stocks. Prices are JSON numbers with at most 4
decimals, volumes are board lots, seconds are epoch seconds (UTC). Of two rows with one symbol and second, the one with
more `trades` is the newer. Live rows are on `/ws` (`/asyncapi.json`)."""
_REF = "#/components/schemas/{name}"
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
_EXAMPLES: dict[str, Any] = {
    "Bar": examples.BAR,
    "Average": examples.AVERAGE,
    "Candle": examples.CANDLE,
    "Gap": {name: value for name, value in examples.GAP.items() if name != "type"},
    "SymbolWithLast": examples.SYMBOL,
    "Alert": examples.ALERT,
}


def _answer(description: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": content}


def _object(description: str, schema: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    return _answer(description, {"application/json": {"schema": schema, "example": example}})


def _problem(status: int, detail: str | None = None) -> dict[str, Any]:
    title = HTTPStatus(status).phrase
    example = {"type": "about:blank", "title": title, "status": status, "detail": detail or examples.PROBLEMS[status]}
    return _answer(f"{title} (RFC 9457)", {problems.MEDIA_TYPE: {"schema": _PROBLEM, "example": example}})


Answers = dict[int | str, dict[str, Any]]
_UNCHANGED: Answers = {304: {"description": "Not modified since the ETag in If-None-Match"}}
_PROBLEMS: Answers = {status: _problem(status) for status in (422, 503)}
_UNKNOWN: Answers = {404: _problem(404)}

_EXPLANATION = """`trades`: what the topic holds of the second, each trade once, with its `repeats`; `counts`: in bars.
`explained`: the trades found are as many as the bar counts. `revisions`: every version of the bar, as published.
`proof.state`: `sealed` by the counters of the bars around it, `open` (no later bar yet), `broken`, or `unknown` (a
counter was not given); `missing_lots` before, inside and after. `searched`: how far the topics were looked through; a
trade that came later than that is not here.
"""
STATUS: Answers = {
    200: _object("As the WebSocket's `status`", {"$ref": _REF.format(name="StatusMessage")}, examples.STATUS)
}
EXPLANATION: Answers = {
    200: _object(_EXPLANATION, {"type": "object"}, examples.EXPLANATION),
    **_UNKNOWN,
    **_PROBLEMS,
}


_DOOR: Answers = {status: _problem(status) for status in (403, 429)}
ALERT_SET: Answers = {
    201: _object("The alert; it holds from two seconds later on", alert_schemas.ALERT, examples.ALERT),
    **{status: _problem(status) for status in (409, 413, 415)},
    **_DOOR,
    **_UNKNOWN,
    **_PROBLEMS,
}
ALERT_GONE: Answers = {204: {"description": "It is gone"}, **_DOOR, **_UNKNOWN, **_PROBLEMS}


NO_REPLAY = "nothing is replayed here, or API_REPLAY_CONTROL does not name the exchange that plays it"
REPLAY: Answers = {
    200: _object(
        "How the replay stands then",
        {"$ref": _REF.format(name="Replay")},
        {"day": "2026-12-01", "speed": 20.0, "state": "playing"},
    ),
    409: _problem(409, NO_REPLAY),
    **{status: _problem(status) for status in (413, 415)},
    **_DOOR,
    **_PROBLEMS,
}


def asked(schema: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    """A body in JSON."""
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def list_of(name: str) -> Answers:
    """Responses of a list route: a page of `name`, or a problem."""
    return {200: _answer("A page", {"application/json": _page(name)}), **_UNCHANGED, **_PROBLEMS}


def records_of(name: str) -> Answers:
    """Responses of a route of records: a page, or all of them as a stream."""
    streams: dict[str, Any] = {
        "text/csv": {"schema": {"type": "string"}, "example": f"{examples.csv_head(name)}\n"},
        "application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}},
    }
    page = _answer("A page, or the stream asked for by `format`", {"application/json": _page(name), **streams})
    return {200: page, **_UNCHANGED, **_UNKNOWN, **_PROBLEMS}


def alerts() -> Answers:
    """Responses of the list of one owner's alerts."""
    return {**list_of("Alert"), 403: _DOOR[403]}


def candles() -> Answers:
    """Responses of the route of candles."""
    return {200: _answer("A page", {"application/json": _page("Candle")}), **_UNCHANGED, **_UNKNOWN, **_PROBLEMS}


def _page(name: str) -> dict[str, Any]:
    cursor = {"type": ["string", "null"]}
    item: dict[str, Any] = {"$ref": _REF.format(name=name)}
    if name == "Bar":
        item = {"anyOf": [item, {"$ref": _REF.format(name="Second")}]}
    properties = {
        "items": {"type": "array", "items": item},
        "next": {**cursor, "description": "`cursor` of the next page"},
        "previous": {**cursor, "description": "`before` of the page before this one"},
    }
    schema = {"type": "object", "required": ["items", "next", "previous"], "properties": properties}
    return {"schema": schema, "example": {"items": [_EXAMPLES[name]], "next": None, "previous": None}}


def install(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Serve the document of these routes, with the record schemas in it."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title, version=app.version, routes=app.routes, description=_ABOUT, servers=[{"url": "/"}]
            )
            made["components"] = {"schemas": _schemas()}
            _as_answered(made, routers)
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _as_answered(document: dict[str, Any], routers: Iterable[APIRouter]) -> None:
    """FastAPI adds a 200 of its own and its own form of a 422, and leaves nulls out of examples."""
    for route in (each for router in routers for each in router.routes):
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                answers = document["paths"][route.path][method.lower()]["responses"]
                answers |= {str(status): answer for status, answer in route.responses.items()}


def _schemas() -> dict[str, Any]:
    made = schemas((Bar, Average, Candle, Gap, SymbolInfo, StatusMessage), _REF)
    made["Bar"]["properties"]["state"] = {"const": "traded", "description": "with `fill=true`"}
    made["Second"] = {
        "description": "A second without a bar, with `fill=true`",
        "type": "object",
        "required": ["symbol", "second", "state"],
        "properties": {
            "symbol": {"type": "string"},
            "second": {"type": "integer"},
            "state": {"enum": [state for state in get_args(SecondState) if state != "traded"]},
        },
    }
    made["Gap"]["required"].remove("type")  # what a list of gaps is made of goes without saying
    made["Gap"]["properties"].pop("type")
    more = {
        "last": {"anyOf": [{"$ref": _REF.format(name="Bar")}, {"type": "null"}]},
        "exact_through": {
            "type": ["integer", "null"],
            "description": "every trade of today through this second is counted",
        },
        "missing_lots": {
            "type": ["integer", "null"],
            "description": "lots of today that no bar counts, by the exchange's counter",
        },
    }
    made["SymbolWithLast"] = {
        "allOf": [{"$ref": _REF.format(name="SymbolInfo")}, {"type": "object", "properties": more}]
    }
    return made | alert_schemas.schemas()
