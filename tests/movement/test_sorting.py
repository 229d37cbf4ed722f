"""Sorting: the same batch whatever the order of the rows, each ping once."""

from __future__ import annotations

import time as clock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.movement.sorting import SortedPings, sort_pings

Row = tuple[tuple[int, int], int, float, float]
"""Pseudonym, time, latitude, longitude."""


def run(rows: list[Row]) -> SortedPings:
    pseudonym = np.array([row[0] for row in rows], np.uint64).reshape(-1, 2)
    found = sort_pings(pseudonym, *([row[k] for row in rows] for k in (1, 2, 3)))
    assert [column.dtype for column in found] == [np.uint64, np.int32, np.int64, np.float64, np.float64]
    return found


def rows_of(found: SortedPings) -> list[Row]:
    names = [tuple(name) for name in found.devices[found.device].tolist()]
    return list(zip(names, found.time.tolist(), found.latitude.tolist(), found.longitude.tolist(), strict=True))


halves = st.sampled_from([0, 1, 2, 2**63, 2**64 - 1])
# Times up to a year apart need three counting passes; few places make ties and duplicates likely.
times = st.one_of(st.integers(0, 3), st.integers(1_700_000_000, 1_700_000_000 + 366 * 86_400), st.integers(-9, 5000))
places = st.sampled_from([-90.0, -0.0, 0.0, 1e-300, 48.2, 48.20000000000001])
any_rows = st.lists(st.tuples(st.tuples(halves, halves), times, places, places), max_size=40)


@settings(deadline=None, max_examples=300)
@given(rows=any_rows)
def test_equals_a_sorted_set(rows: list[Row]) -> None:
    found = run(rows)
    assert rows_of(found) == sorted({(name, time, lat + 0.0, lon + 0.0) for name, time, lat, lon in rows})
    assert [tuple(name) for name in found.devices.tolist()] == sorted({row[0] for row in rows})


@settings(deadline=None)
@given(rows=any_rows, data=st.data())
def test_the_order_of_the_rows_does_not_matter(rows: list[Row], data: st.DataObject) -> None:
    one, other = run(rows), run(data.draw(st.permutations(rows)))
    assert [column.tobytes() for column in one] == [column.tobytes() for column in other]


@settings(deadline=None)
@given(rows=any_rows, data=st.data())
def test_rows_that_come_twice_change_nothing(rows: list[Row], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(rows))) if rows else []
    one, other = run(rows), run(rows + again)
    assert [column.tobytes() for column in one] == [column.tobytes() for column in other]


def test_minus_zero_is_zero() -> None:
    found = run([((1, 1), 5, -0.0, 0.0), ((1, 1), 5, 0.0, -0.0)])
    assert len(found.time) == 1
    assert not np.signbit([found.latitude[0], found.longitude[0]]).any()


def test_many_pings_at_one_second_are_ordered_by_place() -> None:
    rng = np.random.default_rng(8)
    n = 200_000
    latitude, longitude = rng.integers(0, 300, n) / 8, rng.integers(0, 300, n) / 8
    found = sort_pings(np.zeros((n, 2), np.uint64), np.zeros(n, np.int64), latitude, longitude)
    expected = np.unique(np.stack([latitude, longitude], axis=1), axis=0)
    assert np.array_equal(np.stack([found.latitude, found.longitude], axis=1), expected)


def test_many_devices() -> None:
    rng = np.random.default_rng(9)
    names = rng.integers(0, 2**64, (20_000, 2), dtype=np.uint64)
    pick = rng.integers(0, len(names), 100_000)
    time = rng.integers(0, 7 * 86_400, len(pick))
    found = sort_pings(names[pick], time, np.zeros(len(pick)), np.zeros(len(pick)))
    rows = np.column_stack([names[pick], time.astype(np.uint64)])
    expected = np.unique(rows, axis=0)
    assert np.array_equal(found.devices[found.device], expected[:, :2])
    assert np.array_equal(found.time, expected[:, 2].astype(np.int64))


def test_a_million_pings_of_one_device() -> None:
    n = 1_000_000
    time = np.random.default_rng(2).integers(0, 7 * 86_400, n)
    name, place = np.zeros((n, 2), np.uint64), np.zeros(n)
    sort_pings(name[:1], time[:1], place[:1], place[:1])
    began = clock.perf_counter()
    found = sort_pings(name, time, place, place)
    assert clock.perf_counter() - began < 5
    assert np.array_equal(found.time, np.unique(time))


def test_a_pseudonym_has_two_halves() -> None:
    with pytest.raises(ValueError, match=r"shape \(n, 2\), got \(3,\)"):
        sort_pings(np.zeros(3, np.uint64), [0] * 3, [0.0] * 3, [0.0] * 3)


def test_times_more_than_a_century_apart_are_refused() -> None:
    with pytest.raises(ValueError, match="2\\^32 seconds"):
        sort_pings(np.zeros((2, 2), np.uint64), [0, 1 << 32], [0.0] * 2, [0.0] * 2)


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="equally long"):
        sort_pings(np.zeros((2, 2), np.uint64), [0], [0.0, 0.0], [0.0, 0.0])
