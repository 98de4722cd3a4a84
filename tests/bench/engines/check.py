"""Whether one engine's rows are right: of a tape with repeats and late trades, and across a kill -9."""

import time
from collections.abc import Iterator
from contextlib import closing

from infra.local.service import Service
from tests.bench.engines.site import Site
from tests.bench.engines.tape import Tape
from tests.bench.engines.trial import PATIENCE, Patience, Tapes, Trial
from tests.bench.engines.verdicts import Verdict

_BEFORE_THE_KILL_S = 0.5
_AFTER_THE_KILL = Patience(check_s=120)  # members of a consumer group are missed after 45 s at the earliest


def verdicts(site: Site, service: Service, tapes: Tapes, killed: Tape) -> Iterator[tuple[str, str, Verdict]]:
    """When, which topic and how right; `killed` is the tape in whose middle the engine dies."""
    site.anew()
    with site.running(service) as child, closing(Trial(site, child, PATIENCE)) as trial:
        trial.answers(tapes.probe)
        for kind, verdict in trial.checked(tapes.check).items():
            yield "all its life", kind, verdict
        half = len(killed.records) // 2
        trial.send(killed.records[:half])
        time.sleep(_BEFORE_THE_KILL_S)  # it is in the middle of them
        site.run(child.stop(at_once=True))
        with site.running(service) as again, closing(Trial(site, again, _AFTER_THE_KILL)) as after:
            for kind, verdict in after.checked(killed, begin=half).items():
                yield "killed and started again", kind, verdict
