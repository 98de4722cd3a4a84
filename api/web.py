"""The application: routes, pages, errors, health. Built from parts, starts nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from fastapi import APIRouter, FastAPI, Response
from starlette.middleware.gzip import GZipMiddleware

from api import openapi, problems
from api.broadcaster import Broadcaster
from api.hops import Hop
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


def application(routers: list[APIRouter], reasons: Callable[[], list[str]], frontend: Path) -> FastAPI:
    """`reasons`: why not ready; none when ready."""
    app = FastAPI(title="Stock Insights", version="1", docs_url=None, redoc_url=None)

    @app.get("/healthz", include_in_schema=False)
    async def _() -> Response:
        return Response(b'{"alive":true}', media_type="application/json")

    @app.get("/readyz", include_in_schema=False)
    async def _() -> Response:
        found = reasons()
        body = msgspec.json.encode({"ready": not found, "reasons": found})
        return Response(body, 503 if found else 200, media_type="application/json")

    for each in routers:
        app.include_router(each)
    app.mount("/", GZipMiddleware(Pages(frontend)))
    problems.install(app)
    openapi.install(app)
    app.add_middleware(SafeHeaders)
    return app
