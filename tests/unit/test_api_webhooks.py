"""Whom a webhook may call, how the call is signed, and what counts as taken."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import ValidationError

from api.settings import ApiSettings
from api.webhooks import Webhooks, key, objection, signature

# The example of standardwebhooks.com.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105
HOSTS = {"hooks.example.com", "hooks.example.com:8443", "10.0.0.5"}


def test_a_call_is_signed_as_the_standard_has_it() -> None:
    made = signature(key(SECRET), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/alerts?to=me",
        "https://HOOKS.example.com/",
        "https://hooks.example.com:443/",
        "https://hooks.example.com:8443/",
        "http://10.0.0.5/",
    ],
)
def test_what_is_listed_may_be_called(url: str) -> None:
    assert objection(url, HOSTS) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example.com/",
        "https://hooks.example.com.evil.example/",
        "https://evil.example/?hooks.example.com",
        "https://evil.example#hooks.example.com",
        "https://hooks.example.com@evil.example/",
        "https://user:password@hooks.example.com/",
        "https://hooks.example.com:9443/",
        "https://hooks.example.com\\@evil.example/",
        "https://hooks.example.com /",
        "https://hooks.example.com\n/",
        "https://[hooks.example.com/",
        "https://hooks.example.com:99999999/",
        "http://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "file:///etc/passwd",
        "gopher://hooks.example.com/",
        "//hooks.example.com/",
        "hooks.example.com",
        "https://",
        "https://ｈooks.example.com/",
        "",
    ],
)
def test_nothing_else_may_be(url: str) -> None:
    assert objection(url, HOSTS) is not None


def test_without_a_list_webhooks_are_off() -> None:
    assert "API_WEBHOOK_HOSTS" in (objection("https://hooks.example.com/", ()) or "")


def some_settings(**more: str) -> ApiSettings:
    return ApiSettings(mysql_host="x", mysql_user="x", mysql_database="x", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hosts", "secret"),
    [("hooks.example.com", ""), ("hooks.example.com", "whsec_c2hvcnQ="), ("hooks.example.com", "whsec_?"),
     ("hooks.example.com", SECRET.removeprefix("whsec_")), ("https://hooks.example.com", SECRET), ("*", SECRET)],
)  # fmt: skip
def test_settings_that_would_not_hold_stop_the_process(hosts: str, secret: str) -> None:
    with pytest.raises(ValidationError, match=r"WEBHOOK_SECRET|host"):
        some_settings(webhook_hosts=hosts, webhook_secret=secret)


def test_settings_that_hold() -> None:
    made = some_settings(webhook_hosts="Hooks.example.com, 10.0.0.5:8080", webhook_secret=SECRET)
    assert made.webhook_hosts == ("hooks.example.com", "10.0.0.5:8080")
    assert SECRET not in repr(made)


@contextmanager
def answering(status: int) -> Iterator[tuple[str, list[str]]]:
    """A receiver that answers so; its address, and the paths it was asked for."""
    asked: list[str] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        thread = threading.Thread(target=receiver.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{receiver.server_port}/hook", asked
        finally:
            receiver.shutdown()
            thread.join(10)


def called(url: str, host: str) -> bool:
    async def run() -> bool:
        webhooks = Webhooks(key(SECRET), {host})
        try:
            return await webhooks.call("1-2", url, b"{}")
        finally:
            await webhooks.close()

    return asyncio.run(run())


@pytest.mark.parametrize(("status", "is_taken"), [(200, True), (204, True), (302, False), (400, False), (500, False)])
def test_taken_is_answered_with_2xx_and_no_redirect_is_followed(status: int, is_taken: bool) -> None:  # noqa: FBT001
    with answering(status) as (url, asked):
        assert called(url, url.split("/")[2]) is is_taken
        assert asked == ["/hook"]


def test_who_is_not_there_or_not_allowed_any_more_has_not_taken_it() -> None:
    assert not called("http://127.0.0.1:9/hook", "127.0.0.1:9")
    with answering(200) as (url, asked):
        assert not called(url, "hooks.example.com")
        assert asked == []
