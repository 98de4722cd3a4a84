"""What all that came before has left in logs and descriptions: no crash, and no secret."""

import pytest

from tests.docker import outside
from tests.docker.hosts import KEY, Hosts

pytestmark = [pytest.mark.docker, pytest.mark.stack, pytest.mark.timeout(1_800)]


def test_nobody_crashed_in_a_way_that_was_not_meant(hosts: Hosts) -> None:
    for project in hosts.projects:
        traces = [line for line in project.compose("logs", "--no-color").splitlines() if "Traceback" in line]
        assert traces == [], project.name


def test_no_secret_is_to_be_seen_from_outside(hosts: Hosts) -> None:
    secrets = outside.secrets_in(hosts.secrets)
    assert KEY in secrets
    assert len(secrets) >= 12
    seen = {each for project in hosts.projects for each in outside.told(project, secrets | outside.SAID)}
    assert seen == outside.SAID_BY
