"""A run of the pipeline from its start to Ctrl-C, and what is said meanwhile."""

import asyncio
import signal
import sys

from infra.local import ports, status, steps, warm
from infra.local.first_price import age_s, first_price
from infra.local.pipeline import ORDER, Pipeline, Plan
from infra.local.supervisor import Supervisor


def say(line: str) -> None:
    status.clear()
    sys.stdout.write(f"{age_s():6.1f} s  {line}\n")
    sys.stdout.flush()


async def run(plan: Plan) -> None:
    """Until Ctrl-C or SIGTERM; `StartError` or `ServiceLostError` when it cannot go on. Nothing is left running."""
    async with Supervisor(say, order=ORDER) as supervisor:
        stopped = _stop_signals(supervisor)
        work = asyncio.create_task(_serve(plan, supervisor))
        ended = asyncio.create_task(stopped.wait())
        await asyncio.wait({work, ended}, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if work.done():
            await work
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        say("stopping (Ctrl-C again: at once)")
    say("stopped; nothing is left running")


async def _serve(plan: Plan, supervisor: Supervisor) -> None:
    say(f"starting in {plan.data}")
    price = asyncio.create_task(_after_first_price(plan))
    try:
        pipeline = Pipeline(plan, supervisor)
        await steps.run(pipeline.steps(), lambda name: say(f"{name} ready"))
        pipeline.write_addresses()
        say(f"the page: http://{ports.HOST}:{plan.page_port}/")
        await asyncio.gather(supervisor.lost(), status.show(plan.page_port), price)
    finally:
        price.cancel()


async def _after_first_price(plan: Plan) -> None:
    """Say when it came; then use idle time for what makes the next start faster."""
    price = await first_price(plan.page_port)
    say(f"first live price: {price}, {age_s():.1f} s after the start")
    await warm.ensure(plan.cache, plan.parts, say)


def _stop_signals(supervisor: Supervisor) -> asyncio.Event:
    """The first Ctrl-C or SIGTERM stops in order, the second at once."""
    stopped = asyncio.Event()

    def asked() -> None:
        if stopped.is_set():
            supervisor.stop_at_once()
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, asked)
    return stopped
