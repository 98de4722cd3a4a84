"""The AsyncAPI 3 document of `/ws`, made of the models that read and write its messages. Pure."""

from typing import Any

from pydantic import TypeAdapter

from api import examples
from api.messages import SERVER_MESSAGES, Message
from api.protocol import CHANNELS, VERSION, ClientMessage, List, Ping, Subscribe, Unsubscribe
from api.schemas import schemas

CLIENT_MESSAGES: tuple[type[ClientMessage], ...] = (Subscribe, Unsubscribe, List, Ping)

_REF = "#/components/schemas/{name}"
_ABOUT = """JSON text frames. Subscribe first; then snapshots, `ready`, and live rows that follow without a seam. Of two
rows with one symbol and second, the one with more `trades` is the newer: merge by that rule and order, repeats and
corrections cannot matter. To come back after a cut, subscribe with the `since` you hold from and the `position` of the
last status that came after `ready`, on any replica: you get what you missed and nothing else.
A client that does not read gets only the newest version of each row; one that reads nothing at all, or too little, is
closed with 1013 while nobody else waits. Codes of `error` and of a refused handshake: 400 bad message, 403 origin not
allowed, 404 unknown symbol, 408 too slow to subscribe, 413 too large, 429 too many, 503 not ready or full."""


def document() -> dict[str, Any]:
    """AsyncAPI 3.0, seen from the server: it sends what its messages are, and receives the client's."""
    sent, received = [_name(each) for each in SERVER_MESSAGES], [_name(each) for each in CLIENT_MESSAGES]
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Stock Insights, live", "version": VERSION, "description": _ABOUT},
        "defaultContentType": "application/json",
        "channels": {"live": {"address": "/ws", "messages": _messages(sent + received), "bindings": {"ws": _query()}}},
        "operations": {"send": _operation("send", sent), "receive": _operation("receive", received)},
        "components": {"messages": _components(), "schemas": _schemas()},
    }


def _name(message: type[Message] | type[ClientMessage]) -> str:
    """The message's `type`."""
    if issubclass(message, Message):
        return str(message.__struct_config__.tag)
    return str(message.model_fields["type"].annotation.__args__[0])  # type: ignore[union-attr]


def _messages(names: list[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


def _operation(action: str, names: list[str]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/live"},
        "messages": [{"$ref": f"#/channels/live/messages/{name}"} for name in names],
    }


def _components() -> dict[str, Any]:
    return {
        _name(message): {
            "name": _name(message),
            "summary": (message.__doc__ or "").strip(),
            "payload": {"$ref": _REF.format(name=message.__name__)},
            "examples": [{"payload": examples.MESSAGES[_name(message)]}],
        }
        for message in (*SERVER_MESSAGES, *CLIENT_MESSAGES)
    }


def _schemas() -> dict[str, Any]:
    _, made = TypeAdapter.json_schemas(
        [(message, "validation", TypeAdapter(message)) for message in CLIENT_MESSAGES],
        ref_template=_REF.format(name="{model}"),
    )
    described: dict[str, Any] = made["$defs"]
    return schemas(SERVER_MESSAGES, _REF) | described


def _query() -> dict[str, Any]:
    """A subscription in the URL: `/ws?channels=bars,averages&symbols=2330,0050`."""
    listed = {"type": "string", "description": "separated by commas"}
    properties = {
        "channels": {**listed, "examples": [",".join(CHANNELS)]},
        "symbols": {**listed, "examples": ["2330,0050", "*"]},
        "since": {"type": "integer"},
        "position": {"type": "string"},
    }
    return {"method": "GET", "query": {"type": "object", "properties": properties}, "bindingVersion": "0.1.0"}
