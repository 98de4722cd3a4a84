"""What went wrong, for programs and people (RFC 9457)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NoReturn

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from api.history import UnavailableError

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818 - the standard's word
    """An answer with a 4xx or 5xx status: what is wrong, and how to mend it."""

    def __init__(self, status: int, detail: str, **more: object) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.more = more


def unknown_symbol(symbol: str) -> Problem:
    return Problem(404, f"no symbol {symbol[:32]!r}; /api/v1/symbols?q= searches by code and name", input="symbol")


def refuse(name: str, rule: str, mend: str) -> NoReturn:
    """An input that breaks a rule, named with its mend."""
    raise Problem(422, f"{name}: {rule}; {mend}", errors=[{"input": name, "rule": rule, "mend": mend}])


def refuse_body(error: ValidationError, *, within: int = 0) -> NoReturn:
    """The first thing wrong with a body; `within`: how many names of its place are the schema's own."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    refuse(".".join(map(str, first["loc"][within:])) or "body", first["msg"], "see /openapi.json")


def body(status: int, detail: str, **more: object) -> bytes:
    return msgspec.json.encode(
        {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    )


def response(status: int, detail: str, more: Mapping[str, object], headers: dict[str, str] | None = None) -> Response:
    return Response(body(status, detail, **more), status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Every error of `app` as a problem."""

    @app.exception_handler(Problem)
    async def _(_: Request, problem: Problem) -> Response:
        return response(problem.status, problem.detail, problem.more)

    @app.exception_handler(UnavailableError)
    async def _(_: Request, error: UnavailableError) -> Response:
        return response(503, f"the database does not answer: {error}", {}, {"Retry-After": "2"})

    @app.exception_handler(HTTPException)
    async def _(_: Request, error: HTTPException) -> Response:
        return response(error.status_code, str(error.detail), {}, dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    async def _(_: Request, error: RequestValidationError) -> Response:
        errors = _inputs(error.errors())
        return response(422, "; ".join(f"{each['input']}: {each['rule']}" for each in errors)[:500], {"errors": errors})


def _inputs(errors: Sequence[Any]) -> list[dict[str, str]]:
    return [{"input": str(each["loc"][-1]), "rule": each["msg"], "mend": "see /openapi.json"} for each in errors]
