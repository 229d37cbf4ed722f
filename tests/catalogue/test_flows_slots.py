"""Flows told apart by day or hour: one device moves what is measured by no more than the proof note says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.catalogue.flows import TripCounts, among, flow_contribution, lengths_contribution, trip_counts
from hereabouts.privacy.bounding import NORM_BINS, SCALE
from hereabouts.privacy.measure import Contribution

if TYPE_CHECKING:
    from tests.catalogue.conftest import Chain, Recipe

Change = Callable[[Contribution, Contribution], int]
Integers = NDArray[np.int64]

SQUARED_BOUNDS = tuple(2**b for b in range(NORM_BINS))
HOSTILE = ("still", "restless", "commuter", "tourist", "border", "chatty", "burst", "edges")
recipes = st.tuples(st.sampled_from(("sparse", "resident", *HOSTILE)), st.integers(0, 2**32 - 1))
counts = st.one_of(st.integers(1, 5), st.integers(1, 600), st.sampled_from([1, 504, 8192, 92_681]))
vectors = st.dictionaries(st.integers(0, 300), counts, max_size=40)


def by_slot(chain: Chain, devices: Sequence[tuple[int, Recipe]], resolution: int, slots: int) -> list[TripCounts]:
    """Trips by pair and slot, through the kernels; slots are hours of the day or days of the week."""
    rows = chain.movement(chain.pings(devices)).trips
    hour = rows.hour.astype(np.int64)
    slot = hour % 24 if slots == 24 else hour // 24
    ends = chain.trip_rows(rows.device, rows.origin, rows.destination)
    return [trip_counts(*ends, chain.leaves, chain.domain(resolution), resolution, slot, slots)]


@given(
    town=st.lists(recipes, min_size=1, max_size=4),
    bound=st.sampled_from(SQUARED_BOUNDS),
    resolution=st.sampled_from([5, 6, 7]),
    slots=st.sampled_from([7, 24]),
    seed=st.integers(0, 99),
    data=st.data(),
)
@settings(max_examples=60, deadline=None)
def test_a_whole_device_moves_no_slot_by_more_than_its_bound(
    chain: Chain,
    squared_change: Change,
    town: list[Recipe],
    bound: int,
    resolution: int,
    slots: int,
    seed: int,
    data: st.DataObject,
) -> None:
    """Whichever pairs stood out."""
    devices = list(enumerate(town))
    gone = data.draw(st.sampled_from(devices), label="the device that is taken out")
    pairs = np.arange(chain.domain(resolution).size ** 2, dtype=np.int64)
    some = pairs[np.random.default_rng(seed).random(pairs.size) < 0.3]
    for chosen in (pairs, some, pairs[:0]):
        entries = (chosen[:, None] * slots + np.arange(slots)).ravel()
        before, after = (
            among(by_slot(chain, part, resolution, slots), entries)
            for part in ([device for device in devices if device is not gone], devices)
        )
        lengths = [lengths_contribution(vectors) for vectors in (after, before)]
        assert squared_change(*lengths) <= lengths[0].squared_sensitivity == 1
        flows = [flow_contribution(vectors, entries, bound) for vectors in (after, before)]
        assert squared_change(*flows) <= flows[0].squared_sensitivity == bound * SCALE**2


def counted(devices: Sequence[dict[int, int]]) -> TripCounts:
    entries = [(pair, count, code) for code, vector in enumerate(devices) for pair, count in sorted(vector.items())]
    pair, count, device = np.array(entries, dtype=np.int64).reshape(-1, 3).T
    norms = np.array([sum(n * n for n in vector.values()) for vector in devices], dtype=np.int64)
    return TripCounts(pair, count, device, norms)


@given(
    others=st.lists(vectors, max_size=4),
    vector=vectors,
    bound=st.sampled_from(SQUARED_BOUNDS),
    entries=st.sets(st.integers(0, 300)),
)
@settings(max_examples=200, deadline=None)
def test_no_vector_whatever_it_is_moves_them_by_more(
    squared_change: Change, others: list[dict[int, int]], vector: dict[int, int], bound: int, entries: set[int]
) -> None:
    chosen = np.array(sorted(entries), dtype=np.int64)
    before, after = among([counted(others)], chosen), among([counted([*others, vector])], chosen)
    has_one = bool(entries & vector.keys())
    assert squared_change(lengths_contribution(after), lengths_contribution(before)) == has_one
    flows = [flow_contribution(vectors, chosen, bound) for vectors in (after, before)]
    assert squared_change(*flows) <= flows[0].squared_sensitivity


@pytest.mark.parametrize("root", [1, 2, 8, 64])
def test_the_bound_is_reached(squared_change: Change, root: int) -> None:
    """One device, thousands of trips in one slot: any smaller bound would be wrong."""
    chosen = np.arange(24, dtype=np.int64)
    flows, nothing = (
        flow_contribution(among([counted(devices)], chosen), chosen, root * root) for devices in ([{8: 92_681}], [])
    )
    assert squared_change(flows, nothing) == flows.squared_sensitivity


@given(vector=vectors, entries=st.sets(st.integers(0, 300)))
def test_trips_elsewhere_do_not_make_a_vector_longer(vector: dict[int, int], entries: set[int]) -> None:
    """Only what is measured is bounded: so less of it is taken."""
    (found,) = among([counted([vector])], np.array(sorted(entries), dtype=np.int64))
    assert dict(zip(found.pair.tolist(), found.count.tolist(), strict=True)) == {
        pair: count for pair, count in vector.items() if pair in entries
    }
    assert found.squared_norm.tolist() == [sum(count**2 for pair, count in vector.items() if pair in entries)]


def test_slots_tell_the_trips_of_a_pair_apart(chain: Chain) -> None:
    """And together they are the trips of the pair."""
    town: list[tuple[int, Recipe]] = [(0, ("resident", 1)), (1, ("tourist", 2)), (2, ("commuter", 3))]
    (apart,), whole = by_slot(chain, town, 6, 24), chain.trips(town, (6,))[0]
    size = chain.domain(6).size ** 2
    found, expected = np.zeros(size), np.zeros(size)
    np.add.at(found, apart.pair // 24, apart.count)
    for bucket in whole:
        np.add.at(expected, bucket.pair, bucket.count)
    assert np.array_equal(found, expected)
    assert np.unique(apart.pair % 24).size > 1


def test_shape_and_bound_do_not_tell_whether_anybody_travelled() -> None:
    chosen = np.arange(7, dtype=np.int64)
    some, none = among([counted([{5: 3}])], chosen), among([counted([])], chosen)
    for one, other in (
        (lengths_contribution(some), lengths_contribution(none)),
        (flow_contribution(some, chosen, 4), flow_contribution(none, chosen, 4)),
    ):
        assert one.sums.shape == other.sums.shape
        assert one.squared_sensitivity == other.squared_sensitivity
