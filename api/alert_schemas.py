"""Alerts in the OpenAPI document: what may be asked, made of the models that read it, and how an alert is shown."""

from typing import Any

from pydantic import TypeAdapter

from api import examples
from api.alert_rules import RULES

_REF = "#/components/schemas/{name}"
RULE = {"$ref": _REF.format(name="AlertRule")}
ALERT = {"$ref": _REF.format(name="Alert")}
ASKED = {
    "required": True,
    "content": {"application/json": {"schema": RULE, "example": examples.ALERT_ASKED}},
}


def schemas() -> dict[str, Any]:
    """By name: each kind of rule, any of them, and an alert."""
    _, made = TypeAdapter.json_schemas(
        [(rule, "validation", TypeAdapter(rule)) for rule in RULES], ref_template=_REF.format(name="{model}")
    )
    kinds: dict[str, Any] = made["$defs"]
    names = {kinds[name]["properties"]["type"]["const"]: _REF.format(name=name) for name in kinds}
    any_of_them = {
        "oneOf": [{"$ref": each} for each in names.values()],
        "discriminator": {"propertyName": "type", "mapping": names},
    }
    return kinds | {"AlertRule": any_of_them, "Alert": _alert()}


def _alert() -> dict[str, Any]:
    integer = {"type": "integer"}
    properties = {
        "id": integer,
        "created": {**integer, "description": "second of the market's clock"},
        "fired": {"type": ["integer", "null"], "description": "the last second it fired for"},
        "fires": {**integer, "description": "how often it has fired"},
        "rule": RULE,
    }
    return {
        "description": "An alert in force, or one that has fired for the only time, for a day more",
        "type": "object",
        "required": list(properties),
        "properties": properties,
    }
