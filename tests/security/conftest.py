"""One pair of hosts for the whole suite: what its tests change they put back."""

from collections.abc import Iterator

import pytest

from tests.security.hosts import Hosts, hosts


@pytest.fixture(scope="session")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    with hosts(tmp_path_factory.mktemp("hosts")) as running:
        yield running
