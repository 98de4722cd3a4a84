"""Docker and the rights that these tests need, or the reason why they are skipped."""

import shutil
import subprocess

import pytest

from tests.docker.compose import ROOT, SERVICES
from tests.docker.containers import run


@pytest.fixture(scope="session", autouse=True)
def _compose() -> None:
    if shutil.which("docker") is None or _fails("docker", "compose", "version"):
        pytest.skip("Docker with its compose plugin is not installed")


@pytest.fixture(scope="session")
def engine() -> None:
    """A Docker engine that answers."""
    if _fails("docker", "info"):
        pytest.skip("no Docker engine answers (is it started, and may this user talk to it?)")


@pytest.fixture(scope="session")
def images(engine: None) -> dict[str, str]:
    """Our images as the checkout is now, by service."""
    run("make", "-C", str(ROOT), "images", seconds=1_500)
    return {service: f"stock-insights-{service}:local" for service in SERVICES}


def _fails(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode != 0
