"""Steps that need each other: each begins as soon as what it needs is done, all else at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """Something to be done once: its name, the names of the steps it needs, the doing."""

    name: str
    run: Callable[[], Awaitable[None]]
    after: Sequence[str] = ()


async def run(steps: Sequence[Step], done: Callable[[str], None]) -> None:
    """Do them all; the first failure cancels the rest and is raised as it is."""
    finished = {step.name: asyncio.Event() for step in steps}

    async def one(step: Step) -> None:
        for name in step.after:
            await finished[name].wait()
        await step.run()
        done(step.name)
        finished[step.name].set()

    try:
        async with asyncio.TaskGroup() as group:
            for step in steps:
                group.create_task(one(step), name=step.name)
    except* Exception as errors:  # noqa: BLE001 - unwrapped, not swallowed
        raise errors.exceptions[0] from None
