"""The OpenAPI document: records described by the structs that read them, with examples."""

from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api import examples
from market.messages import Average, Bar, Gap, SymbolInfo

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
_EXAMPLES: dict[str, Any] = {"Bar": examples.BAR, "Average": examples.AVERAGE}
_PROBLEM_ANSWER = {"description": "RFC 9457", "content": {"application/problem+json": {"schema": _PROBLEM}}}


def _object(description: str, example: dict[str, Any]) -> dict[str, Any]:
    content = {"schema": {"type": "object"}, "example": example}
    return {"description": description, "content": {"application/json": content}}


_STATUS = """As the WebSocket's `status`. `exact_through`: every trade of the day through this second is counted in the
bars, for every symbol that traded; `exact_held_by`: the symbol that keeps it from a later second; `broken`: how many
symbols have a chain with lots missing. `latency.left_out`: rows that were only caught up with, which are no latencies.
"""
_EXPLANATION = """`trades`: what the topic holds of the second, each trade once, with its `repeats`; `counts`: in bars.
`explained`: the trades found are as many as the bar counts. `revisions`: every version of the bar, as published.
`proof.state`: `sealed` by the counters of the bars around it, `open` (no later bar yet), `broken`, or `unknown` (a
counter was not given); `missing_lots` before, inside and after. `searched`: how far the topics were looked through; a
trade that came later than that is not here.
"""
STATUS: dict[int | str, dict[str, Any]] = {200: _object(_STATUS, examples.STATUS)}
EXPLANATION: dict[int | str, dict[str, Any]] = {
    200: _object(_EXPLANATION, examples.EXPLANATION),
    404: _PROBLEM_ANSWER,
    422: _PROBLEM_ANSWER,
    503: _PROBLEM_ANSWER,
}


def list_of(name: str) -> dict[int | str, dict[str, Any]]:
    """Responses of a list route: a page of `name`, or a problem."""
    page = {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": {"$ref": _REF.format(name=name)}},
            "next": {"type": ["string", "null"], "description": "`cursor` of the next page"},
        },
    }
    example = {"items": [_EXAMPLES[name]], "next": None} if name in _EXAMPLES else None
    content = {"schema": page} | ({"example": example} if example else {})
    return {
        200: {"description": "A page", "content": {"application/json": content}},
        404: _PROBLEM_ANSWER,
        422: _PROBLEM_ANSWER,
        503: _PROBLEM_ANSWER,
    }


def install(app: FastAPI) -> None:
    """Serve the document with the record schemas in it."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(title=app.title, version=app.version, routes=app.routes)
            made.setdefault("components", {}).setdefault("schemas", {}).update(_schemas())
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _schemas() -> dict[str, Any]:
    _, schemas = msgspec.json.schema_components((Bar, Average, Gap, SymbolInfo), ref_template=_REF)
    for schema in schemas.values():
        for field in schema.get("properties", {}).values():
            _as_number(field)
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
    schemas["SymbolWithLast"] = {
        "allOf": [{"$ref": _REF.format(name="SymbolInfo")}, {"type": "object", "properties": more}]
    }
    return dict(schemas)


def _as_number(field: dict[str, Any]) -> None:
    """Our decimals are JSON numbers; msgspec describes them as strings."""
    for each in (field, *field.get("anyOf", ())):
        if each.get("format") == "decimal":
            del each["format"]
            each["type"] = "number"
