"""The scripts of a host on AWS, run against doubles of the programs that they call."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.aws_machine import HOST, ROOT, Machine
from tests.unit.aws_template import AWS, host


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def commit(project: Path, tag: str) -> None:
    git = ("git", "-C", str(project), "-c", "user.name=t", "-c", "user.email=t@example.com")
    for command in (("commit", "-q", "--allow-empty", "-m", tag), ("tag", tag)):
        subprocess.run([*git, *command], check=True)


def a_running_host(machine: Machine) -> None:
    """A checkout of one commit, with its secrets and settings stored."""
    machine.folder_of_secrets()
    machine.upload()
    shutil.copytree(AWS, machine.project / "infra" / "aws")
    subprocess.run(["git", "init", "-q", str(machine.project)], check=True)
    commit(machine.project, "v1")
    machine.program("docker", 'echo "docker $*" >>"$CALLS"')
    machine.called()


def docker_calls(machine: Machine) -> list[str]:
    done = machine.run(machine.project / "infra/aws/host/up.sh")
    assert done.returncode == 0, done.stderr
    calls = (call.removeprefix("docker compose -f docker-compose.ec2-b.yml ") for call in machine.called())
    return [call for call in calls if call.startswith(("build", "up"))]


def test_a_host_builds_once_a_release_and_makes_containers_anew_only_for_new_secrets(machine: Machine) -> None:
    a_running_host(machine)
    up = "up --detach --wait --wait-timeout 900 --remove-orphans"
    assert docker_calls(machine) == ["build --quiet", f"{up} --force-recreate"]
    assert docker_calls(machine) == [up]
    (machine.store / "stock-insights/live/b/secrets/kafka-api-password").write_text("bmV3", "utf-8")
    assert docker_calls(machine) == [f"{up} --force-recreate"]
    assert docker_calls(machine) == [up]


def test_a_start_that_failed_is_made_up_for(machine: Machine) -> None:
    a_running_host(machine)
    machine.program("docker", 'echo "docker $*" >>"$CALLS"; [[ $* != *" up "* ]]')
    assert machine.run(machine.project / "infra/aws/host/up.sh").returncode == 1
    machine.program("docker", 'echo "docker $*" >>"$CALLS"')
    machine.called()
    (call,) = docker_calls(machine)
    assert call.endswith("--force-recreate")


def test_a_release_is_fetched_when_it_is_not_here_and_only_then(machine: Machine) -> None:
    origin = machine.folder / "origin"
    subprocess.run(["git", "init", "-q", str(origin)], check=True)
    commit(origin, "v1")
    subprocess.run(["git", "clone", "-q", str(origin), str(machine.project)], check=True)
    commit(origin, "v2")
    wanted = machine.store / "stock-insights/live/b/release"
    wanted.parent.mkdir(parents=True)
    wanted.write_text("v2", "utf-8")
    assert machine.run(HOST / "release.sh").stdout.startswith("release: v2")
    origin.rename(machine.folder / "gone")
    wanted.write_text("v1", "utf-8")
    assert machine.run(HOST / "release.sh").stdout.startswith("release: v1")
    wanted.write_text("v3", "utf-8")
    assert machine.run(HOST / "release.sh").returncode != 0


def test_the_settings_of_the_site_and_the_host_s_own_reach_compose(machine: Machine) -> None:
    a_running_host(machine)
    docker_calls(machine)
    lines = (machine.project / ".env").read_text("utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z]", line))
    assert settings["KAFKA_BOOTSTRAP"] == "b.live.internal:9093"
    assert settings["SECRETS_DIR"] == f"{machine.state}/secrets"
    for name in "abc":
        text = (ROOT / f"docker-compose.ec2-{name}.yml").read_text("utf-8")
        assert set(re.findall(r"\$\{([A-Z_]+):\?", text)) <= settings.keys()


def test_the_example_names_only_what_a_compose_file_passes_on() -> None:
    files = [*ROOT.glob("docker-compose.ec2-?.yml"), ROOT / "docker" / "base.yml"]
    passed = {name for file in files for name in re.findall(r"\$\{([A-Z_]+)[:}]", file.read_text("utf-8"))}
    named = set(re.findall(r"^([A-Z_]+)=", (AWS / "site.env.example").read_text("utf-8"), re.MULTILINE))
    assert named <= passed


@pytest.mark.parametrize(
    ("listed", "unwell"),
    [
        ("Up 2 hours (healthy)\nExited (0) 2 hours ago\nUp 1 second (health: starting)\n", 0),
        ("Up 2 hours (unhealthy)\nRestarting (1) 3 seconds ago\nExited (137) 2 hours ago\nUp 1 hour (Paused)\n", 4),
        ("", 1),
    ],
)
def test_a_report_counts_the_containers_that_are_neither_well_nor_done(
    machine: Machine, listed: str, unwell: int
) -> None:
    machine.program("docker", f"cat <<'END'\n{listed}END\n")
    machine.program("df", "printf 'Use%%\\n  7%%\\n 81%%\\n'")
    assert machine.run(HOST / "report.sh").returncode == 0
    told = [re.search(r"--metric-name (\w+) --value (\d+)", call) for call in machine.called()]
    assert [each and each.groups() for each in told] == [("DiskUsedPercent", "81"), ("UnwellContainers", str(unwell))]


@pytest.mark.skipif(not shutil.which("mkfs.ext4"), reason="mkfs.ext4 is not installed (e2fsprogs)")
def test_only_an_empty_volume_is_formatted(machine: Machine) -> None:
    volume, foreign = machine.folder / "volume", machine.folder / "foreign"
    for file in (volume, foreign):
        file.write_bytes(bytes(8 << 20))
    assert machine.run(HOST / "format.sh", volume).returncode == 0
    made = volume.read_bytes()
    assert made[1_080:1_082] == b"\x53\xef"  # ext4's mark
    assert machine.run(HOST / "format.sh", volume).returncode == 0
    assert volume.read_bytes() == made
    content = b"XFSB" + bytes((8 << 20) - 4)
    foreign.write_bytes(content)
    machine.program("blkid", "exit 8")
    done = machine.run(HOST / "format.sh", foreign)
    assert (done.returncode, foreign.read_bytes()) == (1, content)
    assert "cannot tell" in done.stderr


def test_shellcheck_finds_nothing(tmp_path: Path) -> None:
    found = shutil.which("shellcheck", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if found is None:
        pytest.skip("shellcheck is not installed")
    user_data = tmp_path / "user-data.sh"
    instance = host("a")["Resources"]["Instance"]["Properties"]
    user_data.write_text(instance["UserData"]["Fn::Base64"], "utf-8")
    scripts = [user_data, *AWS.rglob("*.sh")]
    done = subprocess.run([found, *map(str, scripts)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert all(os.access(script, os.X_OK) for script in scripts[1:])
