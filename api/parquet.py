"""Records as a Parquet stream: exact decimals, whole numbers, one row group a page."""

import asyncio
import io
from collections.abc import AsyncIterator

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from api import sql
from api.records import Kind
from market.messages import Average, Bar

_RECORDS: dict[Kind, tuple[type[Bar] | type[Average], sql.Table]] = {
    "bar": (Bar, sql.BARS),
    "average": (Average, sql.AVERAGES),
}
_GROUP = 50_000  # rows


def schema(kind: Kind) -> pa.Schema:
    """The record's fields with the types of the table's columns."""
    record, table = _RECORDS[kind]
    return pa.schema([pa.field(name, _type(table.columns[name])) for name in record.__struct_fields__])


def _type(column: str) -> pa.DataType:
    if column.startswith("DECIMAL"):
        precision, scale = column[len("DECIMAL(") : -1].split(",")
        return pa.decimal128(int(precision), int(scale))
    return pa.string() if column.startswith("VARCHAR") else pa.int64()


class _Sink(io.RawIOBase):
    """Bytes written since they were last taken."""

    def __init__(self) -> None:
        super().__init__()
        self._chunks: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._chunks.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self._chunks)
        self._chunks.clear()
        return taken


async def parquet_chunks(kind: Kind, pages: AsyncIterator[list[bytes]]) -> AsyncIterator[bytes]:
    """The file as it grows; work is done in a thread, so that live data does not wait."""
    sink, waiting = _Sink(), list[bytes]()
    writer = await asyncio.to_thread(pq.ParquetWriter, sink, schema(kind), compression="zstd")
    async for items in pages:
        waiting += items
        if len(waiting) >= _GROUP:
            await asyncio.to_thread(_write, writer, kind, waiting)
            waiting = []
        yield sink.take()
    if waiting:
        await asyncio.to_thread(_write, writer, kind, waiting)
    await asyncio.to_thread(writer.close)
    yield sink.take()


def _write(writer: pq.ParquetWriter, kind: Kind, items: list[bytes]) -> None:
    record, _ = _RECORDS[kind]
    decode = msgspec.json.Decoder(record).decode
    columns = zip(*(msgspec.structs.astuple(decode(item)) for item in items), strict=True)
    fields = schema(kind)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, fields, strict=True)]
    writer.write_batch(pa.record_batch(arrays, schema=fields))
