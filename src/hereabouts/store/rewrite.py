"""Rewriting sealed tables without some of their rows: each file as a whole, and only where a row of it goes.

A file is written beside the old one, flushed, and moved into its place: it is the old one or the new one, whenever the
machine stops. Done again, nothing is left to do. What stays keeps its order, so that the tables are those of a window
in which the removed rows had never been. The bytes of the old files stay on the disk until it reuses them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from hereabouts.errors import MachineError
from hereabouts.objects import AnyPath, ObjectPath
from hereabouts.store.blobs import parquet, replacing
from hereabouts.store.files import PART
from hereabouts.store.sealed import PRESENCE, STAYS, TABLES, TRIPS, bucket_files, read_whole, readable
from hereabouts.store.suppression import Members, Tokens

CELLS = {PRESENCE: ("cell",), STAYS: ("cell",), TRIPS: ("origin", "destination")}
"""The columns of each table that say where."""


@dataclass(frozen=True)
class Unwanted:
    """Which rows go: those in one of the cells (of a trip, either end), and all rows of the devices.

    Attributes
    ----------
    cells
        Store cells, shape (k,) uint64.
    devices
        Pseudonyms of the window.
    """

    cells: NDArray[np.uint64]
    devices: Members

    def rows(self, path: AnyPath, table: str) -> NDArray[np.bool_]:
        """Which rows of a file go, shape (rows,)."""
        columns = [*(CELLS[table] if self.cells.size else ()), *(("device",) if len(self.devices) else ())]
        if not columns:
            return np.zeros(_rows(path), np.bool_)
        content = read_whole(path, columns)
        gone = np.zeros(content.num_rows, np.bool_)
        for name in columns:
            column = content[name].combine_chunks()
            if name == "device":
                gone |= self._has(column)
            else:
                gone |= pc.is_in(column, value_set=pa.array(self.cells)).to_numpy(zero_copy_only=False)
        return gone

    def _has(self, column: pa.Array) -> NDArray[np.bool_]:
        if not pa.types.is_dictionary(column.type):
            return self.devices.include(names_of(column))
        gone = self.devices.include(names_of(column.dictionary))
        return np.asarray(gone[column.indices.to_numpy()])


def names_of(column: pa.FixedSizeBinaryArray) -> Tokens:
    """Pseudonyms of a column without nulls, shape (n, 2) uint64."""
    if not len(column):
        return np.empty((0, 2), np.uint64)
    content = np.frombuffer(column.buffers()[1], ">u8")
    return content.reshape(-1, 2)[column.offset : column.offset + len(column)].astype(np.uint64)


def count_rows(window: AnyPath) -> dict[str, int]:
    """Rows of each table of a sealed window, by what its files say of themselves."""
    return {table: sum(map(_rows, bucket_files(window, table))) for table in TABLES}


def require_registered(window: AnyPath, rows: Mapping[str, int], counts: Mapping[str, int]) -> None:
    """See that a sealed window holds as many rows as are registered; how many that is, is not told.

    Raises
    ------
    MachineError
        When files are missing, were altered, or are of an earlier copy.
    """
    for table, count in ((PRESENCE, "device_hours"), (TRIPS, "trips")):
        if rows[table] != counts.get(count):
            raise MachineError(
                f"{window} does not hold as many rows of {table} as are registered: files are missing, were altered or "
                "are of an earlier copy; restore them and the rest of the store from the same copy"
            )


def remove_rows(path: AnyPath, table: str, unwanted: Unwanted) -> None:
    """Put a file without the unwanted rows in the old one's place, if it has any."""
    gone = unwanted.rows(path, table)
    if not gone.any():
        return
    with readable(path), parquet(path) as file:
        content = file.read()
    # Names that stood in a dictionary must not stay in it: it is made anew from the rows that stay.
    place = content.schema.get_field_index("device")
    device = content["device"]
    plain = device.cast(device.type.value_type) if pa.types.is_dictionary(device.type) else device
    content = content.set_column(place, "device", plain).filter(pa.array(~gone))
    if pa.types.is_dictionary(device.type):
        content = content.set_column(place, "device", content["device"].combine_chunks().dictionary_encode())
    with replacing(path) as target:
        pq.write_table(content, target, compression="zstd", row_group_size=1 << 20)


def sweep_parts(window: AnyPath) -> None:
    """Delete files of a sealed window that were not written to their end; objects are never there before that."""
    if isinstance(window, ObjectPath):
        return
    for path in window.glob(f"*/*{PART}"):
        path.unlink()


def _rows(path: AnyPath) -> int:
    with readable(path), parquet(path) as file:
        return int(file.metadata.num_rows)
