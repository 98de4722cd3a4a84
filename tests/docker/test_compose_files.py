"""The compose files parse and hold the rules of the house; needs no engine."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.docker.compose import ROOT
from tests.docker.containers import run

pytestmark = pytest.mark.docker

# Memory for containers in GB: a t3.small, a t3.large and a t3.medium, less half a gigabyte for the system.
ROOM_GB = {"docker-compose.ec2-a.yml": 1.5, "docker-compose.ec2-b.yml": 7.5, "docker-compose.ec2-c.yml": 3.5}
FILES = (*ROOM_GB, "docker-compose.single.yml")
GIVEN = {
    "KAFKA_BOOTSTRAP": "10.0.1.20:9093",
    "KAFKA_ADVERTISED_HOST": "10.0.1.20",
    "INGESTOR_SYMBOLS": "2330",
    "API_ALLOWED_ORIGINS": "https://stocks.example.com",
}
Service = dict[str, Any]


def configuration(file: str, **given: str) -> dict[str, Any]:
    command = ("docker", "compose", "-f", str(ROOT / file), "--profile", "*", "config", "--format", "json")
    return dict(json.loads(run(*command, env=GIVEN | given)))


@pytest.fixture(scope="module")
def configurations() -> dict[str, dict[str, Any]]:
    return {file: configuration(file) for file in FILES}


@pytest.fixture(scope="module")
def services(configurations: dict[str, dict[str, Any]]) -> dict[str, Service]:
    """Every service of every file, by file and name."""
    return dict(_services(configurations))


def _services(configurations: dict[str, dict[str, Any]]) -> Iterator[tuple[str, Service]]:
    for file, found in configurations.items():
        for name, service in found["services"].items():
            yield f"{file}: {name}", service


def replicas(service: Service) -> int:
    return int(service.get("deploy", {}).get("replicas", 1))


@pytest.mark.parametrize("file", ["docker-compose.ec2-c.yml", "docker-compose.single.yml"])
def test_the_api_has_as_many_replicas_as_it_is_told(file: str, services: dict[str, Service]) -> None:
    assert replicas(services[f"{file}: api"]) == 1
    told = configuration(file, API_REPLICAS="3")["services"]
    assert {name: replicas(service) for name, service in told.items() if replicas(service) != 1} == {"api": 3}
    assert not {"container_name", "ports"} & told["api"].keys(), "of which there can be one only"


def test_every_container_is_locked_down(services: dict[str, Service]) -> None:
    def locked(service: Service) -> bool:
        user = service.get("user", "root").split(":")[0]
        return (
            user not in {"root", "0"}
            and service.get("read_only") is True
            and service.get("cap_drop") == ["ALL"]
            and not service.get("cap_add")
            and not service.get("privileged")
            and "no-new-privileges:true" in service.get("security_opt", [])
            and not any("docker.sock" in str(volume) for volume in service.get("volumes", []))
        )

    assert [name for name, service in services.items() if not locked(service)] == []


def test_every_container_has_its_limits(services: dict[str, Service]) -> None:
    def limited(service: Service) -> bool:
        rotation = service.get("logging", {}).get("options", {})
        return all(service.get(limit) for limit in ("mem_limit", "cpus", "pids_limit")) and {
            "max-size",
            "max-file",
        } <= set(rotation)

    assert [name for name, service in services.items() if not limited(service)] == []


@pytest.mark.parametrize("file", ROOM_GB)
def test_a_host_has_the_memory_its_containers_may_take(file: str, configurations: dict[str, dict[str, Any]]) -> None:
    found = configurations[file]["services"].values()
    taken = sum(int(service["mem_limit"]) * replicas(service) for service in found if service["restart"] != "no")
    assert taken <= ROOM_GB[file] * 1e9, f"{taken / 1e9:.2f} GB"


def test_whatever_serves_comes_back_and_says_whether_it_is_well(services: dict[str, Service]) -> None:
    serving = {name: service for name, service in services.items() if service["restart"] != "no"}
    assert [name for name, service in serving.items() if service["restart"] != "unless-stopped"] == []
    assert [name for name, service in serving.items() if "healthcheck" not in service] == []
    java = [name for name, service in serving.items() if ".sh" in str(service.get("healthcheck"))]
    assert java == [], "a tool of Kafka's would start a JVM at every look"


def test_no_secret_is_in_an_environment(services: dict[str, Service]) -> None:
    secret = re.compile("PASSWORD|SECRET|API_KEY|TOKEN|JAAS")
    by_name = re.compile(r'\w+_FILE=/run/secrets/[\w-]+|\w+_JAAS_CONFIG=[^"]*"viewer" password="\$\$\{[\w-]+\}";')
    held = {
        f"{name} {variable}"
        for name, service in services.items()
        for variable, value in (service.get("environment") or {}).items()
        if secret.search(variable) and not by_name.fullmatch(f"{variable}={value}")
    }
    assert held == set()


def test_images_are_pinned(services: dict[str, Service]) -> None:
    def pinned(image: str) -> bool:
        return image.startswith("stock-insights-") or re.fullmatch(r"[\w./-]+:v?\d+\.\d+[\w.-]*", image) is not None

    assert [f"{name} {service['image']}" for name, service in services.items() if not pinned(service["image"])] == []


def test_only_the_broker_and_the_page_can_be_reached_from_other_machines(services: dict[str, Service]) -> None:
    published = {
        (name, port["target"])
        for name, service in services.items()
        for port in service.get("ports", [])
        if port.get("host_ip") not in {"127.0.0.1", "::1"}
    }
    assert published == {("docker-compose.ec2-b.yml: kafka", 9093), ("docker-compose.ec2-c.yml: proxy", 8443)}


@pytest.mark.parametrize("variable", GIVEN)
def test_what_must_be_given_is_asked_for_by_name(variable: str) -> None:
    files = [file for file in ROOM_GB if f"${{{variable}:?" in (ROOT / file).read_text("utf-8")]
    assert files
    for file in files:
        with pytest.raises(AssertionError, match=variable):
            run("docker", "compose", "-f", str(ROOT / file), "config", "-q", env=GIVEN | {variable: ""})
