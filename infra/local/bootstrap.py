"""Make `.venv` from `uv.lock`, then run Python in it. Standard library only; any Python can read this file.

python3 infra/local/bootstrap.py [--dev] [python arguments …]
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

UV = "0.13.9"
OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
STAMP = VENV / ".made-from"


def main(arguments: "list[str]") -> int:
    """The environment as `uv.lock` says, made now if it is not; then the program asked for in this one's place."""
    if sys.version_info < OLDEST:
        found = "{}.{}".format(*sys.version_info[:2])
        return refuse(f"Python {found} is too old: 3.11 or newer is needed (make PYTHON=/path/to/python3.12 …)")
    dev = arguments[:1] == ["--dev"]
    wanted = fingerprint()
    made = STAMP.read_text("utf-8").split() if STAMP.is_file() else []
    if made[:1] != [wanted] or (dev and made[1:] != ["dev"]):
        uv = find_uv(cache())
        if uv is None:
            return refuse(
                f"{sys.executable} has neither pip nor venv, and there is no uv on the PATH; "
                "Debian and Ubuntu: apt install python3-venv; Fedora: dnf install python3-pip; or install uv"
            )
        code = sync(uv, dev=dev)
        if code:
            return refuse(f"the environment could not be made (uv ended with {code}); is the network there?", code)
        STAMP.write_text(f"{wanted} {'dev' if dev else 'run'}\n", "utf-8")
    program = arguments[1:] if dev else arguments
    if program:
        python = str(VENV / "bin" / "python")
        os.chdir(ROOT)
        os.execv(python, [python, *program])  # noqa: S606 - a shell would only be in the way
    return 0


def fingerprint() -> str:
    """What the environment depends on: the lock, the project file, this Python."""
    digest = hashlib.sha256(sys.version.encode())
    for name in ("uv.lock", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def cache() -> Path:
    return Path(os.environ.get("STOCK_INSIGHTS_CACHE") or "~/.cache/stock-insights").expanduser()


def find_uv(folder: Path) -> "str | None":
    """The pinned uv, fetched into the cache; failing that the one on the PATH."""
    home = folder / f"uv-{UV}"
    if not (home / "bin" / "uv").is_file():
        say(f"fetching uv {UV}")
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="uv-", dir=folder) as work:
            half = Path(work, "home")
            if by_pip(half) or by_venv(half, Path(work, "venv")):
                shutil.rmtree(home, ignore_errors=True)
                half.rename(home)
    own = home / "bin" / "uv"
    return str(own) if own.is_file() else shutil.which("uv")


def by_pip(target: Path) -> bool:
    """With this Python's own pip, where it has one; a target folder changes nothing of the Python."""
    return pip(sys.executable, target)


def by_venv(target: Path, venv: Path) -> bool:
    """With the pip that a fresh venv brings, where Debian has not cut it out."""
    made = subprocess.run([sys.executable, "-m", "venv", str(venv)], capture_output=True, check=False)
    return made.returncode == 0 and pip(str(venv / "bin" / "python"), target)


def pip(python: str, target: Path) -> bool:
    command = [python, "-m", "pip", "install", "--quiet", "--target", str(target), f"uv=={UV}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode == 0 and (target / "bin" / "uv").is_file()


def sync(uv: str, *, dev: bool) -> int:
    """Exactly the locked packages, all extras; progress is uv's own."""
    say("making .venv from uv.lock (the first time it fetches about 520 MB)")
    STAMP.unlink(missing_ok=True)
    environment = {
        **os.environ,
        "UV_CACHE_DIR": str(cache() / "uv-cache"),
        "UV_PROJECT_ENVIRONMENT": str(VENV),
        "UV_PYTHON_DOWNLOADS": "never",
    }
    command = [
        uv,
        "sync",
        "--frozen",
        "--all-extras",
        "--python",
        sys.executable,
        *([] if dev else ["--no-dev", "--inexact"]),
    ]
    code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    # What is kept is what was built here: pyspark comes as source, and its leftovers are three times its size.
    subprocess.run([uv, "cache", "prune", "--ci", "--quiet"], env=environment, check=False)
    return code


def say(line: str) -> None:
    sys.stderr.write(line + "\n")


def refuse(line: str, code: int = 1) -> int:
    say(line)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
