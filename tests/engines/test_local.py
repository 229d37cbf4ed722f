"""The embedded engine carries batches and adds nothing: order kept, memory bounded, failures passed on."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h3.api.numpy_int as h3
import numpy as np
import pyarrow as pa
import pytest

from hereabouts.engines import local
from hereabouts.engines.local import in_order, presence_batches, seal_window, summarise_bucket, trip_buckets
from hereabouts.errors import MachineError
from hereabouts.movement.cells import CellIndex
from hereabouts.store import sealing
from hereabouts.store.blobs import in_files
from hereabouts.store.open_window import BUCKETS, Pings, read_bucket
from hereabouts.store.sealed import METRES
from hereabouts.store.store import Store
from hereabouts.windows import Calendar

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

FIRST = "2024-03-04/2024-03-11"
WINDOW = Calendar.of("UTC", "P7D", None).named(FIRST)
AHEAD = (os.cpu_count() or 1) + 1


def test_results_come_in_the_order_of_the_items() -> None:
    def work(number: int) -> int:
        time.sleep(0.002 * (number % 3))
        return number * number

    assert list(in_order(work, range(50))) == [number * number for number in range(50)]
    assert list(in_order(work, [])) == []


def test_only_a_few_items_are_taken_ahead() -> None:
    """Whoever reads on slowly must not have the whole feed in memory."""
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for number in range(1000):
            taken += 1
            yield number

    for done, _ in enumerate(in_order(lambda number: number, items()), start=1):
        assert taken <= done + AHEAD


def test_work_is_done_side_by_side() -> None:
    if (os.cpu_count() or 1) == 1:
        pytest.skip("one core")
    together = threading.Barrier(2, timeout=10)
    assert len(list(in_order(lambda _: together.wait(), range(2)))) == 2


def test_what_fails_is_raised_and_the_rest_is_not_begun() -> None:
    begun = []

    def work(number: int) -> int:
        begun.append(number)
        if number == 3:
            raise ValueError("three")
        return number

    found = in_order(work, range(1000))
    assert [next(found) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        next(found)
    assert len(begun) <= 4 + AHEAD


def test_items_that_fail_to_come_are_raised() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise MachineError("gone")

    with pytest.raises(MachineError, match="gone"):
        list(in_order(lambda number: number, items()))


def test_a_reader_that_stops_early_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    found = in_order(lambda number: number, range(1000))
    next(found)
    found.close()
    assert threading.active_count() == before


def bucket(rows: list[tuple[int, int, float, float]]) -> Pings:
    """Pings of (device, seconds since the window's start, latitude, longitude)."""
    device, second, latitude, longitude = (np.array(column) for column in zip(*rows, strict=True))
    return Pings(
        np.column_stack([device.astype(np.uint64), device.astype(np.uint64)]),
        WINDOW.start + second.astype(np.int64),
        latitude.astype(np.float64),
        longitude.astype(np.float64),
    )


COMMUTE = [(7, 60 * minute, 52.3, -1.1) for minute in range(0, 65, 5)]
COMMUTE += [(7, 7200 + 60 * minute, 52.4, -1.1) for minute in range(0, 65, 5)]


def test_a_bucket_becomes_presence_stays_and_a_trip() -> None:
    pings = bucket(COMMUTE + COMMUTE[:3])
    kept, tables = summarise_bucket(pings, WINDOW, 8, CellIndex(8))
    assert kept == len(COMMUTE), "duplicates are one ping"
    home, work = (h3.latlng_to_cell(latitude, -1.1, 8) for latitude in (52.3, 52.4))
    device = (7).to_bytes(8, "big") * 2
    hours = [row["start"].hour for row in tables.presence.to_pylist()]
    assert hours == [0, 1, 2, 3]
    assert tables.presence["cell"].to_pylist() == [home, home, work, work]
    assert set(tables.presence["device"].to_pylist()) == {device}
    assert [(row["cell"], row["start"].hour, row["minutes"]) for row in tables.stays.to_pylist()] == [
        (home, 0, 40),
        (work, 2, 40),
    ]
    (trip,) = tables.trips.to_pylist()
    assert (trip["origin"], trip["destination"], trip["start"].hour, trip["minutes"]) == (home, work, 1, 40)
    between = h3.great_circle_distance(h3.cell_to_latlng(home), h3.cell_to_latlng(work), unit="m")
    assert trip["metres"] == max(edge for edge in METRES if edge <= between) == 8000


def test_devices_of_a_bucket_have_nothing_to_do_with_each_other() -> None:
    other = [(8, second, latitude + 0.1, longitude) for _, second, latitude, longitude in COMMUTE]
    _, alone = summarise_bucket(bucket(COMMUTE), WINDOW, 8, CellIndex(8))
    _, both = summarise_bucket(bucket(other + COMMUTE), WINDOW, 8, CellIndex(8))
    first = (7).to_bytes(8, "big") * 2
    for one, two in ((alone.presence, both.presence), (alone.stays, both.stays), (alone.trips, both.trips)):
        assert one.to_pylist() == [row for row in two.to_pylist() if row["device"] == first]


def test_a_bucket_without_stays_has_the_same_columns() -> None:
    _, none = summarise_bucket(bucket(COMMUTE[:1]), WINDOW, 8, CellIndex(8))
    _, some = summarise_bucket(bucket(COMMUTE), WINDOW, 8, CellIndex(8))
    assert (none.stays.num_rows, none.trips.num_rows) == (0, 0)
    for one, two in ((none.stays, some.stays), (none.trips, some.trips)):
        assert one.schema == two.schema


def test_sealing_tells_how_far_it_is(taken_site: Site, copy: Copy) -> None:
    store = Store(copy(taken_site).store)
    told: list[tuple[int, int]] = []
    with store.locked():
        counts = seal_window(store, WINDOW, lambda done, of: told.append((done, of)))
    assert told == [(done, BUCKETS) for done in range(1, BUCKETS + 1)]
    assert set(counts) == {"pings", "device_hours", "trips"}


def test_a_seal_that_was_cut_off_goes_on_from_there(
    taken_site: Site, sealed_site: Site, copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = copy(taken_site)
    store = Store(site.store)
    monkeypatch.setattr(sealing, "_NOTE_SECONDS", -1.0)

    def interrupt(done: int, of: int) -> None:
        if done == 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), store.locked():
        seal_window(store, WINDOW, interrupt)
    read: list[int] = []

    def watched(folder: Path, window: str, bucket: int, *rest: Any) -> Any:
        read.append(bucket)
        return read_bucket(folder, window, bucket, *rest)

    monkeypatch.setattr(local, "read_bucket", watched)
    told: list[int] = []
    with store.locked():
        counts = seal_window(store, WINDOW, lambda done, of: told.append(done))
    assert len(read) == len(set(read)) == BUCKETS - told[0] + 1
    assert 95 < told[0] <= 101
    assert told == list(range(told[0], BUCKETS + 1))
    tables = site.tables(FIRST)
    assert tables == sealed_site.tables(FIRST)
    assert (counts["device_hours"], counts["trips"]) == (len(tables["presence"]), len(tables["trips"]))
    ((known,),) = sealed_site.sql(f"SELECT counts FROM windows WHERE name = '{FIRST}'")  # noqa: S608
    assert counts == json.loads(known)


def test_what_a_crash_left_is_replaced_when_the_new_one_is_whole(taken_site: Site, copy: Copy) -> None:
    store = Store(copy(taken_site).store)
    final = in_files(store.sealed_folder(WINDOW))
    final.mkdir()
    (final / "left").touch()
    with store.locked():
        seal_window(store, WINDOW, lambda *_: None)
    assert {path.name for path in final.iterdir()} == {"presence", "stays", "trips"}


def test_what_is_sealed_is_not_replaced_by_less(sealed_site: Site, copy: Copy) -> None:
    """A state from an older copy may say that a window is open whose pings have long gone: its tables stay."""
    site = copy(sealed_site)
    site.sql(f"UPDATE windows SET status = 'open', counts = NULL, data_version = '' WHERE name = '{FIRST}'")  # noqa: S608
    before = site.state()
    site.run("seal").refuses(6, ".pings.key", "restore")
    assert site.state() == before


def test_presence_is_read_as_cells_and_hours(sealed_site: Site) -> None:
    batches = list(presence_batches(Store(sealed_site.store).sealed_folder(WINDOW), WINDOW))
    table = sealed_site.tables(FIRST)["presence"]
    assert np.array_equal(np.concatenate([cells[code] for cells, code, _ in batches]), table["cell"].to_numpy())
    assert all(np.unique(cells).size == cells.size for cells, _, _ in batches)
    hours = np.concatenate([hours for _, _, hours in batches])
    assert hours.dtype == np.int64
    assert 0 <= hours.min() <= hours.max() < 168
    seconds = table["start"].combine_chunks().cast(pa.timestamp("s", "UTC")).cast(pa.int64()).to_numpy()
    assert np.array_equal(WINDOW.start + 3600 * hours, seconds)


def test_trips_are_read_with_a_number_for_each_device(sealed_site: Site) -> None:
    table = sealed_site.tables(FIRST)["trips"]
    origins, destinations, hours, devices = [], [], [], 0
    for device, cells, origin, destination, hour in trip_buckets(
        Store(sealed_site.store).sealed_folder(WINDOW), WINDOW
    ):
        assert len(device) == len(origin) == len(destination) == len(hour)
        devices += len(set(device.tolist()))
        origins += cells[origin].tolist()
        destinations += cells[destination].tolist()
        hours += hour.tolist()
    assert origins == table["origin"].to_pylist()
    assert destinations == table["destination"].to_pylist()
    assert devices == len(set(table["device"].to_pylist()))
    seconds = table["start"].combine_chunks().cast(pa.timestamp("s", "UTC")).cast(pa.int64()).to_pylist()
    assert [WINDOW.start + 3600 * hour for hour in hours] == seconds


def test_a_window_without_files_has_nothing(tmp_path: Path) -> None:
    assert list(presence_batches(tmp_path, WINDOW)) == []
    assert list(trip_buckets(tmp_path, WINDOW)) == []
