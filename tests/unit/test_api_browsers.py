"""Who may connect to `/ws`, and when."""

from types import SimpleNamespace

import pytest

from api.browsers import _refusal

OURS = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("origin", "is_warm", "connected", "code"),
    [
        (OURS, True, 0, None),
        (None, True, 0, None),
        ("https://elsewhere.example", True, 0, 403),
        (OURS, True, 10, 503),
        (OURS, False, 0, 503),  # a page that reconnects at once must not be told that its symbols do not exist
    ],
)
def test_who_is_refused(origin: str | None, is_warm: bool, connected: int, code: int | None) -> None:  # noqa: FBT001
    house = SimpleNamespace(
        hub=SimpleNamespace(clients=lambda: [None] * connected),
        limits=SimpleNamespace(connections=10),
        is_warm=lambda: is_warm,
    )
    headers = {} if origin is None else {"origin": origin}
    refusal = _refusal(SimpleNamespace(headers=headers), house, frozenset({OURS}))  # type: ignore[arg-type]
    assert (refusal and refusal.code) == code
