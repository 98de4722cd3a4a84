"""Records into the database by the store itself, without a broker."""

import asyncio
from typing import Any

from api.batches import Batch
from api.hops import Hop
from api.records import Raw
from api.store import Store


def a_batch(*raws: Raw) -> Batch:
    batch = Batch(opened_s=0)
    for raw in raws:
        batch.add(raw)
    assert not batch.bad
    return batch


def store_all(options: dict[str, Any], *stored: Batch) -> None:
    async def run() -> None:
        store = Store(options, Hop("database"))
        for batch in stored:
            await store.upsert(batch)
        await store.close()

    asyncio.run(run())
