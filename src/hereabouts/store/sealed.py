"""Sealed windows: presence, stays and trips as plain Parquet, one file a bucket; no position, no second.

| table | columns, after ``device`` (16 bytes) |
| --- | --- |
| presence | ``cell``, ``start`` (of the hour) |
| stays | ``cell``, ``start`` (of the hour it begins in), ``minutes`` (lower edge of its bin) |
| trips | ``origin``, ``destination``, ``start`` (of the hour the first stay ends in), ``minutes``, ``metres`` |

Lengths of time and way are kept in public bins (:data:`MINUTES`, :data:`METRES`), so that no row singles a
journey out by its seconds.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.errors import HereaboutsError, MachineError
from hereabouts.objects import AnyPath, Folder, fault_of
from hereabouts.store.blobs import parquet, write_table

PRESENCE, STAYS, TRIPS = "presence", "stays", "trips"
TABLES = (PRESENCE, STAYS, TRIPS)
# Lower edges of the bins; the last is open.
MINUTES = np.concatenate([[0], 5 * 2 ** np.arange(12)]).astype(np.int32)
METRES = np.concatenate([[0], 500 * 2 ** np.arange(16)]).astype(np.int32)


@dataclass(frozen=True)
class BucketTables:
    """What one bucket becomes when its window is sealed."""

    presence: pa.Table
    stays: pa.Table
    trips: pa.Table

    def write(self, window: AnyPath, bucket: int) -> None:
        """Write the three tables below the window's folder."""
        for name, table in zip(TABLES, (self.presence, self.stays, self.trips), strict=True):
            path = bucket_file(window, name, bucket)
            # Each file has rows of all places and hours: smallest and largest values would tell nobody where to look.
            write_table(table, path, compression="zstd", row_group_size=1 << 20, write_statistics=False)


def bucket_file(window: Folder, table: str, bucket: int) -> Folder:
    """Where one bucket's rows of one table lie in a window's folder."""
    return window / table / f"{bucket:02x}.parquet"


def bucket_files(window: AnyPath, table: str) -> list[AnyPath]:
    """The files of one table of a sealed window, in the order of their buckets."""
    return sorted((window / table).glob("*.parquet"), key=str)


def read_whole(path: AnyPath, columns: list[str]) -> pa.Table:
    """Columns of one bucket's file, all rows at once, read by the caller's own thread: others have other buckets.

    Raises
    ------
    MachineError
        When the file cannot be read.
    """
    with readable(path), parquet(path) as file:
        return file.read(columns=columns, use_threads=False)


@contextlib.contextmanager
def readable(path: AnyPath) -> Iterator[None]:
    """Say of a sealed file that cannot be read what can be done about it."""
    try:
        yield
    except HereaboutsError:
        raise
    except (OSError, pa.ArrowException) as error:
        refusal = fault_of(path, error)
        if refusal is not None:
            raise refusal from None
        raise MachineError(f"cannot read the sealed file {path}: {error}; restore it from a copy") from None


def binned(values: NDArray[Any], edges: NDArray[np.int32]) -> NDArray[np.int32]:
    """The lower edge of each value's bin."""
    return edges[np.maximum(np.searchsorted(edges, values, side="right") - 1, 0)]


def hours_column(hour: NDArray[np.int32], window_start: int) -> pa.Array:
    """Hour numbers of a window as the UTC instants at which the hours begin."""
    return pa.array(window_start + 3600 * hour.astype(np.int64)).cast(pa.timestamp("s", "UTC"))


def device_column(devices: NDArray[np.uint64], code: NDArray[np.int32]) -> pa.Array:
    """Pseudonyms of rows, from the distinct ones, shape (k, 2), and each row's place among them.

    A dictionary, so that Parquet stores each device's 16 bytes once.
    """
    content = devices.astype(">u8").tobytes()
    distinct = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(devices), [None, pa.py_buffer(content)])
    return pa.DictionaryArray.from_arrays(pa.array(code), distinct)
