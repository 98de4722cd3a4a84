"""JSON schemas of the structs that records and messages are made of. Pure."""

from collections.abc import Iterable
from typing import Any

import msgspec


def schemas(types: Iterable[Any], ref_template: str) -> dict[str, Any]:
    """By name, with those they are made of; `ref_template` has a `{name}`."""
    _, found = msgspec.json.schema_components(types, ref_template=ref_template)
    for schema in found.values():
        for field in schema.get("properties", {}).values():
            _as_number(field)
    return dict(found)


def _as_number(field: dict[str, Any]) -> None:
    """Our decimals are JSON numbers; msgspec describes them as strings."""
    for each in (field, *field.get("anyOf", ())):
        if each.get("format") == "decimal":
            del each["format"]
            each["type"] = "number"
