"""The OpenAPI document: records described by the structs that read them, with examples."""

from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

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
_BAR = {
    "symbol": "2330", "second": 1_796_090_400, "open": 1085, "high": 1085.5, "low": 1085, "close": 1085.5, "volume": 4,
    "trades": 2, "turnover": 4340.5, "vwap": 1085.125, "prior_volume": 1000, "day_volume": 1004, "buy_volume": 4,
    "sell_volume": 0, "auction": None, "last_trade_us": 1_796_090_400_880_000,
}  # fmt: skip
_AVERAGE = {
    "symbol": "2330", "second": 1_796_090_401, "sma_5": 1085.7292, "count_5": 2, "sma_10": 1085.7292, "count_10": 2,
    "sma_15": 1085.7292, "count_15": 2, "trades": 4,
}  # fmt: skip
_EXAMPLES: dict[str, Any] = {"Bar": _BAR, "Average": _AVERAGE}

STATUS: dict[int | str, dict[str, Any]] = {
    200: {"description": "As the WebSocket's `status`", "content": {"application/json": {"schema": {"type": "object"}}}}
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
    problem = {"description": "RFC 9457", "content": {"application/problem+json": {"schema": _PROBLEM}}}
    return {
        200: {"description": "A page", "content": {"application/json": content}},
        404: problem,
        422: problem,
        503: problem,
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
    last = {"last": {"anyOf": [{"$ref": _REF.format(name="Bar")}, {"type": "null"}]}}
    schemas["SymbolWithLast"] = {
        "allOf": [{"$ref": _REF.format(name="SymbolInfo")}, {"type": "object", "properties": last}]
    }
    return dict(schemas)


def _as_number(field: dict[str, Any]) -> None:
    """Our decimals are JSON numbers; msgspec describes them as strings."""
    for each in (field, *field.get("anyOf", ())):
        if each.get("format") == "decimal":
            del each["format"]
            each["type"] = "number"
