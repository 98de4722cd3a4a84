"""What a stranger gets of three hosts: no socket and no page."""

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.docker.hosts import Hosts

pytestmark = [pytest.mark.docker, pytest.mark.stack, pytest.mark.timeout(1_800)]


def test_a_page_of_another_site_gets_no_socket(hosts: Hosts) -> None:
    own = f"https://127.0.0.1:{hosts.ports.page}"
    address = hosts.page.replace("https", "wss", 1) + "/ws"
    with connect(address, ssl=hosts.trust, origin=own, proxy=None) as socket:
        assert "welcome" in str(socket.recv(timeout=10))
    foreign = (
        "https://evil.example",
        own + "0",
        own + ".evil.example",
        "http" + own[5:],
        "null",
        f"{own},{own}",
        f"x,y,|{own}",
    )
    for origin in foreign:
        with pytest.raises(InvalidStatus) as refused, connect(address, ssl=hosts.trust, origin=origin, proxy=None):
            pass
        assert refused.value.response.status_code == httpx.codes.FORBIDDEN, origin


def test_the_proxy_wants_a_login_and_keeps_what_is_the_hosts_own(hosts: Hosts) -> None:
    page, stranger = hosts.page, f"https://127.0.0.1:{hosts.ports.page}"
    with httpx.Client(verify=hosts.trust, trust_env=False, timeout=10) as client:
        assert client.get(stranger).status_code == httpx.codes.UNAUTHORIZED
        assert client.get(stranger, auth=("viewer", "guess")).status_code == httpx.codes.UNAUTHORIZED
        answer = client.get(page + "/")
        assert answer.status_code == httpx.codes.OK
        assert "max-age" in answer.headers["strict-transport-security"]
        assert answer.headers["server"] == "nginx"  # and no version
        for path in ("/metrics", "/readyz"):
            assert client.get(page + path).status_code == httpx.codes.NOT_FOUND, path
        assert client.post(page + "/api/v1/status", content=b"{}").status_code == httpx.codes.FORBIDDEN
    plain = stranger.replace("https", "http", 1)
    assert httpx.get(plain, trust_env=False).status_code == httpx.codes.BAD_REQUEST
