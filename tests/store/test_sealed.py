"""Sealed tables: whole hours, public bins, device names once, and rows in the order in which they were written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hereabouts.errors import MachineError
from hereabouts.store.sealed import (
    METRES,
    MINUTES,
    TABLES,
    BucketTables,
    binned,
    bucket_files,
    device_column,
    hours_column,
    read_whole,
)


def test_bins_are_public_and_wide() -> None:
    """Doubling: a length says no more than its magnitude."""
    assert MINUTES.tolist() == [0, 5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10240]
    assert METRES.tolist()[:5] == [0, 500, 1000, 2000, 4000]
    assert METRES[-1] == 500 * 2**15


@pytest.mark.parametrize(
    ("minutes", "edge"), [(0, 0), (4, 0), (5, 5), (9, 5), (10, 10), (39, 20), (40, 40), (10_239, 5120), (10**6, 10_240)]
)
def test_a_value_becomes_the_lower_edge_of_its_bin(minutes: int, edge: int) -> None:
    assert binned(np.array([minutes]), MINUTES).tolist() == [edge]
    assert binned(np.array([], dtype=np.int64), MINUTES).tolist() == []


def test_metres_need_not_be_whole() -> None:
    assert binned(np.array([499.999, 500.0, 0.0]), METRES).tolist() == [0, 500, 0]


def test_hours_are_instants() -> None:
    column = hours_column(np.array([0, 1, 167], dtype=np.int32), 1_709_510_400)
    assert column.type == pa.timestamp("s", "UTC")
    assert column.cast(pa.int64()).to_pylist() == [1_709_510_400 + 3600 * hour for hour in (0, 1, 167)]
    late = hours_column(np.array([2**31 - 1], dtype=np.int32), 0)
    assert late.cast(pa.int64()).to_pylist() == [3600 * (2**31 - 1)], "in 64 bits"


def test_devices_are_sixteen_bytes_with_the_highest_first() -> None:
    devices = np.array([[1, 2], [2**63, 2**64 - 1]], dtype=np.uint64)
    column = device_column(devices, np.array([1, 0, 1], dtype=np.int32))
    names = [bytes([0] * 7 + [1] + [0] * 7 + [2]), bytes([128] + [0] * 7 + [255] * 8)]
    assert column.to_pylist() == [names[1], names[0], names[1]]
    assert len(column.dictionary) == 2


def tables(rows: int) -> BucketTables:
    presence = pa.table(
        {"cell": pa.array(range(rows), pa.uint64()), "start": hours_column(np.arange(rows, dtype=np.int32), 0)}
    )
    return BucketTables(presence, presence.select(["cell"]), presence.select(["start"]))


def test_what_is_written_is_read_in_order(tmp_path: Path) -> None:
    """Also where it takes several row groups."""
    rows = (1 << 20) + 5
    tables(rows).write(tmp_path, 0x7F)
    tables(3).write(tmp_path, 2)
    for table in TABLES:
        assert [path.name for path in bucket_files(tmp_path, table)] == ["02.parquet", "7f.parquet"]
    path = tmp_path / "presence" / "7f.parquet"
    assert pq.ParquetFile(path).num_row_groups == 2
    whole = read_whole(path, ["start", "cell"])
    assert np.array_equal(whole["cell"].to_numpy(), np.arange(rows))
    assert set(whole.column_names) == {"start", "cell"}


@pytest.mark.parametrize("content", [b"", b"PAR1 and no more", None])
def test_a_file_that_cannot_be_read(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "00.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MachineError, match=r"00\.parquet.*restore it from a copy"):
        read_whole(path, ["cell"])
