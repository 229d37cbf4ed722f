"""Rewriting sealed tables: exactly the unwanted rows go, in place, and again without effect."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hereabouts.errors import MachineError
from hereabouts.store.rewrite import CELLS, Unwanted, count_rows, names_of, remove_rows, sweep_parts
from hereabouts.store.sealed import TABLES, bucket_files, device_column, hours_column
from hereabouts.store.suppression import Members, Tokens

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

FOLDER = "2024-03-04_2024-03-11"
NOBODY: Tokens = np.empty((0, 2), np.uint64)
ANYWHERE = np.empty(0, np.uint64)
# Names as good as random: what compresses Parquet's pages leaves them as they are.
DEVICES = np.array(
    [[0x1B7A53E09C24D6F8, 0x8E5102FA97C36B4D], [0x1B7A53E09C24D6F8, 0x93D87140BE2FA65C], [2**63 + 5, 7]],
    dtype=np.uint64,
)


def unwanted(cells: list[int] | None = None, devices: Tokens = NOBODY) -> Unwanted:
    return Unwanted(np.array(cells or [], dtype=np.uint64), Members(devices))


def trips(path: Path, rows: list[tuple[int, int, int]]) -> pa.Table:
    """Write trips of (device, origin, destination); give them back as they are read."""
    device, origin, destination = np.array(rows, dtype=np.uint64).reshape(-1, 3).T
    table = pa.table(
        {
            "device": device_column(DEVICES, device.astype(np.int32)),
            "origin": pa.array(origin),
            "destination": pa.array(destination),
            "start": hours_column(np.arange(len(rows), dtype=np.int32), 0),
        }
    )
    pq.write_table(table, path)
    return pq.ParquetFile(path).read()


def devices_of(table: pa.Table) -> list[bytes]:
    found: list[bytes] = table["device"].to_pylist()
    return found


def test_names_are_read_as_they_were_written() -> None:
    column = device_column(DEVICES, np.array([2, 0], dtype=np.int32))
    assert np.array_equal(names_of(column.dictionary), DEVICES)
    assert names_of(column.dictionary_decode()).tolist() == DEVICES[[2, 0]].tolist()
    assert names_of(column.dictionary.slice(1)).tolist() == DEVICES[1:].tolist()
    assert names_of(column.dictionary.slice(0, 0)).shape == (0, 2)


ROWS = st.lists(st.tuples(st.integers(0, 2), st.integers(10, 14), st.integers(10, 14)), max_size=30)


@given(rows=ROWS, cells=st.sets(st.integers(10, 14)), gone=st.sets(st.integers(0, 2)))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_what_stays_is_what_had_always_been_there_alone(
    tmp_path: Path, rows: list[tuple[int, int, int]], cells: set[int], gone: set[int]
) -> None:
    """A trip goes when either end does, or its device; the rest is row for row as if those had never been."""
    path, other = tmp_path / "00.parquet", tmp_path / "other.parquet"
    trips(path, rows)
    which = unwanted(sorted(cells), DEVICES[sorted(gone)])
    remove_rows(path, "trips", which)
    staying = [row for row in rows if row[0] not in gone and not {row[1], row[2]} & cells]
    expected = trips(other, staying).drop_columns("start")
    found = pq.ParquetFile(path).read()
    assert found.drop_columns("start") == expected
    kept = [hour for hour, row in enumerate(rows) if row in staying]
    hours = found["start"].cast(pa.timestamp("s", "UTC")).cast(pa.int64())
    assert hours.to_pylist() == [3600 * hour for hour in kept]
    content = path.read_bytes()
    remove_rows(path, "trips", which)
    assert path.read_bytes() == content, "done again, there is nothing to do"
    assert list(tmp_path.iterdir()) in ([path, other], [other, path])


def test_no_name_stays_behind_in_a_dictionary(tmp_path: Path) -> None:
    path = tmp_path / "00.parquet"
    trips(path, [(0, 10, 11), (1, 10, 11), (2, 10, 11)] * 50)
    name = DEVICES[1:2, 1].astype(">u8").tobytes()
    assert name in path.read_bytes()
    remove_rows(path, "trips", unwanted(devices=DEVICES[1:2]))
    assert name not in path.read_bytes()
    assert len(set(devices_of(pq.ParquetFile(path).read()))) == 2


def test_a_file_that_holds_nothing_unwanted_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "00.parquet"
    trips(path, [(0, 10, 11)])
    before = path.stat()
    for which in (unwanted(), unwanted([12]), unwanted(devices=DEVICES[1:])):
        assert not which.rows(path, "trips").any()
        remove_rows(path, "trips", which)
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "00.parquet"
    trips(path, [(0, 10, 11), (1, 10, 11)])
    before = path.read_bytes()

    def fail(_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hereabouts.store.blobs.sync_file", fail)
    with pytest.raises(OSError, match="No space left"):
        remove_rows(path, "trips", unwanted(devices=DEVICES[:1]))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "00.parquet"
    path.write_bytes(b"no table")
    with pytest.raises(MachineError, match=r"00\.parquet.*restore it from a copy"):
        remove_rows(path, "trips", unwanted([10]))


def test_tables_of_a_real_window(sealed_site: Site, copy: Copy) -> None:
    """Every table knows where its rows are, and whose."""
    folder = copy(sealed_site).store / "sealed" / FOLDER
    before = count_rows(folder)
    assert set(before) == set(TABLES) == set(CELLS)
    assert min(before.values()) > 0
    first = pq.ParquetFile(bucket_files(folder, "presence")[0]).read()
    (device, cell) = (first[name][0].as_py() for name in ("device", "cell"))
    name = np.frombuffer(device, ">u8").astype(np.uint64).reshape(1, 2)
    for table in TABLES:
        for path in bucket_files(folder, table):
            remove_rows(path, table, unwanted([cell], name))
            left = pq.ParquetFile(path).read()
            assert device not in devices_of(left)
            assert all(cell not in left[column].to_pylist() for column in CELLS[table])
    after = count_rows(folder)
    assert all(after[table] < before[table] for table in TABLES)


def test_parts_are_swept(tmp_path: Path) -> None:
    (tmp_path / "trips").mkdir()
    trips(tmp_path / "trips" / "00.parquet", [(0, 10, 11)])
    (tmp_path / "trips" / "01.parquet.part").write_bytes(b"half")
    sweep_parts(tmp_path)
    assert [path.name for path in (tmp_path / "trips").iterdir()] == ["00.parquet"]
