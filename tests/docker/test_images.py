"""Our images: small, complete, without anything that is not the product's."""

import json

import pytest

from tests.docker.compose import ROOT, SERVICES
from tests.docker.containers import run

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1_800)]

BASE = "python:3.13-slim-trixie"
OVER_BASE_MB = {"ingestor": 200, "api": 200, "simulator": 200}


@pytest.mark.parametrize(("service", "most_mb"), OVER_BASE_MB.items())
def test_an_image_adds_little_to_its_base(service: str, most_mb: int, images: dict[str, str]) -> None:
    added = (_size(images[service]) - _size(BASE)) / 1e6
    assert added <= most_mb, f"{added:.0f} MB"


@pytest.mark.parametrize("service", SERVICES)
def test_inside_nothing_can_be_written_and_nothing_be_gained(service: str, images: dict[str, str]) -> None:
    guarded = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true")
    places = "/ /app /opt/venv /etc"
    tries = f"for d in {places}; do touch $d/x 2>/dev/null && echo wrote $d; done; true"
    script = f"id -u; grep CapEff /proc/self/status; {tries}"
    said = run("docker", "run", "--rm", *guarded, images[service], "sh", "-c", script).split()
    assert said == ["10001", "CapEff:", "0" * 16]


@pytest.mark.parametrize("service", SERVICES)
def test_the_first_thing_a_service_asks_for_is_its_configuration(service: str, images: dict[str, str]) -> None:
    """All that it imports is there, and it downloads nothing: there is no network."""
    module = {"spark": "spark_jobs"}.get(service, service)
    code = f"import importlib; importlib.import_module('{module}.__main__')"
    run("docker", "run", "--rm", "--read-only", "--network", "none", images[service], "python", "-c", code)


def test_the_connector_is_in_the_image_as_it_is_pinned(images: dict[str, str]) -> None:
    lock = json.loads((ROOT / "infra" / "local" / "parts.lock").read_text("utf-8"))
    pinned = {f"{pin['sha256']}  {pin['file']}" for pin in lock["spark-kafka"]}
    jars = "/opt/venv/lib/python3.13/site-packages/pyspark/jars"
    found = run(
        "docker",
        "run",
        "--rm",
        "--network",
        "none",
        images["spark"],
        "sh",
        "-c",
        f"cd {jars} && sha256sum *kafka*.jar commons-pool2*.jar",
    )
    assert set(found.splitlines()) == pinned


def _size(image: str) -> int:
    return int(run("docker", "image", "inspect", "-f", "{{.Size}}", image))
