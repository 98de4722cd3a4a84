"""The API's own description: `/docs` for people, `/openapi.json` and `/asyncapi.json` for programs."""

from functools import cache

import msgspec
from fastapi import APIRouter, FastAPI, Request, Response

from api import answers, asyncapi, reference


def router(app: FastAPI) -> APIRouter:
    """Routes that describe the others of `app`; made once, on the first question."""
    routes = APIRouter(include_in_schema=False)

    @cache
    def live() -> bytes:
        return msgspec.json.encode(asyncapi.document())

    @cache
    def page() -> bytes:
        return reference.page(app.openapi(), asyncapi.document()).encode()

    @routes.get("/asyncapi.json")
    async def _(request: Request) -> Response:
        return answers.kept(request, live(), "application/json")

    @routes.get("/docs")
    async def _(request: Request) -> Response:
        return answers.kept(request, page(), "text/html; charset=utf-8")

    @routes.get("/docs/style.css")
    async def _(request: Request) -> Response:
        return answers.kept(request, reference.STYLE.encode(), "text/css; charset=utf-8")

    return routes
