"""The page's files and the headers that keep it to itself."""

from pathlib import Path
from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The chart library's attribution logo brings one inline style; its hash changes only with the vendored version.
STYLE_SOURCES = "'self' 'sha256-3pRED1tOXas1FXFoPb9TGCjmYe9XQsmO9OV23khV2nY='"
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; script-src 'self'; style-src {STYLE_SOURCES}; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_PUBLIC = (".html", ".js", ".mjs", ".css", ".svg", ".png", ".ico", ".woff2", ".webmanifest", ".txt", ".json")
_PRIVATE = ("node_modules", "tests", "package.json", "package-lock.json", "tsconfig.json")


class Pages(StaticFiles):
    """The frontend's folder without what only its makers need; HTML is never kept, the rest by its ETag."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=True, check_dir=False)

    def lookup_path(self, path: str) -> tuple[str, Any]:
        parts = Path(path).parts
        hidden = any(part.startswith(".") or part in _PRIVATE for part in parts if part != ".")
        is_page = path in {"", "."} or path.endswith(_PUBLIC) or (parts and parts[-1] in {"NOTICE", "LICENSE"})
        return ("", None) if hidden or not is_page else super().lookup_path(path)

    def file_response(self, *args: Any, **given: Any) -> Response:
        response = super().file_response(*args, **given)
        is_html = response.headers.get("content-type", "").startswith("text/html")
        response.headers["cache-control"] = "no-store" if is_html else "no-cache"
        return response


class SafeHeaders:
    """The same protective headers on every HTTP answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        await self._app(scope, receive, guarded)
