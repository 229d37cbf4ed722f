"""What tests of feeds share: a gate, rows, and files of them in every format."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from hereabouts.feeds.checks import Gate

Row = dict[str, Any]
Write = Callable[[str, Sequence[Row]], Path]

NOW = 1_700_000_000


@pytest.fixture
def gate() -> Gate:
    return Gate(max_accuracy=500.0, now=NOW, consent_by_supplier=False)


@pytest.fixture
def good_row() -> Row:
    return {
        "device_id": "6d92078a-8246-4ba4-9b5b-76104861e7dc",
        "timestamp": "2023-11-14T12:00:00Z",
        "latitude": 39.5,
        "longitude": 116.25,
        "consent": True,
    }


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write rows to a file, by its name's format and compression."""

    def write(name: str, rows: Sequence[Row]) -> Path:
        path = tmp_path / name
        form = name.split(".")[1]
        table = pa.Table.from_pylist(list(rows))
        if form == "parquet":
            sink = pa.BufferOutputStream()
            pq.write_table(table, sink)
            content = sink.getvalue().to_pybytes()
        elif form == "csv":
            sink = pa.BufferOutputStream()
            pyarrow.csv.write_csv(table, sink)
            content = sink.getvalue().to_pybytes()
        else:
            content = "".join(json.dumps(row) + "\n" for row in rows).encode()
        if name.endswith(".gz"):
            content = gzip.compress(content)
        elif name.endswith(".zst"):
            content = pa.compress(content, "zstd", asbytes=True)
        path.write_bytes(content)
        return path

    return write
