"""Records as comma-separated values. Pure: symbols and words of ours need no quoting."""

from collections.abc import AsyncIterator

import msgspec

from api.records import Kind
from market.messages import Average, Bar, decode_average, decode_bar

_LINES = 500
_DECODE = {"bar": decode_bar, "average": decode_average}
_FIELDS: dict[Kind, tuple[str, ...]] = {"bar": Bar.__struct_fields__, "average": Average.__struct_fields__}


async def csv_lines(kind: Kind, items: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A header and a line per record, some hundred lines at a time; null is an empty field."""
    lines = [",".join(_FIELDS[kind])]
    async for item in items:
        lines.append(line(kind, item))
        if len(lines) >= _LINES:
            yield _joined(lines)
            lines.clear()
    if lines:
        yield _joined(lines)


def line(kind: Kind, item: bytes) -> str:
    record = _DECODE[kind](item)
    return ",".join("" if value is None else f"{value}" for value in msgspec.structs.astuple(record))


def _joined(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
