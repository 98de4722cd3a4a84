"""Somebody who is posted to: checks every signature, and answers as told."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()


@dataclass
class Receiver:
    """`port`: where it is; `names`: the webhook-id of each post as it came; `answers`: statuses, 200 after them."""

    port: int
    names: list[str] = field(default_factory=list)
    data: list[dict[str, Any]] = field(default_factory=list)
    forged: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    may_answer: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def settings(self) -> dict[str, str]:
        """The API's, that let it post here."""
        return {"API_WEBHOOK_HOSTS": f"127.0.0.1:{self.port}", "API_WEBHOOK_SECRET": SECRET}

    def take(self, headers: Any, body: bytes) -> None:
        """As whoever receives does it, by the standard's text."""
        name = headers["webhook-id"]
        signed = f"{name}.{headers['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
        if headers["webhook-signature"] != f"v1,{expected}":
            self.forged.append(name)
        self.data.append(json.loads(body)["data"])
        self.names.append(name)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """It answers at once unless `may_answer` is cleared."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            up.take(self.headers, self.rfile.read(int(self.headers["content-length"])))
            up.may_answer.wait(60)
            self.send_response(up.answers.pop(0) if up.answers else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign] - who was killed does not read on
        up = Receiver(server.server_port)
        up.may_answer.set()
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield up
        finally:
            up.may_answer.set()
            server.shutdown()
            thread.join(10)
