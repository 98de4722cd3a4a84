"""Records as comma-separated values. Pure: symbols and words of ours need no quoting."""

import asyncio
from collections.abc import AsyncIterator

import msgspec

from api.records import Kind
from market.messages import Average, Bar, decode_average, decode_bar

_DECODE = {"bar": decode_bar, "average": decode_average}
_FIELDS: dict[Kind, tuple[str, ...]] = {"bar": Bar.__struct_fields__, "average": Average.__struct_fields__}


_AT_ONCE = 500  # lines made before others get their turn: about 2 ms


async def csv_lines(kind: Kind, pages: AsyncIterator[list[bytes]]) -> AsyncIterator[bytes]:
    """A header and a line per record; null is an empty field."""
    head = ",".join(_FIELDS[kind]) + "\n"
    async for items in pages:
        yield head.encode()
        head = ""
        for at in range(0, len(items), _AT_ONCE):
            yield _joined([line(kind, item) for item in items[at : at + _AT_ONCE]])
            await asyncio.sleep(0)


def line(kind: Kind, item: bytes) -> str:
    record = _DECODE[kind](item)
    return ",".join("" if value is None else f"{value}" for value in msgspec.structs.astuple(record))


def _joined(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
