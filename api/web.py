"""The application: routes, pages, errors, health. Built from parts, starts nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from fastapi import APIRouter, FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.middleware.gzip import GZipMiddleware

from api import documents, openapi, problems
from api.broadcaster import Broadcaster
from api.hops import Hop
from api.measured import Measured, Observe
from api.pages import Pages, SafeHeaders
from api.recorder import Recorder


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the process can do its work, and if not, why."""

    database: Hop
    recorder: Recorder
    broadcaster: Broadcaster

    def reasons(self) -> list[str]:
        found = [] if self.database.state == "ok" else [f"database {self.database.state}: {self.database.reason}"]
        for name, progress in (("recorder", self.recorder.progress), ("broadcaster", self.broadcaster.progress)):
            if not progress.assigned:
                found.append(f"{name}: no partitions yet")
            elif not progress.caught_up:
                found.append(f"{name}: catching up in {progress.behind()} partitions")
        return found


@dataclass(frozen=True, slots=True)
class Watch:
    """What those who look after the process ask for: why it is not ready (nothing: it is), its figures."""

    reasons: Callable[[], list[str]]
    figures: Callable[[], bytes]
    observe: Observe


def application(routers: list[APIRouter], watch: Watch, frontend: Path) -> FastAPI:
    """The routes, the page, and what `watch` tells."""
    app = FastAPI(title="Stock Insights", version="1", docs_url=None, redoc_url=None)

    @app.get("/healthz", include_in_schema=False)
    async def _() -> Response:
        return Response(b'{"alive":true}', media_type="application/json")

    @app.get("/readyz", include_in_schema=False)
    async def _() -> Response:
        found = watch.reasons()
        body = msgspec.json.encode({"ready": not found, "reasons": found})
        return Response(body, 503 if found else 200, media_type="application/json")

    @app.get("/metrics", include_in_schema=False)
    async def _() -> Response:
        return Response(watch.figures(), media_type=CONTENT_TYPE_LATEST)

    for each in (*routers, documents.router(app)):
        app.include_router(each)
    app.mount("/", GZipMiddleware(Pages(frontend)))
    problems.install(app)
    openapi.install(app, routers)
    app.add_middleware(SafeHeaders)
    app.add_middleware(Measured, observe=watch.observe)
    return app
