"""CSV and Parquet as they leave: whole, in pieces, with every digit; what fails at once is no torn file."""

import asyncio
import io
from collections.abc import AsyncIterator
from decimal import Decimal

import msgspec
import pyarrow.parquet as pq
import pytest

from api import answers, parquet
from api.csv_text import csv_lines
from api.parquet import parquet_chunks
from api.records import Kind
from market.messages import encode
from tests.api_builders import TEN, a_bar, an_average


async def pages(kind: Kind, *sizes: int) -> AsyncIterator[list[bytes]]:
    at = 0
    for size in sizes:
        make = a_bar if kind == "bar" else an_average
        yield [encode(make(at + number)) for number in range(size)]
        at += size


async def collected(chunks: AsyncIterator[bytes]) -> list[bytes]:
    return [chunk async for chunk in chunks]


@pytest.mark.parametrize(("kind", "sizes"), [("bar", (3,)), ("average", (5, 5, 2)), ("bar", (0,))])
def test_a_parquet_stream_is_one_file_of_all_pages(
    kind: Kind, sizes: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "_GROUP", 4)
    chunks = asyncio.run(collected(parquet_chunks(kind, pages(kind, *sizes))))
    table = pq.read_table(io.BytesIO(b"".join(chunks)))
    assert table.column("second").to_pylist() == list(range(TEN, TEN + sum(sizes)))
    assert table.schema == parquet.schema(kind)


def test_parquet_keeps_every_digit_and_null() -> None:
    bar = a_bar(price="1085.1234", trades=3, prior_volume=None)

    async def one() -> AsyncIterator[list[bytes]]:
        yield [encode(bar)]

    (row,) = pq.read_table(io.BytesIO(b"".join(asyncio.run(collected(parquet_chunks("bar", one())))))).to_pylist()
    assert row == msgspec.structs.asdict(bar)
    assert isinstance(row["turnover"], Decimal)


def test_csv_has_one_head_however_many_pages() -> None:
    text = b"".join(asyncio.run(collected(csv_lines("bar", pages("bar", 600, 0, 1))))).decode()
    head, *lines = text.splitlines()
    assert head.startswith("symbol,second,")
    assert [int(line.split(",")[1]) - TEN for line in lines] == list(range(601))


def test_what_fails_at_once_is_an_error_and_no_stream() -> None:
    async def failing() -> AsyncIterator[list[bytes]]:
        raise TimeoutError
        yield []

    async def run() -> None:
        await answers.stream(csv_lines("bar", failing()), "text/csv", "bars.csv")

    with pytest.raises(TimeoutError):
        asyncio.run(run())
