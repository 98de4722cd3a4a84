"""Doubles of the programs that the scripts of a host on AWS call."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.unit.aws_template import AWS

ROOT = AWS.parents[1]
HOST = AWS / "host"
BASH = shutil.which("bash") or "bash"
SECRETS = [line.split() for line in (AWS / "secrets.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
# Parameters are files below $STORE; what was called stands in $CALLS.
AWS_DOUBLE = r"""
echo "aws $*" >>"$CALLS"
while (($#)); do case $1 in --name | --path) name=$2 ;; esac; last=$1; args+=" $1"; shift; done
case $args in
  *get-parameters-by-path*) cd "$STORE$name" && for f in *; do printf '%s\t%s\n' "$name/$f" "$(cat "$f")"; done ;;
  *get-parameter*) cat "$STORE$name" ;;
  *put-parameter*) [ "$last" = file:///dev/stdin ] && mkdir -p "$STORE${name%/*}" && cat >"$STORE$name" ;;
esac
"""


class Machine:
    """A folder with programs of its own, which stands for a host or for the machine of who runs the site."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.store, self.calls = folder, folder / "store", folder / "calls"
        self.state, self.project = folder / "state", folder / "project"
        for each in ("bin", "store", "state"):
            (folder / each).mkdir()
        self.calls.touch()
        self.program("aws", AWS_DOUBLE)

    def program(self, name: str, body: str) -> None:
        file = self.folder / "bin" / name
        file.write_text(f"#!{BASH}\n{body}", "utf-8")
        file.chmod(0o755)

    def run(self, script: Path, *arguments: str | Path, host: str = "b") -> subprocess.CompletedProcess[str]:
        environment = os.environ | {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "STORE": str(self.store), "CALLS": str(self.calls), "STOCK_INSIGHTS_STATE": str(self.state),
            "STOCK_INSIGHTS_ROOT": str(self.project), "SITE": "live", "HOST": host,
        }  # fmt: skip
        command = [BASH, str(script), *map(str, arguments)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    def called(self) -> list[str]:
        """The calls since the last time this was asked."""
        lines = self.calls.read_text("utf-8").splitlines()
        self.calls.write_text("", "utf-8")
        return lines

    def folder_of_secrets(self) -> Path:
        folder = self.folder / "secrets"
        folder.mkdir()
        for name in {name for _, name in SECRETS} | {"ca.key", "page-login-password"}:
            (folder / name).write_bytes(f"canary-{name}\x00\xff\n".encode("latin-1"))
        return folder

    def upload(self) -> subprocess.CompletedProcess[str]:
        return self.run(AWS / "upload.sh", "live", self.folder / "secrets", AWS / "site.env.example")
