"""A batch as a whole: what engines rely on, and real taxis against independently computed totals."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.movement.batch import Movement, SortedPings, sort_pings, summarise
from hereabouts.movement.cells import CellIndex, cells_of
from hereabouts.movement.presence import presence
from hereabouts.movement.stays import stays
from hereabouts.movement.trips import trips

START = 1_700_000_000
END = START + 2 * 86_400
T_DRIVE = Path(__file__).parents[3] / "shared" / "data" / "tdrive.parquet"


def town(seed: int, devices: int, pings: int) -> SortedPings:
    """Give pings of devices that stay about two places each, and are on the way between them."""
    rng = np.random.default_rng(seed)
    names = rng.integers(0, 2**64, (devices, 2), dtype=np.uint64)
    haunts = rng.normal([48.2, 16.37], 0.03, (devices, 2, 2))
    who = rng.integers(0, devices, pings)
    time = rng.integers(START, END, pings)
    share = np.clip(rng.normal((time // 14_400 % 2), 0.02), 0, 1)[:, None].round(2)
    place = haunts[who, 0] * share + haunts[who, 1] * (1 - share) + rng.normal(0, 2e-4, (pings, 2))
    return sort_pings(names[who], time, place[:, 0], place[:, 1])


def rows_of(pings: SortedPings, movement: Movement) -> dict[tuple[int, ...], list[list[tuple[int, ...]]]]:
    """Give all that was found, by pseudonym: presence, stays and trips of each."""
    found: dict[tuple[int, ...], list[list[tuple[int, ...]]]] = {}
    names = [tuple(name) for name in pings.devices.tolist()]
    for k, table in enumerate(movement):
        device, *rest = (column.tolist() for column in table)
        for code, *row in zip(device, *rest, strict=True):
            found.setdefault(names[code], [[], [], []])[k].append(tuple(row))
    return found


def of_devices(pings: SortedPings, kept: NDArray[np.bool_]) -> SortedPings:
    rows = kept[pings.device]
    names = pings.devices[pings.device[rows]]
    return sort_pings(names, pings.time[rows], pings.latitude[rows], pings.longitude[rows])


def test_it_is_the_kernels_in_turn() -> None:
    pings = town(1, 40, 6000)
    movement = summarise(*pings[1:], START, END, 8)
    cell = cells_of(pings.latitude, pings.longitude, 8)
    found = stays(*pings[1:])
    stay_cell = cells_of(found.latitude, found.longitude, 8)
    expected = (
        presence(pings.device, pings.time, cell, START, END),
        (found.device, stay_cell, (found.start - START) // 3600, found.end - found.start),
        trips(found, stay_cell, START),
    )
    for table, columns in zip(movement, expected, strict=True):
        assert len(table[0]) > 50
        for column, wanted in zip(table, columns, strict=True):
            assert np.array_equal(column, wanted)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**32), dropped=st.integers(0, 9))
def test_adding_or_removing_a_device_leaves_the_others_as_they_are(seed: int, dropped: int) -> None:
    pings = town(seed, 10, 800)
    kept = np.arange(len(pings.devices)) != dropped
    fewer = of_devices(pings, kept)
    rows, others = rows_of(pings, summarise(*pings[1:], START, END, 8)), {}
    for name in fewer.devices.tolist():
        others[tuple(name)] = rows[tuple(name)]
    assert rows_of(fewer, summarise(*fewer[1:], START, END, 8)) == others


def test_what_a_cell_index_has_seen_changes_nothing() -> None:
    index = CellIndex(8)
    for seed in range(5):
        pings = town(seed, 20, 2000)
        fresh, used = summarise(*pings[1:], START, END, 8), summarise(*pings[1:], START, END, 8, index)
        for one, other in zip(fresh, used, strict=True):
            assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_two_threads_at_once() -> None:
    index = CellIndex(9)
    batches = [town(seed, 50, 20_000) for seed in (11, 12)]
    found: dict[int, Movement] = {}

    def work(number: int) -> None:
        found[number] = summarise(*batches[number][1:], START, END, 9, index)

    threads = [threading.Thread(target=work, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, pings in enumerate(batches):
        assert rows_of(pings, found[number]) == rows_of(pings, summarise(*pings[1:], START, END, 9))


def test_an_empty_batch() -> None:
    pings = sort_pings(np.empty((0, 2), np.uint64), [], [], [])
    movement = summarise(*pings[1:], START, END, 8)
    assert [len(column) for table in movement for column in table] == [0] * 12


def test_one_ping() -> None:
    movement = summarise([0], [END - 1], [48.2], [16.4], START, END, 8)
    assert movement.presence.hour.tolist() == [47]
    assert len(movement.stays.cell) == len(movement.trips.origin) == 0


def test_equal_times_are_settled_by_place() -> None:
    north, south = (48.3, 16.4), (48.1, 16.4)
    for order in ([north, south], [south, north]):
        pings = sort_pings(np.zeros((2, 2), np.uint64), [START, START], *zip(*order, strict=True))
        movement = summarise(*pings[1:], START, END, 8)
        assert movement.presence.cell.tolist() == cells_of([48.3], [16.4], 8).tolist()


@pytest.mark.parametrize("second", [START - 1, END])
def test_a_ping_outside_the_window_is_refused(second: int) -> None:
    with pytest.raises(ValueError, match="in the window"):
        summarise([0], [second], [48.2], [16.4], START, END, 8)


def test_a_cell_index_of_another_resolution_is_refused() -> None:
    with pytest.raises(ValueError, match="resolution 9, expected 8"):
        summarise([0], [START], [48.2], [16.4], START, END, 8, CellIndex(9))


@pytest.mark.skipif(not T_DRIVE.exists(), reason=f"needs the evaluation data, {T_DRIVE.name}")
def test_real_taxis_have_the_independently_computed_totals() -> None:
    start = 1_201_881_600  # 2008-02-02 in Asia/Shanghai
    end = start + 7 * 86_400
    table = pq.read_table(T_DRIVE)
    ids = table["device_id"].combine_chunks().dictionary_encode()
    digests = [hashlib.blake2b(name.encode(), digest_size=16).digest() for name in ids.dictionary.to_pylist()]
    pseudonyms = np.frombuffer(b"".join(digests), ">u8").reshape(-1, 2).astype(np.uint64)
    time = table["timestamp"].cast("int64").to_numpy() // 1000
    latitude, longitude = table["latitude"].to_numpy(), table["longitude"].to_numpy()
    valid = (time >= start) & (time < end) & (np.abs(latitude) <= 90) & (np.abs(longitude) <= 180)
    rows = np.flatnonzero(valid & ~((latitude == 0) & (longitude == 0)))
    rows = np.random.default_rng(0).permutation(rows)
    names = pseudonyms[ids.indices.to_numpy()[rows]]
    pings = sort_pings(names, time[rows], latitude[rows], longitude[rows])
    movement = summarise(*pings[1:], start, end, 8)
    assert len(pings.time) == 15_324_684
    assert len(movement.presence.cell) == 1_072_534
    assert len(movement.trips.origin) == 85_152
