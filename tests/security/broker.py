"""The broker of host B on this machine: its shipped configuration, with other addresses and folders."""

from dataclasses import dataclass
from pathlib import Path

from infra.local import kafka, parts, ports
from infra.local.java import java
from infra.local.process import Command
from infra.local.service import Service
from infra.local.settings import ROOT, LocalSettings
from infra.local.waiting import finish, port_open

SHIPPED = ROOT / "docker" / "kafka" / "server.properties"
_CLUSTER = "c3RvY2staW5zaWdodHMtLQ"
_START_S = 90.0


@dataclass(frozen=True)
class Secrets:
    """The folder that `python -m infra.secrets` made."""

    folder: Path

    def __getitem__(self, name: str) -> str:
        return (self.folder / name).read_text("utf-8")

    def client(self, user: str, port: int) -> dict[str, str]:
        """KAFKA_* for one principal, its password in the file."""
        return {
            "KAFKA_BOOTSTRAP": f"{ports.HOST}:{port}",
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_SECURITY_CA": str(self.folder / "ca.crt"),
            "KAFKA_SECURITY_USER": user,
            "KAFKA_SECURITY_PASSWORD_FILE": str(self.folder / f"kafka-{user}-password"),
        }


def configuration(data: Path, port: int, secrets: Path) -> str:
    """The shipped properties; `port` is the door for the other hosts."""
    itself, controller = ports.free(), ports.free()
    elsewhere = {
        "${env:KAFKA_ADVERTISED_HOST}": ports.HOST,
        "${env:KAFKA_ADVERTISED_PORT}": str(port),
        "REMOTE://:9093": f"REMOTE://{ports.HOST}:{port}",
        "LOCAL://:9094": f"LOCAL://{ports.HOST}:{ports.free()}",
        "localhost:19092": f"{ports.HOST}:{itself}",
        "localhost:19093": f"{ports.HOST}:{controller}",
        "/run/secrets": str(secrets),
        "/var/lib/kafka/data": str(data / "topics"),
    }
    text = SHIPPED.read_text("utf-8")
    for shipped, here in elsewhere.items():
        assert shipped in text, f"{SHIPPED} no longer says {shipped}"
        text = text.replace(shipped, here)
    return text


async def service(data: Path, port: int, secrets: Secrets) -> Service:
    """Formatted with the user `admin`, whose password goes by a file: arguments can be read by everyone."""
    (libraries,) = parts.ensure(["kafka"], LocalSettings().cache_dir)
    properties, arguments = data / "server.properties", data / "format"
    (data / "topics").mkdir(parents=True, exist_ok=True)
    properties.write_text(configuration(data, port, secrets.folder))
    admin = f"SCRAM-SHA-512=[name=admin,password={secrets['kafka-admin-password']}]"
    arguments.write_text("\n".join(("--cluster-id", _CLUSTER, "--config", str(properties), "--add-scram", admin)))
    jvm = (str(java()), *kafka._JVM, "-cp", f"{libraries}/*")
    formatting = (*jvm, "kafka.tools.StorageTool", "format", f"@{arguments}")
    await finish(Command("kafka-format", formatting, data / "format.log"), _START_S)
    arguments.unlink()
    command = Command("kafka", (*jvm, "kafka.Kafka", str(properties)), data / "kafka.log", stop_s=20)
    return Service(command, lambda: port_open(ports.HOST, port), "an open port", _START_S)
