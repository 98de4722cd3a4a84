"""The Maven client that pyspark carries (Apache Ivy), as a program: resolve a dependency, or fetch pinned files."""

import subprocess
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pyspark

from infra.local import trust
from infra.local.java import java
from infra.local.pins import PartError

# Pinned files need neither poms nor the repository's own checksums: 4 requests a file become 1.
_SETTINGS = """\
<ivysettings>
  <settings defaultResolver="pinned"/>
  <resolvers>
    <ibiblio name="pinned" m2compatible="true" usepoms="false" useMavenMetadata="false" checksums=""/>
  </resolvers>
</ivysettings>
"""
_DEADLINE_S = 1_800
_FLAT = "[artifact]-[revision](-[classifier]).[ext]"
_BY_COORDINATE = "[organisation]/[module]/[revision]/" + _FLAT


def resolve(coordinates: Iterable[str], work: Path, cache: Path) -> dict[str, Path]:
    """Files of these coordinates and all that they need, by coordinate (`group:artifact:version`)."""
    files: dict[str, Path] = {}
    for coordinate in coordinates:
        out = work / "by-coordinate"
        _ivy(("-dependency", *coordinate.split(":"), "-retrieve", str(out / _BY_COORDINATE)), work, cache)
        files |= {":".join(file.relative_to(out).parts[:3]): file for file in out.rglob("*.jar")}
    return files


def fetch(coordinates: Iterable[str], work: Path, cache: Path) -> Path:
    """Exactly the files of these coordinates, flat in one folder; downloads grow under `work`."""
    work.mkdir(parents=True, exist_ok=True)
    settings, module, out = work / "settings.xml", work / "module.xml", work / "files"
    settings.write_text(_SETTINGS)
    module.write_text(_module(coordinates))
    _ivy(("-settings", str(settings), "-ivy", str(module), "-retrieve", str(out / _FLAT)), work, cache)
    return out


def _module(coordinates: Iterable[str]) -> str:
    wanted = "".join(
        f'<dependency org={quoteattr(group)} name={quoteattr(name)} rev={quoteattr(version)} transitive="false"/>'
        for group, name, version in (coordinate.split(":") for coordinate in coordinates)
    )
    info = '<info organisation="stock-insights" module="parts"/>'
    return f'<ivy-module version="2.0">{info}<dependencies>{wanted}</dependencies></ivy-module>'


def _ivy(arguments: tuple[str, ...], work: Path, cache: Path) -> None:
    output = _run(trust.asked_for(cache), arguments, work)
    if output is not None and trust.SYMPTOM in output:
        output = _run(trust.machines_own(cache), arguments, work)
    if output is not None:
        message = f"download failed; is the network there, and is SSL_CERT_FILE set behind a proxy?\n{output[-2_000:]}"
        raise PartError(message)


def _run(options: tuple[str, ...], arguments: tuple[str, ...], work: Path) -> str | None:
    """None when it went well, else what Ivy said."""
    jar = next((Path(pyspark.__file__).parent / "jars").glob("ivy-*.jar"))
    command = [
        str(java()),
        "-XX:TieredStopAtLevel=1",
        *options,
        "-jar",
        str(jar),
        "-cache",
        str(work / "ivy"),
        *arguments,
    ]
    try:
        done = subprocess.run(
            [*command, "-confs", "default"], capture_output=True, text=True, timeout=_DEADLINE_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        message = f"download not finished after {_DEADLINE_S} s; start it again"
        raise PartError(message) from error
    return None if done.returncode == 0 else done.stdout + done.stderr
