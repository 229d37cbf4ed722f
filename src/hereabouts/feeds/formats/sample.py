"""The first rows of a feed with all its columns, for a person who has to decide what they mean.

A sample is looked at and forgotten: nothing of it is taken in, and what is said of it are names, types and shares.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa
import pyarrow.parquet as pq

from hereabouts.errors import BadInputError
from hereabouts.feeds.formats.columns import has_needed
from hereabouts.feeds.formats.csv_lines import header
from hereabouts.feeds.formats.json_document import Rows
from hereabouts.feeds.formats.lines import BYTE_ORDER_MARK, blocks
from hereabouts.feeds.formats.parquet_file import opened
from hereabouts.feeds.formats.source import Source, faults
from hereabouts.feeds.profile import Profile
from hereabouts.feeds.values.text import is_text

ROWS = 1000
SEPARATORS = (",", ";", "\t", "|")

NESTED = "nested"
"""The kind of a column with lists or objects in it."""

_BLOCK = 1 << 20
_MOST_COLUMNS = 500
_FIRST_ARRAY = re.compile(rb'\s*(?:\{\s*"([^"\\]*)"\s*:\s*)?\[\s*(?:\{|\])')


@dataclass(frozen=True, repr=False)
class Column:
    """A column of a sample.

    Attributes
    ----------
    name
        As in the file.
    kind
        Its type: Arrow's name of it, or ``text``, ``whole numbers``, ``numbers``, ``booleans``, ``mixed``, ``nested``.
    values
        The text of its values; none for what is missing, empty, nested or a time of its own type.
    """

    name: str
    kind: str
    values: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Sample:
    """The first rows of a file.

    Attributes
    ----------
    rows
        How many there are.
    columns
        All columns that they have.
    separator
        What stands between the values of a CSV file.
    document
        For a JSON document, the member that holds the rows; empty where the array is the document.
    """

    rows: int
    columns: tuple[Column, ...]
    separator: str | None = None
    document: str | None = None

    @property
    def names(self) -> list[str]:
        """The columns' names, as in the file."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column | None:
        """Give a column by its name."""
        return next((column for column in self.columns if column.name == name), None)


def first_rows(source: Source, profile: Profile | None = None) -> Sample:
    """Read the first rows of a file, up to :data:`ROWS`.

    Parameters
    ----------
    source
        The file.
    profile
        Says what stands between values and where rows are in a document. Without one, the first line or the first bytes
        do: good enough for a proposal, and never for taking data in.

    Raises
    ------
    BadInputError
        If the file is damaged, or a CSV file without a header line.
    """
    with faults(source.path):
        if source.format == "parquet":
            return parquet_sample(opened(source))
        head = _head(source, lambda read: read)
        if source.format == "csv":
            return _csv_sample(source, head, profile)
        document = _document(head) if profile is None else profile.document
        if document is not None:
            head = _head(source, lambda read: Rows(read, document).read)
        return _json_sample(head, document)


def parquet_sample(file: pq.ParquetFile) -> Sample:
    """Read the first rows of an open Parquet file."""
    schema = file.schema_arrow
    flat = [field.name for field in schema if not pa.types.is_nested(field.type)]
    batch = next(file.iter_batches(ROWS, columns=flat, use_threads=False), None)
    found = []
    for field in schema:
        if pa.types.is_nested(field.type):
            found.append(Column(field.name, NESTED, ()))
        elif batch is not None:
            found.append(Column(field.name, _kind(field.type), _texts(batch.column(field.name))))
    return Sample(0 if batch is None else batch.num_rows, tuple(found))


def _kind(kind: pa.DataType) -> str:
    return "text" if is_text(kind) else str(kind)


def _texts(values: pa.Array) -> tuple[str, ...]:
    # Arrow has no text for a time in nanoseconds without pandas, and its type says all that is asked.
    if pa.types.is_temporal(values.type):
        return ()
    found = (value.decode(errors="replace") if isinstance(value, bytes) else value for value in values.to_pylist())
    return tuple(str(value) for value in found if value is not None and value != "")


def _head(source: Source, reader: Callable[[Callable[[int], bytes]], Callable[[int], bytes]]) -> bytes:
    content, raw = source.open()
    with raw, content:
        return next(blocks(reader(content.read), _BLOCK), b"").removeprefix(BYTE_ORDER_MARK)


def _csv_sample(source: Source, head: bytes, profile: Profile | None) -> Sample:
    line, _, rest = head.lstrip(b"\r\n").partition(b"\n")
    separators = SEPARATORS if profile is None else profile.separators
    try:
        if profile is None:
            names, separator = header(line, separators)
        else:
            names, separator = header(line, separators, lambda names: has_needed(names, profile))
    except ValueError as error:
        raise BadInputError(source.path, "its first line is no CSV header") from error
    lines = islice((line for line in rest.decode(errors="replace").split("\n") if line.strip("\r")), ROWS)
    rows = [row for row in _cut(lines, separator) if len(row) == len(names)]
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    found = [
        Column(name, "text", tuple(value for value in values if value))
        for name, values in zip(names, columns, strict=True)
    ]
    return Sample(len(rows), tuple(found), separator=separator)


def _cut(lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    for line in lines:
        try:
            yield next(csv.reader([line.removesuffix("\r")], delimiter=separator), [])
        except csv.Error:
            continue


def _document(head: bytes) -> str | None:
    """Tell which member of a JSON document holds rows; ``None`` if the file looks like one object a line."""
    found = _FIRST_ARRAY.match(head)
    return None if found is None else (found[1] or b"").decode(errors="replace")


def _json_sample(head: bytes, document: str | None) -> Sample:
    values: dict[str, list[object]] = {}
    rows = 0
    for line in islice(head.splitlines(), ROWS):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if not isinstance(row, dict):
            continue
        rows += 1
        for name, value in row.items():
            if name in values or len(values) < _MOST_COLUMNS:
                values.setdefault(name, []).append(value)
    found = [Column(name, _json_kind(there), _json_texts(there)) for name, there in values.items()]
    return Sample(rows, tuple(found), document=document)


def _json_kind(values: list[object]) -> str:
    kinds = frozenset(type(value) for value in values if value is not None)
    if kinds & {dict, list}:
        return NESTED
    if kinds == {int, float}:
        return "numbers"
    names: dict[type, str] = {str: "text", bool: "booleans", int: "whole numbers", float: "numbers"}
    return names[next(iter(kinds))] if len(kinds) == 1 else "mixed"


def _json_texts(values: list[object]) -> tuple[str, ...]:
    flat = (value for value in values if value is not None and value != "" and not isinstance(value, dict | list))
    return tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in flat)
