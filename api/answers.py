"""How an answer leaves: JSON with a tag by which the same is not sent twice, pages with their links, streams."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import msgspec
from fastapi import Request, Response
from fastapi.responses import StreamingResponse

_JSON = "application/json"
_TAG_BYTES = 12


def json(request: Request, body: bytes) -> Response:
    """As `kept`."""
    return kept(request, body, _JSON)


def kept(request: Request, body: bytes, media_type: str) -> Response:
    """What may be kept but has to be asked for again: 304 if it is still the same."""
    tag = f'"{hashlib.blake2b(body, digest_size=_TAG_BYTES).hexdigest()}"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def fleeting(body: bytes) -> Response:
    """What is true for a moment only."""
    return Response(body, media_type=_JSON, headers={"cache-control": "no-store"})


@dataclass(frozen=True, slots=True)
class Listing:
    """A list's JSON items and the cursors of the pages around it; None where there is none."""

    items: list[bytes]
    next: str | None = None
    previous: str | None = None

    def json(self) -> bytes:
        links = msgspec.json.encode({"next": self.next, "previous": self.previous})
        return b'{"items":[' + b",".join(self.items) + b"]," + links[1:]


async def stream(chunks: AsyncIterator[bytes], media_type: str, filename: str) -> Response:
    """The first chunk is waited for: what fails at once is then an error in words, not a torn stream."""
    first = await anext(chunks)

    async def all_chunks() -> AsyncIterator[bytes]:
        yield first
        async for chunk in chunks:
            yield chunk

    headers = {"content-disposition": f'attachment; filename="{filename}"', "cache-control": "no-store"}
    return StreamingResponse(all_chunks(), media_type=media_type, headers=headers)
