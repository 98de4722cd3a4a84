"""A link that is set wrong: refused in each service, which names the setting, says the rule, and how to mend it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from infra.local import database, parts, ports
from infra.local.java import java_home
from infra.local.settings import LocalSettings
from infra.secrets.__main__ import main as make_secrets
from market.settings import EX_CONFIG
from tests.security.hosts import Hosts, run
from tests.security.service import process

pytestmark = pytest.mark.stack

Environment = dict[str, str]
UNKNOWN = ("KAFKA_SECURITY_USER, KAFKA_SECURITY_PASSWORD: the broker knows no such user", "python -m infra.links")
STRANGE = ("KAFKA_SECURITY_CA, KAFKA_BOOTSTRAP: the broker's certificate is not signed by this authority", "ca.crt")
PLAIN = ("KAFKA_SECURITY_PROTOCOL: what listens there hangs up at once", "set SASL_SSL")
TRACE = "Traceback (most recent call last)"


def ingestor(up: Hosts, folder: Path) -> Environment:
    """Its exchange is not there either, which it can wait for."""
    nowhere = f"127.0.0.1:{ports.free()}"
    feed = {"INGESTOR_FUGLE_WS_URL": f"ws://{nowhere}", "INGESTOR_FUGLE_REST_URL": f"http://{nowhere}"}
    return {**up.kafka_environment("ingestor"), **feed, "INGESTOR_FUGLE_API_KEY": "key", "INGESTOR_SYMBOLS": "2330"}


def spark(up: Hosts, folder: Path) -> Environment:
    cache = LocalSettings().cache_dir
    own = {"SPARK_CHECKPOINTS": str(folder), "SPARK_JARS": parts.all_parts(cache).spark_jars}
    return {**up.kafka_environment("spark"), **own, "JAVA_HOME": str(java_home(cache))}


def api(up: Hosts, folder: Path) -> Environment:
    return {**up.api_environment(), "API_PORT": str(ports.free())}


def links(up: Hosts, folder: Path) -> Environment:
    return {**up.links_environment(), "TOPICS_WAIT_S": "3"}


SERVICES: Mapping[str, Callable[[Hosts, Path], Environment]] = {
    "ingestor": ingestor, "spark_jobs": spark, "api": api, "infra.links": links, "infra.topics": links,
}  # fmt: skip
LONG_LIVED = ("ingestor", "spark_jobs", "api")


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another authority's certificate."""
    folder = tmp_path_factory.mktemp("strangers") / "secrets"
    assert make_secrets(["--out", str(folder)]) == 0
    return folder / "ca.crt"


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("setting", ["KAFKA_SECURITY_PASSWORD_FILE", "KAFKA_SECURITY_CA"])
def test_a_secret_file_that_is_missing_ends_a_service(up: Hosts, tmp_path: Path, name: str, setting: str) -> None:
    absent = str(tmp_path / "absent")
    done = run(name, SERVICES[name](up, tmp_path) | {setting: absent})
    assert done.returncode == EX_CONFIG
    (line,) = done.stderr.splitlines()
    assert setting in line
    assert f"{absent} cannot be read: No such file or directory; name " in line


@pytest.mark.parametrize("name", SERVICES)
def test_a_broker_of_another_authority_ends_a_service(up: Hosts, strangers: Path, tmp_path: Path, name: str) -> None:
    wrong = SERVICES[name](up, tmp_path) | {"KAFKA_SECURITY_CA": str(strangers)}
    with process(name, tmp_path / "log", wrong) as service:
        status, lines = service.ends()
    assert status == EX_CONFIG
    assert [line for line in lines if all(text in line for text in STRANGE)]
    assert TRACE not in "\n".join(lines)


@pytest.mark.parametrize("name", LONG_LIVED)
@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"KAFKA_SECURITY_PASSWORD": "hunter2", "KAFKA_SECURITY_PASSWORD_FILE": ""}, UNKNOWN),
     ({"KAFKA_SECURITY_USER": "nobody"}, UNKNOWN),
     ({"KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"}, PLAIN)],
    ids=["password", "user", "plaintext"],
)  # fmt: skip
def test_a_service_that_the_broker_does_not_let_in_says_why_and_tries_on(
    up: Hosts, tmp_path: Path, name: str, wrong: Environment, said: tuple[str, ...]
) -> None:
    with process(name, tmp_path / "log", SERVICES[name](up, tmp_path) | wrong) as service:
        service.says(*said)
        assert service.child.poll() is None
    log = service.log.read_text("utf-8")
    assert "hunter2" not in log
    assert TRACE not in log


@pytest.mark.parametrize("name", ["infra.links", "infra.topics"])
@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"KAFKA_SECURITY_PASSWORD": "hunter2", "KAFKA_SECURITY_PASSWORD_FILE": ""}, UNKNOWN),
     ({"KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"}, PLAIN)],
    ids=["password", "plaintext"],
)  # fmt: skip
def test_a_one_shot_waits_for_the_broker_and_then_says_why(
    up: Hosts, tmp_path: Path, name: str, wrong: Environment, said: tuple[str, ...]
) -> None:
    done = run(name, SERVICES[name](up, tmp_path) | wrong)
    assert done.returncode == 1
    assert all(text in done.stderr.splitlines()[-1] for text in said)
    assert "hunter2" not in done.stderr
    assert TRACE not in done.stderr


def test_a_user_without_the_right_is_told_where_the_rights_are(up: Hosts, tmp_path: Path) -> None:
    done = run("infra.topics", {**links(up, tmp_path), **up.kafka_environment("api"), "TOPICS_PARTITIONS": "3"})
    assert done.returncode == 1
    assert "TOPIC_AUTHORIZATION_FAILED" in done.stderr
    assert "infra/acls.py says who may what" in done.stderr


WRONG_DATABASE = {
    "password": ({"API_MYSQL_PASSWORD": "hunter2", "API_MYSQL_PASSWORD_FILE": ""}, "API_MYSQL_USER and _PASSWORD"),
    "plaintext": ({"API_MYSQL_SSL_CA": ""}, "wants TLS of it (API_MYSQL_SSL_CA)"),
    "authority": ({}, "API_MYSQL_SSL_CA, API_MYSQL_HOST: the server's certificate is not signed by this authority"),
    "reader": (
        {"API_MYSQL_READER_PASSWORD": "hunter2", "API_MYSQL_READER_PASSWORD_FILE": ""}, "API_MYSQL_READER_USER",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "case"),
    [("api", case) for case in WRONG_DATABASE]
    + [("infra.migrate", case) for case in ("password", "plaintext", "authority")],
)
def test_a_database_that_does_not_let_a_service_in_ends_it(
    up: Hosts, strangers: Path, tmp_path: Path, name: str, case: str
) -> None:
    right = api(up, tmp_path) if name == "api" else up.mysql_environment("migrate")
    wrong, said = WRONG_DATABASE[case]
    another = {"API_MYSQL_SSL_CA": str(strangers)} if case == "authority" else wrong
    environment = {setting: value for setting, value in (right | another).items() if value}
    with process(name, tmp_path / "log", environment) as service:
        status, lines = service.ends()
    assert status == EX_CONFIG
    assert said in lines[-1]
    assert "hunter2" not in "\n".join(lines)
    assert TRACE not in "\n".join(lines)


@pytest.mark.parametrize("name", ["api", "infra.migrate"])
def test_a_missing_authority_of_the_database_ends_a_service(up: Hosts, tmp_path: Path, name: str) -> None:
    right = api(up, tmp_path) if name == "api" else up.mysql_environment("migrate")
    done = run(name, right | {"API_MYSQL_SSL_CA": str(tmp_path / "absent")})
    assert done.returncode == EX_CONFIG
    assert "API_MYSQL_SSL_CA" in done.stderr
    assert "cannot be read: No such file or directory; name the PEM file" in done.stderr


@pytest.fixture(scope="module")
def without_tls(up: Hosts) -> Environment:
    """API_MYSQL_* of the database that one machine has for itself."""
    made = database.service(up.data / "plain", ports.free(), LocalSettings().cache_dir)
    service, described = up.runner.run(made)
    up.up(service)
    return described.environment()


@pytest.mark.parametrize("name", ["api", "infra.migrate"])
def test_a_database_that_offers_no_tls_is_not_talked_to_where_tls_is_wanted(
    up: Hosts, without_tls: Environment, tmp_path: Path, name: str
) -> None:
    wanted = {"API_MYSQL_SSL_CA": str(up.secrets.folder / "ca.crt")}
    done = run(name, {**up.kafka_environment("api"), "API_PORT": str(ports.free()), **without_tls, **wanted})
    assert done.returncode == EX_CONFIG
    assert "the server offers no TLS – API_MYSQL_SSL_CA wants it" in done.stderr.splitlines()[-1]
