"""Rows of a sealed window by device: for statistics that need to know which rows are one device's."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.catalogue.rows import DeviceRows, Presence, Stays, Trips
from hereabouts.engines.local import in_order
from hereabouts.objects import AnyPath
from hereabouts.store import sealed
from hereabouts.windows import HOUR, Window

Integers = NDArray[np.int64]

_CELLS = {sealed.PRESENCE: ("cell",), sealed.STAYS: ("cell",), sealed.TRIPS: ("origin", "destination")}
_LENGTHS = {sealed.PRESENCE: (), sealed.STAYS: ("minutes",), sealed.TRIPS: ("minutes", "metres")}


def device_rows(folder: AnyPath, window: Window, tables: Collection[str]) -> Iterator[DeviceRows]:
    """Rows of a sealed window, bucket by bucket; a device has all of its rows in one.

    Parameters
    ----------
    folder
        The sealed window's folder.
    window
        The window.
    tables
        Which of :data:`hereabouts.store.sealed.TABLES` are wanted; the others' rows are left out.

    Raises
    ------
    MachineError
        When a file cannot be read.
    """

    def read(bucket: str) -> DeviceRows:
        return bucket_rows(folder, bucket, window, tables)

    return in_order(read, buckets_of(folder, tables))


def buckets_of(folder: AnyPath, tables: Collection[str]) -> list[str]:
    """Names of the buckets that have rows in any of these tables, in order."""
    return sorted({path.name for table in tables for path in sealed.bucket_files(folder, table)})


def bucket_rows(folder: AnyPath, bucket: str, window: Window, tables: Collection[str]) -> DeviceRows:
    """Rows of one bucket; parameters and errors are those of :func:`device_rows`."""
    found = {table: _read(folder / table / bucket, table) for table in tables if (folder / table / bucket).exists()}
    devices, device = _numbered({name: [table["device"]] for name, table in found.items()})
    cells, cell = _numbered({name: [table[column] for column in _CELLS[name]] for name, table in found.items()})

    def columns(name: str) -> list[Integers]:
        table = found[name]
        hour = [] if name == sealed.STAYS else [_hours(table["start"], window.start)]
        lengths = [table[column].to_numpy().astype(np.int64) for column in _LENGTHS[name]]
        return [*device[name], *cell[name], *hour, *lengths]

    none: Integers = np.empty(0, dtype=np.int64)
    return DeviceRows(
        len(devices),
        cells.to_numpy().astype(np.uint64),
        Presence(*(columns(sealed.PRESENCE) if sealed.PRESENCE in found else [none] * 3)),
        Stays(*(columns(sealed.STAYS) if sealed.STAYS in found else [none] * 3)),
        Trips(*(columns(sealed.TRIPS) if sealed.TRIPS in found else [none] * 6)),
    )


def _read(path: AnyPath, table: str) -> pa.Table:
    start = [] if table == sealed.STAYS else ["start"]
    return sealed.read_whole(path, ["device", *_CELLS[table], *start, *_LENGTHS[table]])


def _numbered(columns: dict[str, list[pa.ChunkedArray]]) -> tuple[pa.Array, dict[str, list[Integers]]]:
    """The distinct values of all columns together, and each row's place among them, in the columns' own order."""
    plain = {name: [_plain(column) for column in several] for name, several in columns.items()}
    every = [array for several in plain.values() for array in several]
    if not every:
        return pa.array([], pa.uint64()), {}
    encoded = pa.concat_arrays(every).dictionary_encode()
    codes, start = encoded.indices.to_numpy().astype(np.int64), 0
    found: dict[str, list[Integers]] = {}
    for name, several in plain.items():
        found[name] = []
        for array in several:
            found[name].append(codes[start : start + len(array)])
            start += len(array)
    return encoded.dictionary, found


def _plain(column: pa.ChunkedArray) -> pa.Array:
    """One array without a dictionary: those of several tables differ."""
    array = column.combine_chunks()
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _hours(starts: pa.ChunkedArray, window_start: int) -> Integers:
    # Parquet keeps instants in milliseconds at its coarsest.
    instants = starts.combine_chunks().cast(pa.timestamp("ms", "UTC")).cast(pa.int64()).to_numpy()
    return np.asarray((instants - 1000 * window_start) // (1000 * HOUR))
