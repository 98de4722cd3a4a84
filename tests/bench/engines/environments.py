"""An environment of its own for each foreign engine, made from its pinned requirements, kept in the project's cache."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from infra.local import bootstrap
from infra.local.settings import LocalSettings

HERE = Path(__file__).parent
_INSTALL_S = 1_200


class InstallError(RuntimeError):
    """An engine cannot be installed here; the message says why."""


def python(engine: str) -> Path:
    """The interpreter of an engine's environment, made now if it is not there."""
    requirements = HERE / engine / "requirements.txt"
    made_from = hashlib.sha256(sys.version.encode() + requirements.read_bytes()).hexdigest()[:12]
    cache = LocalSettings().cache_dir
    home = cache / "engines" / f"{engine}-{made_from}"
    if not (home / "made").is_file():
        _make(home, requirements, cache)
        (home / "made").touch()
    return home / "bin" / "python"


def _make(home: Path, requirements: Path, cache: Path) -> None:
    uv = bootstrap.find_uv(cache)
    if uv is None:
        message = "there is neither pip, venv nor uv to install it with"
        raise InstallError(message)
    shutil.rmtree(home, ignore_errors=True)
    _run([uv, "venv", "--quiet", "--python", sys.executable, str(home)], cache)
    _run([uv, "pip", "install", "--quiet", "--python", str(home), "--requirement", str(requirements)], cache)


def _run(command: list[str], cache: Path) -> None:
    environment = {**os.environ, "UV_CACHE_DIR": str(cache / "uv-cache"), "UV_PYTHON_DOWNLOADS": "never"}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_INSTALL_S, check=False)
    except subprocess.TimeoutExpired as error:
        message = f"{command[1]} was not done after {_INSTALL_S:,} s"
        raise InstallError(message) from error
    if done.returncode:
        raise InstallError(done.stderr.strip()[-600:] or f"{command[1]} ended with {done.returncode}")
