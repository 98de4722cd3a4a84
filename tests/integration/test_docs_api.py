"""Every command of docs/api.md, run as it stands there, against a real API."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from market.messages import SymbolInfo
from tests.api_builders import TEN, a_bar, a_gap, a_status, an_average
from tests.integration.api_stack import Api, Stack, until

pytestmark = pytest.mark.stack
ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```(bash|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = _FENCE.findall((ROOT / "docs" / "api.md").read_text("utf-8"))
SHELL = [line for kind, block in BLOCKS if kind == "bash" for line in block.splitlines() if line.strip()]
PYTHON = [block for kind, block in BLOCKS if kind == "python"]
LIVE = ("wscat", "websockets", "Live")  # these go on until they are stopped


@pytest.fixture(scope="module")
def api(under: Stack) -> Iterator[Api]:
    with under.api() as up:
        under.send(SymbolInfo(symbol="2330", trading_day="2026-12-01", name="台積電", name_en="TSMC"))
        under.send(SymbolInfo(symbol="0050", trading_day="2026-12-01"), *(a_status(at) for at in range(5)), a_gap(3, 5))
        under.send(*(a_bar(at) for at in range(200)), *(an_average(at) for at in range(200)))
        until(lambda: len(up.get(f"/api/v1/averages/2330?start={TEN}")["items"]) == 200, "the rows are there")
        yield up


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all commands: some use what others fetched."""
    return tmp_path_factory.mktemp("folder")


def here(text: str, api: Api) -> str:
    return text.replace("127.0.0.1:8000", f"127.0.0.1:{api.port}")


@pytest.mark.parametrize("line", [line for line in SHELL if "wscat" not in line])
def test_a_line_for_the_shell_says_something(api: Api, folder: Path, line: str) -> None:
    command = here(line, api).replace("curl ", "curl --silent --show-error --fail-with-body ", 1)
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    written = re.search(r"-o (\S+)", line)
    said = (folder / written[1]).read_bytes() if written else done.stdout.encode()
    assert b"2330" in said or b'"type":"status"' in said, said[:300]


@pytest.mark.parametrize(
    "block", PYTHON, ids=lambda block: re.findall(r"pandas|duckdb|websockets|Live|History|Alerts", block)[0]
)
def test_a_block_of_python_says_something(api: Api, folder: Path, block: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-W", "error", "-c", here(block, api)]
    is_live = any(word in block for word in LIVE)
    assert "1085" in output(command, folder, environment, is_live=is_live)


def test_the_line_for_wscat_hears_a_snapshot(api: Api, folder: Path) -> None:
    if shutil.which("npx") is None:
        pytest.skip("npx is not installed (apt-get install npm)")
    (line,) = [line for line in SHELL if "wscat" in line]
    said = output(["bash", "-c", here(line, api)], folder, dict(os.environ), is_live=True)
    assert '"type":"snapshot"' in said


def output(command: list[str], folder: Path, environment: dict[str, str], *, is_live: bool) -> str:
    """All that a command says; of one that does not end, what it says until it has spoken of a price."""
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        if not is_live:
            said, _ = process.communicate(timeout=60)
            assert process.returncode == 0
            return said
        heard = ""
        for line in process.stdout:
            heard += line
            if "1085" in heard:
                break
        os.killpg(process.pid, signal.SIGKILL)
        return heard
