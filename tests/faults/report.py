"""Puts the campaign's figures into the README, between its two marks: `python -m tests.faults.report`."""

import json
import sys
from pathlib import Path
from typing import Any

from tests.faults.test_kills import RESULT

README = Path("README.md")
BEGIN, END = "<!-- figures of make faults -->\n", "<!-- end of figures -->\n"


def lines(result: dict[str, Any]) -> list[str]:
    """The table in Markdown."""
    rows = [
        f"| {row['role']} | {row['kills']} ({row['aimed']} aimed) "
        f"| {row['p50_s']:.1f} s | {row['p90_s']:.1f} s | {row['max_s']:.1f} s |"
        for row in result["heals"]
    ]
    feed = result["feed"]
    told = (
        f"{result['prints']:,} prints; {feed['swallow']:,} swallowed, {feed['duplicate']:,} doubled, "
        f"{feed['late']:,} late; seed {result['seed']}. At the end: {'; '.join(result['rows'])}."
    )
    head = "| kill -9 of | times | healed after, median | 90 % | worst |"
    return [head, "|---|---|---|---|---|", *rows, "", told]


def main() -> None:
    text = README.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        sys.exit(f"{README}: the two marks are not there: {BEGIN.strip()} and {END.strip()}")
    table = "\n".join(lines(json.loads(RESULT.read_text("utf-8"))))
    README.write_text(f"{before}{BEGIN}\n{table}\n\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
