"""Rows of sealed windows by device: the tables say the same, whoever reads them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hereabouts.engines.sealed_rows import device_rows
from hereabouts.errors import MachineError
from hereabouts.store import sealed
from hereabouts.windows import Window

WEEK = Window(dt.date(2023, 11, 13), dt.date(2023, 11, 20), "UTC")
ALL = sealed.TABLES


def name(device: int) -> bytes:
    return device.to_bytes(16, "big")


def table(rows: Sequence[tuple[int, ...]], columns: list[str]) -> pa.Table:
    """A sealed table: device, cells, hour, lengths; devices in a dictionary, as the store writes them."""
    made = {}
    for place, column in enumerate(columns):
        values = [row[place] for row in rows]
        if column == "device":
            made[column] = pa.array([name(v) for v in values], pa.binary(16)).dictionary_encode()
        elif column == "start":
            made[column] = sealed.hours_column(np.array(values, dtype=np.int32), WEEK.start)
        else:
            made[column] = pa.array(values, pa.int32() if column in {"minutes", "metres"} else pa.uint64())
    return pa.table(made)


PRESENCE = [(1, 100, 0), (1, 101, 5), (3, 100, 167)]
STAYS = [(1, 101, 4, 40), (2, 102, 9, 20)]
TRIPS = [(3, 100, 103, 7, 20, 2000), (1, 103, 101, 8, 5, 500)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    empty = sealed.BucketTables(
        table([], ["device", "cell", "start"]),
        table([], ["device", "cell", "start", "minutes"]),
        table([], ["device", "origin", "destination", "start", "minutes", "metres"]),
    )
    full = sealed.BucketTables(
        table(PRESENCE, ["device", "cell", "start"]),
        table(STAYS, ["device", "cell", "start", "minutes"]),
        table(TRIPS, ["device", "origin", "destination", "start", "minutes", "metres"]),
    )
    empty.write(tmp_path, 0)
    full.write(tmp_path, 7)
    return tmp_path


def test_a_device_has_one_number_in_all_tables(folder: Path) -> None:
    empty, full = device_rows(folder, WEEK, ALL)
    assert (empty.devices, empty.cells.size, empty.presence.device.size) == (0, 0, 0)
    assert full.devices == 3
    number = dict(zip([row[0] for row in PRESENCE], full.presence.device.tolist(), strict=True))
    assert full.trips.device.tolist() == [number[3], number[1]]
    assert full.stays.device[0] == number[1]
    assert full.stays.device[1] not in number.values()


def test_rows_are_those_of_the_files(folder: Path) -> None:
    _, full = device_rows(folder, WEEK, ALL)
    assert full.cells[full.presence.cell].tolist() == [row[1] for row in PRESENCE]
    assert full.presence.hour.tolist() == [row[2] for row in PRESENCE]
    assert full.cells[full.stays.cell].tolist() == [row[1] for row in STAYS]
    assert full.stays.minutes.tolist() == [row[3] for row in STAYS]
    assert full.cells[full.trips.origin].tolist() == [row[1] for row in TRIPS]
    assert full.cells[full.trips.destination].tolist() == [row[2] for row in TRIPS]
    assert [column.tolist() for column in full.trips[3:]] == [list(column) for column in zip(*TRIPS, strict=True)][3:]


def test_what_is_not_asked_for_is_not_read(folder: Path) -> None:
    (folder / "trips" / "07.parquet").write_bytes(b"no parquet")
    _, full = device_rows(folder, WEEK, {sealed.PRESENCE, sealed.STAYS})
    assert (full.devices, full.trips.device.size, full.presence.hour.size) == (3, 0, 3)
    with pytest.raises(MachineError, match="restore it from a copy"):
        list(device_rows(folder, WEEK, ALL))


def test_a_bucket_may_lack_a_table(folder: Path) -> None:
    """Nobody travelled there, and a purge rewrote it."""
    (folder / "trips" / "07.parquet").unlink()
    _, full = device_rows(folder, WEEK, ALL)
    assert (full.devices, full.trips.device.size) == (3, 0)


def test_a_window_without_files_has_no_rows(tmp_path: Path) -> None:
    assert list(device_rows(tmp_path, WEEK, ALL)) == []


def test_devices_may_be_plain_or_in_a_dictionary(folder: Path) -> None:
    """The same bytes, whichever way a file was written."""
    (_, before), path = device_rows(folder, WEEK, ALL), folder / "presence" / "07.parquet"
    read = pq.read_table(path)
    plain = read.set_column(0, "device", read["device"].cast(pa.binary(16)))
    pq.write_table(plain, path, store_schema=False)
    _, after = device_rows(folder, WEEK, ALL)
    for one, other in zip((*before.presence, *before.trips), (*after.presence, *after.trips), strict=True):
        assert np.array_equal(one, other)
