"""Scaled vectors: one device moves norms, what was taken, and sums by no more than the note says, some by just as much.

Vectors counted by hand reach what no week has room for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.catalogue import vectors as module
from hereabouts.catalogue.vectors import (
    DeviceVectors,
    grouped,
    norms_contribution,
    taken_contribution,
    vectors_contribution,
    vectors_of,
)
from hereabouts.privacy.bounding import NORM_BINS, SCALE
from hereabouts.privacy.measure import Contribution

Change = Callable[[Contribution, Contribution], int]
Vector = dict[int, int]  # counts of one device by entry
SIZE = 12
BOUNDS = (*(2**power for power in range(NORM_BINS)), 3, 24, 167, 168)

entries = st.dictionaries(st.integers(0, SIZE - 1), st.integers(1, 3000), max_size=SIZE)
hostile = st.sampled_from(
    [
        {0: 30_000},  # all in one place
        dict.fromkeys(range(SIZE), 1),  # once everywhere
        dict.fromkeys(range(SIZE), 504),  # all that a week has room for, everywhere
        {0: 1, 1: 30_000},
        {},
    ]
)
towns = st.lists(entries, max_size=5)
bounds = st.sampled_from(BOUNDS)


def counted(town: Sequence[Vector]) -> DeviceVectors:
    """The vectors of a bucket, from one row for each time."""
    rows = [(device, entry) for device, vector in enumerate(town) for entry, n in vector.items() for _ in range(n)]
    device, entry = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    return vectors_of(device, entry, SIZE)


@given(town=towns, added=entries | hostile, bound=bounds, most=bounds)
@settings(max_examples=150, deadline=None)
def test_a_whole_device_moves_no_measurement_by_more_than_its_bound(
    squared_change: Change, town: list[Vector], added: Vector, bound: int, most: int
) -> None:
    without, with_it = [counted(town)], [counted(town), counted([added])]

    def check(one: Contribution, other: Contribution, claimed: int) -> None:
        assert one.squared_sensitivity == claimed
        assert squared_change(one, other) <= claimed

    check(norms_contribution([with_it] * 3), norms_contribution([without] * 3), 3)
    check(taken_contribution(with_it, bound, most), taken_contribution(without, bound, most), (most * SCALE) ** 2)
    check(vectors_contribution(with_it, SIZE, bound), vectors_contribution(without, SIZE, bound), bound * SCALE**2)


@pytest.mark.parametrize("bound", [1, 4, 16, 64])
def test_one_entry_made_often_reaches_the_bound_of_its_vector(squared_change: Change, bound: int) -> None:
    """So a bound that is smaller by one unit would be exceeded."""
    found = vectors_contribution([counted([{3: 30_000}])], SIZE, bound)
    assert squared_change(found, vectors_contribution([], SIZE, bound)) == found.squared_sensitivity


def test_what_is_taken_reaches_its_bound(squared_change: Change) -> None:
    found = taken_contribution([counted([{3: 30_000}])], 1, 64)
    assert squared_change(found, taken_contribution([], 1, 64)) == found.squared_sensitivity == (64 * SCALE) ** 2


@given(town=towns, bound=bounds)
@settings(max_examples=100, deadline=None)
def test_what_is_left_and_what_is_taken_are_all_there_is(town: list[Vector], bound: int) -> None:
    """Where nobody has more taken than is counted, the ratio puts back exactly what scaling took."""
    found = [counted(town)]
    kept = int(vectors_contribution(found, SIZE, bound).sums.sum())
    taken = int(taken_contribution(found, bound, 40_000).sums[0])
    assert kept + taken == SCALE * sum(sum(vector.values()) for vector in town)
    assert taken >= 0


@given(rows=st.lists(st.tuples(st.integers(0, 9), st.integers(0, SIZE - 1)), max_size=60), once=st.booleans())
@settings(max_examples=100, deadline=None)
def test_rows_are_counted_by_device_and_entry(rows: list[tuple[int, int]], once: bool) -> None:
    """Against counting by hand."""
    device, entry = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    found = vectors_of(device, entry, SIZE, once=once)
    by_hand = Counter(rows)
    names = sorted({who for who, _ in rows})
    assert {
        (names[who], where): n
        for who, where, n in zip(found.device.tolist(), found.entry.tolist(), found.count.tolist(), strict=True)
    } == {key: 1 if once else n for key, n in by_hand.items()}
    squared = [sum((1 if once else n) ** 2 for (who, _), n in by_hand.items() if who == name) for name in names]
    assert found.squared_norm.tolist() == squared


@given(
    rows=st.lists(st.tuples(st.integers(0, 5), st.integers(0, SIZE - 1)), max_size=40),
    limit=st.sampled_from([0, SIZE, 3 * SIZE]),
)
def test_how_many_devices_there_are_never_decides_whether_they_can_be_counted(
    rows: list[tuple[int, int]], limit: int
) -> None:
    """A limit that one device crosses would say so, for free and without noise."""
    device, entry = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    plain = grouped(device, 6, entry, SIZE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_MOST_NUMBERS", limit)
        other = grouped(device, 6, entry, SIZE)
    for mine, theirs in zip(plain, other, strict=True):
        assert np.array_equal(mine, theirs)


def test_shape_and_bound_do_not_tell_whether_anybody_was_there() -> None:
    some, none = [counted([{5: 3, 9: 1}])], [counted([])]
    for one, other in (
        (norms_contribution([some]), norms_contribution([none])),
        (taken_contribution(some, 4, 8), taken_contribution(none, 4, 8)),
        (vectors_contribution(some, SIZE, 4), vectors_contribution([], SIZE, 4)),
    ):
        assert one.sums.shape == other.sums.shape
        assert one.squared_sensitivity == other.squared_sensitivity


def test_no_representation_shows_a_count() -> None:
    """What ends up in logs and tracebacks."""
    assert "777" not in repr(counted([{5: 777}]))
