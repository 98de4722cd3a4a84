"""The documentation page, made of the OpenAPI and AsyncAPI documents: plain HTML, no script, nothing from elsewhere."""

import html
import json
from collections.abc import Iterator, Mapping
from typing import Any

Document = Mapping[str, Any]

STYLE = """
:root { color-scheme: light dark; --line: light-dark(#d4d8de, #333a45); --code: light-dark(#f3f5f7, #161b22) }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem }
h1, h2 { border-bottom: 1px solid var(--line); padding-bottom: .3rem }
h3 { margin: 2rem 0 .3rem } h3 code { font-size: 1.05rem }
code, pre { font: 13px/1.5 ui-monospace, monospace; background: var(--code) }
pre { padding: .7rem; overflow-x: auto; border-radius: 4px } p { white-space: pre-line }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line) }
"""


def page(openapi: Document, asyncapi: Document) -> str:
    """HTML of every route, message and record, with their examples."""
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>",
        "<title>Stock Insights API</title><link rel=stylesheet href=/docs/style.css>",
        "<h1>Stock Insights API</h1>",
        "<p><a href=/>the page</a> · <a href=/openapi.json>OpenAPI</a> · <a href=/asyncapi.json>AsyncAPI</a></p>",
        f"<h2>HTTP</h2>{_text(openapi['info']['description'])}",
        *_routes(openapi),
        f"<h2>WebSocket <code>/ws</code></h2>{_text(asyncapi['info']['description'])}",
        *_messages(asyncapi),
        "<h2>Fields</h2>",
        *_schemas({**openapi["components"]["schemas"], **asyncapi["components"]["schemas"]}),
    ]
    return "\n".join(parts)


def _routes(openapi: Document) -> Iterator[str]:
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            yield f"<h3 id={operation['operationId']}><code>{method.upper()} {_safe(path)}</code></h3>"
            yield _text(operation["summary"])
            rows = [(each["name"], _type(each["schema"]), each.get("description", "")) for each in _given(operation)]
            yield _table(rows)
            for content in operation.get("requestBody", {}).get("content", {}).values():
                yield from (_text(f"body: {_type(content['schema'])}"), _example(content["example"]))
            for status, answer in operation["responses"].items():
                yield _text(f"{status}: {answer['description']}")
                if status in {"200", "201"}:
                    yield from (_example(each["example"]) for each in answer["content"].values() if "example" in each)


def _given(operation: Document) -> list[Document]:
    return list(operation.get("parameters", ()))


def _messages(asyncapi: Document) -> Iterator[str]:
    words = {"send": "server → client", "receive": "client → server"}
    for action, operation in asyncapi["operations"].items():
        for each in operation["messages"]:
            name = each["$ref"].rsplit("/", 1)[-1]
            message = asyncapi["components"]["messages"][name]
            yield f"<h3 id={name}><code>{name}</code> {words[action]}</h3>{_text(message['summary'])}"
            yield from (_example(example["payload"]) for example in message["examples"])


def _schemas(schemas: Mapping[str, Document]) -> Iterator[str]:
    for name, schema in sorted(schemas.items()):
        if schema.get("properties"):
            yield f"<h3 id=schema-{name}><code>{name}</code></h3>{_text(schema.get('description', ''))}"
            yield _table(
                [(field, _type(each), each.get("description", "")) for field, each in schema["properties"].items()]
            )


def _type(schema: Document) -> str:
    """A type in a few words, as `integer | null, at least 1`."""
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1])
    if "anyOf" in schema:
        return " | ".join(_type(each) for each in schema["anyOf"])
    if "const" in schema or "enum" in schema:
        return " | ".join(json.dumps(each) for each in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"{_type(schema.get('items', {}))} …"
    bounds = [f"{words} {schema[key]}" for key, words in _BOUNDS.items() if key in schema]
    return ", ".join([str(schema.get("type", "any")), *bounds])


_BOUNDS = {"minimum": "from", "maximum": "to", "maxLength": "characters up to", "pattern": "as"}


def _table(rows: list[tuple[str, str, str]]) -> str:
    cells = "".join(
        f"<tr><td><code>{_safe(name)}</code><td>{_safe(kind)}<td>{_safe(words)}" for name, kind, words in rows
    )
    return f"<table>{cells}</table>" if rows else ""


def _example(value: Any) -> str:
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
    return f"<pre>{_safe(shown)}</pre>"


def _text(words: str) -> str:
    return f"<p>{_safe(' '.join(words.split()) if words else '')}</p>"


def _safe(text: str) -> str:
    return html.escape(text)
