"""A checkout full of secrets, as a careless operator has it: none gets into a build, an image or its history."""

import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.secrets.__main__ import main as make_secrets
from tests.docker import layers
from tests.docker.compose import ROOT, SERVICES
from tests.docker.containers import run

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1_800)]

CANARY = f"canary-{secrets.token_hex(16)}"  # a part of every planted secret: it is looked for once, instead of each
CODE = ("market", "ingestor", "spark_jobs", "api", "simulator", "infra", "infra/migrations", "frontend", "docker")
NAMES = (".env", "site.env", "fugle-api-key", "kafka-admin-password", "id_rsa", "ca.key", "dump.gz", "notes.txt")
CONTROL = b"the exchange's stream and its reference data to Kafka"  # stands in a file that has to be in a layer


@pytest.fixture(scope="module")
def careless(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, with secrets beside the code and in its folders."""
    checkout = tmp_path_factory.mktemp("careless") / "checkout"
    shutil.copytree(ROOT, checkout, ignore=_is_left)
    for folder in ("secrets", "var/single"):
        assert make_secrets(["--out", str(checkout / folder)]) == 0
    planted = {*(checkout / "secrets").iterdir(), *(checkout / "var" / "single").iterdir()}
    planted |= {checkout / folder / name for folder in (".", *CODE, "secrets", "var/demo/logs") for name in NAMES}
    for file in planted:
        file.unlink(missing_ok=True)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"INGESTOR_FUGLE_API_KEY={CANARY}-of-{file.name}\n")
    return checkout


def _is_left(folder: str, names: list[str]) -> set[str]:
    """What is not copied: what is large, and what may really be secret."""
    own = {"var", "secrets"} if Path(folder) == ROOT else set()
    return {name for name in names if name in {".venv", ".git", "node_modules", "__pycache__", ".mypy_cache"} | own}


@pytest.fixture(scope="module")
def built(careless: Path) -> Iterator[list[str]]:
    """Our images from there."""
    version = f"careless-{CANARY[-8:]}"
    images = [f"stock-insights-{service}:{version}" for service in SERVICES]
    run("make", "-C", str(careless), "images", env={"STOCK_INSIGHTS_VERSION": version}, seconds=1_500)
    yield images
    run("docker", "image", "rm", *images)


def test_nothing_of_it_is_sent_to_a_build(careless: Path) -> None:
    command = ("docker", "build", "--quiet", "--output", "type=tar,dest=-", "-f", "-", str(careless))
    everything = b"FROM scratch\nCOPY . /\n"
    sent = subprocess.run(command, input=everything, capture_output=True, check=True, timeout=300).stdout
    assert CANARY.encode() not in sent
    assert CONTROL in sent


def test_no_image_that_is_built_from_it_holds_any_of_it(built: list[str]) -> None:
    seen = layers.found([CANARY.encode(), CONTROL], built)
    assert {needle for needle, _ in seen} == {CONTROL}, seen


CARELESS_IMAGES = {
    "a file that is removed again": ("COPY fugle-api-key /\nRUN rm /fugle-api-key\n", "blobs/"),
    "an argument of the build": ("ARG KEY\nRUN true\n", "history "),
    "an environment": (f"ENV KEY={CANARY}\n", "inspect "),
}


@pytest.mark.parametrize("way", CARELESS_IMAGES)
def test_an_image_that_holds_one_is_found(way: str, careless: Path, tmp_path: Path) -> None:
    lines, where = CARELESS_IMAGES[way]
    shutil.copy(careless / "fugle-api-key", tmp_path)
    (tmp_path / "Dockerfile").write_text(f"FROM python:3.13-slim-trixie\n{lines}")
    seen = _found_in("--build-arg", f"KEY={CANARY}", str(tmp_path))
    assert [place for place in seen if place.startswith(where)], seen


def test_without_the_list_of_what_is_code_an_image_holds_some_of_it(careless: Path) -> None:
    allowed, aside = careless / ".dockerignore", careless / "aside"
    allowed.rename(aside)
    try:
        assert _found_in("-f", str(careless / "docker" / "ingestor.Dockerfile"), str(careless))
    finally:
        aside.rename(allowed)


def _found_in(*build: str) -> set[str]:
    """Where an image that is built so has the canary."""
    image = f"test-careless:{CANARY[-8:]}"
    run("docker", "build", "--quiet", "-t", image, *build)
    try:
        return {place for _, place in layers.found([CANARY.encode()], [image])}
    finally:
        run("docker", "image", "rm", image)
