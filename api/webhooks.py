"""Webhooks: which addresses may be called, how a call is signed (standardwebhooks.com), and the call itself."""

import asyncio
import base64
import hashlib
import hmac
import logging
import time
from collections.abc import Collection
from urllib.parse import urlsplit

log = logging.getLogger("api.webhooks")

SECRET_PREFIX = "whsec_"  # noqa: S105 - the standard's
SHORTEST_SECRET = 24
ANSWER_S = 5.0
_PORTS = {"http": 80, "https": 443}


def key(secret: str) -> bytes:
    """The bytes of `whsec_…`; ValueError if it is none, or too short."""
    made = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    if not secret.startswith(SECRET_PREFIX) or len(made) < SHORTEST_SECRET:
        message = f"write {SECRET_PREFIX} and the base64 of at least {SHORTEST_SECRET} random bytes"
        raise ValueError(message)
    return made


def objection(url: str, hosts: Collection[str]) -> str | None:
    """Why an address may not be called. `hosts`: those that may, as `host`, or `host:port` for another port."""
    if not hosts:
        return "webhooks are off; API_WEBHOOK_HOSTS switches them on"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "not an address"
    usual = _PORTS.get(parts.scheme)
    if usual is None or not host or parts.username is not None or parts.password is not None:
        return "not an address like https://host/path"
    if not (url.isascii() and url.isprintable()) or "\\" in url or " " in url:
        return "not an address: a character that has none of its own meaning there"
    name = host if port in {None, usual} else f"{host}:{port}"
    return None if name in hosts else f"{name[:100]} is not among API_WEBHOOK_HOSTS"


def signature(secret: bytes, name: str, at_s: int, body: bytes) -> str:
    """HMAC-SHA256 over `id.timestamp.body`, as the standard has it."""
    digest = hmac.digest(secret, b"%b.%d.%b" % (name.encode(), at_s, body), hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()


class Webhooks:
    """Calls of one process. No redirect is followed and no proxy asked: what is called is what was allowed."""

    def __init__(self, secret: bytes, hosts: Collection[str]) -> None:
        import httpx  # noqa: PLC0415 - only for who has switched webhooks on

        logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells every address, and addresses are secrets
        self._failures = (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError)
        self._http = httpx.AsyncClient(timeout=ANSWER_S, follow_redirects=False, trust_env=False)
        self._secret = secret
        self._hosts = hosts

    async def call(self, name: str, url: str, body: bytes) -> bool:
        """Whether it was taken: answered 2xx within `ANSWER_S`. `name` is the same each time it is tried."""
        reason = objection(url, self._hosts)  # the settings may be others since it was asked for
        if reason is None:
            reason = await self._refusal(name, url, body)
        if reason is not None:
            log.warning("webhook.failed id=%s host=%s reason=%s", name, urlsplit(url).hostname, reason)
        return reason is None

    async def _refusal(self, name: str, url: str, body: bytes) -> str | None:
        at_s = int(time.time())  # of this machine: the receiver compares it with its own
        headers = {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(at_s),
            "webhook-signature": signature(self._secret, name, at_s, body),
        }
        try:
            async with (
                asyncio.timeout(ANSWER_S),
                self._http.stream("POST", url, content=body, headers=headers) as answer,
            ):
                return None if answer.is_success else f"answered {answer.status_code}"  # its body is not read
        except self._failures as error:
            return type(error).__name__

    async def close(self) -> None:
        await self._http.aclose()
