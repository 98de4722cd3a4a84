"""A process and all that it started, and what they use."""

from contextlib import suppress

import psutil


def family(pid: int) -> list[psutil.Process]:
    first = psutil.Process(pid)
    return [first, *first.children(recursive=True)]


def spent_s(pid: int) -> float:
    """Processor time of the family so far; what ends meanwhile is left out."""
    total = 0.0
    for each in family(pid):
        with suppress(psutil.NoSuchProcess):
            total += sum(each.cpu_times()[:2])
    return total
