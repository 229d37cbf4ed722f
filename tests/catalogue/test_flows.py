"""Flows: one device moves norms, totals and vectors by no more than the proof note says, and some by just as much.

Twice over: through the kernels, with devices made to be hard; and with trips counted by hand, which reach what no
week has room for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.catalogue.flows import (
    TripCounts,
    flow_contribution,
    norms_contribution,
    totals_contribution,
    trip_counts,
)
from hereabouts.hexagons import centres_of, parents_of
from hereabouts.privacy.bounding import NORM_BINS, SCALE, scaled
from hereabouts.privacy.measure import Contribution

if TYPE_CHECKING:
    from tests.catalogue.conftest import Chain, Recipe

Change = Callable[[Contribution, Contribution], int]
Integers = NDArray[np.int64]
Vector = dict[int, int]  # trips of one device by pair

HOSTILE = ("still", "restless", "commuter", "tourist", "border", "chatty", "burst", "edges")
LEVELS = (5, 6, 7)
SQUARED_BOUNDS = tuple(2**b for b in range(NORM_BINS))  # all that a histogram can choose

recipes = st.tuples(st.sampled_from(("sparse", "resident", *HOSTILE)), st.integers(0, 2**32 - 1))
towns = st.lists(recipes, min_size=1, max_size=4)
squared_bounds = st.sampled_from(SQUARED_BOUNDS)


# --- through the kernels ---------------------------------------------------------------------------------------------


@given(
    town=towns,
    bounds=st.tuples(squared_bounds, squared_bounds, squared_bounds),
    most=st.sampled_from(SQUARED_BOUNDS),
    data=st.data(),
)
@settings(max_examples=80, deadline=None)
def test_a_whole_device_moves_no_measurement_by_more_than_its_bound(
    chain: Chain,
    squared_change: Change,
    town: list[Recipe],
    bounds: tuple[int, int, int],
    most: int,
    data: st.DataObject,
) -> None:
    devices = list(enumerate(town))
    gone = data.draw(st.sampled_from(devices), label="the device that is taken out")
    with_it = chain.trips(devices, LEVELS)
    without = chain.trips([device for device in devices if device is not gone], LEVELS)

    def check(one: Contribution, other: Contribution, claimed: int) -> None:
        assert one.squared_sensitivity == claimed
        assert squared_change(one, other) <= claimed

    check(norms_contribution(with_it), norms_contribution(without), len(LEVELS) + 1)
    sizes = [chain.domain(resolution).size for resolution in LEVELS]
    check(
        totals_contribution(with_it, sizes, bounds, most),
        totals_contribution(without, sizes, bounds, most),
        len(LEVELS) * (most * SCALE) ** 2,
    )
    for level, bound, resolution in zip(range(3), bounds, LEVELS, strict=True):
        every = np.arange(chain.domain(resolution).size ** 2, dtype=np.int64)
        some = every[np.random.default_rng(data.draw(st.integers(0, 99))).random(every.size) < 0.3]
        for pairs in (every, some, every[:0]):
            check(
                flow_contribution(with_it[level], pairs, bound),
                flow_contribution(without[level], pairs, bound),
                bound * SCALE**2,
            )


def test_the_devices_are_as_hard_as_they_are_meant_to_be(chain: Chain) -> None:
    """A week has room for 502 trips; the tourist makes each of them between another two cells."""
    (tourist,), (commuter,) = (
        [bucket for bucket in chain.trips([(0, (kind, 1))], (7,))[0] if bucket.pair.size]
        for kind in ("tourist", "commuter")
    )
    assert tourist.count.tolist() == [1] * 502
    assert tourist.squared_norm.tolist() == [502]
    assert commuter.count.tolist() == [251, 251]


def test_a_commuter_reaches_every_bound(chain: Chain, squared_change: Change) -> None:
    """Two equal entries at C = sqrt 2 keep exactly SCALE each: any smaller bound would be wrong."""
    town: list[tuple[int, Recipe]] = [(0, ("resident", 1)), (2, ("tourist", 2))]
    before, after = chain.trips(town, LEVELS), chain.trips([*town, (3, ("commuter", 3))], LEVELS)
    assert squared_change(norms_contribution(after), norms_contribution(before)) == len(LEVELS) + 1
    for level, resolution in enumerate(LEVELS):
        pairs = np.arange(chain.domain(resolution).size ** 2, dtype=np.int64)
        found = [flow_contribution(trips[level], pairs, 2) for trips in (after, before)]
        assert squared_change(*found) == found[0].squared_sensitivity == 2 * SCALE**2


@given(town=towns, added=recipes, bound=squared_bounds)
@settings(max_examples=40, deadline=None)
def test_what_a_device_adds_does_not_depend_on_the_others(
    chain: Chain, town: list[Recipe], added: Recipe, bound: int
) -> None:
    devices, newcomer = list(enumerate(town)), (len(town), added)
    pairs = np.arange(chain.domain(6).size ** 2, dtype=np.int64)
    alone, before, after = (chain.trips(some, (6,)) for some in ([newcomer], devices, [*devices, newcomer]))
    for of in (
        norms_contribution,
        lambda trips: totals_contribution(trips, [chain.domain(6).size], [bound], 7),
        lambda trips: flow_contribution(trips[0], pairs, bound),
    ):
        assert np.array_equal(of(after).sums - of(before).sums, of(alone).sums)


# --- trips counted by hand -------------------------------------------------------------------------------------------

CELLS = 55  # of a region whose pairs are 0 to 3024


def counted(devices: Sequence[Vector]) -> TripCounts:
    """What :func:`trip_counts` would give of such devices, those without a trip left out."""
    moving = [vector for vector in devices if vector]
    entries = [(pair, count, code) for code, vector in enumerate(moving) for pair, count in sorted(vector.items())]
    pair, count, device = np.array(entries, dtype=np.int64).reshape(-1, 3).T
    norms = np.array([sum(n * n for n in vector.values()) for vector in moving], dtype=np.int64)
    return TripCounts(pair, count, device, norms)


counts = st.one_of(st.integers(1, 5), st.integers(1, 600), st.sampled_from([1, 2, 504, 8192, 92_681]))
equal_entries = st.builds(
    lambda pairs, count: dict.fromkeys(range(pairs), count), st.integers(1, 3000), st.sampled_from([1, 1, 2, 7, 504])
)
vectors = st.one_of(st.dictionaries(st.integers(0, 60), counts, max_size=40), equal_entries)


@given(
    others=st.lists(vectors, max_size=4),
    vector=vectors,
    bound=squared_bounds,
    most=st.sampled_from(SQUARED_BOUNDS),
    pairs=st.sets(st.integers(0, 3000)),
)
@settings(max_examples=300, deadline=None)
def test_no_vector_whatever_it_is_moves_a_measurement_by_more(
    squared_change: Change, others: list[Vector], vector: Vector, bound: int, most: int, pairs: set[int]
) -> None:
    before, after = [[counted(others)]], [[counted([*others, vector])]]
    assert squared_change(norms_contribution(after), norms_contribution(before)) == (2 if vector else 0)
    totals = [totals_contribution(trips, [CELLS], [bound], most) for trips in (after, before)]
    assert squared_change(*totals) <= totals[0].squared_sensitivity == (most * SCALE) ** 2
    for domain in (range(3001), sorted(pairs)):
        measured = np.array(domain, dtype=np.int64)
        flows = [flow_contribution(trips[0], measured, bound) for trips in (after, before)]
        assert squared_change(*flows) <= flows[0].squared_sensitivity == bound * SCALE**2


def to_nearest(count: Integers, squared_norm: int, squared_bound: int) -> Integers:
    """The fault to guard against: scaled entries rounded to nearest and not toward zero."""
    factor = min(1.0, math.sqrt(squared_bound / squared_norm))
    nearest: Integers = np.rint(count * (SCALE * factor)).astype(np.int64)
    return nearest


def test_504_equal_trips_break_the_bound_if_rounded_to_nearest_and_keep_it_as_they_are(
    squared_change: Change,
) -> None:
    vector = dict.fromkeys(range(504), 1)
    trips, pairs = counted([vector]), np.arange(504, dtype=np.int64)
    nearest = Contribution(to_nearest(trips.count, 504, 4), squared_sensitivity=4 * SCALE**2)
    nothing = Contribution(np.zeros(504, dtype=np.int64), squared_sensitivity=4 * SCALE**2)
    assert squared_change(nearest, nothing) ** 0.5 / SCALE == pytest.approx(2.017, abs=5e-4)
    assert squared_change(nearest, nothing) > nearest.squared_sensitivity
    assert squared_change(flow_contribution([trips], pairs, 4), nothing) <= 4 * SCALE**2


def test_so_does_the_tourist_of_the_kernels(chain: Chain) -> None:
    (trips,) = (bucket for bucket in chain.trips([(0, ("tourist", 1))], (7,))[0] if bucket.pair.size)
    nearest = to_nearest(trips.count, int(trips.squared_norm[0]), 4)
    assert sum(v * v for v in nearest.tolist()) > 4 * SCALE**2
    floored = scaled(trips.count, trips.device, trips.squared_norm, 4)
    assert sum(v * v for v in floored.tolist()) <= 4 * SCALE**2


@pytest.mark.parametrize("root", [1, 2, 4, 8, 16, 32, 64])
def test_one_pair_made_often_reaches_the_bound_of_its_vector(squared_change: Change, root: int) -> None:
    """So a bound that is smaller by one unit would be exceeded."""
    pairs = np.arange(3, dtype=np.int64)
    flows = flow_contribution([counted([{1: 92_681}])], pairs, root * root)
    nothing = flow_contribution([], pairs, root * root)
    assert squared_change(flows, nothing) == flows.squared_sensitivity > flows.squared_sensitivity - 1


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_norms_and_totals_are_reached_at_any_number_of_levels(squared_change: Change, levels: int) -> None:
    nothing, everything = [[counted([])]] * levels, [[counted([{1: 600}])]] * levels
    assert squared_change(norms_contribution(everything), norms_contribution(nothing)) == levels + 1
    # With a bound of its own length nothing of it is taken: all that is counted is in one of the four numbers.
    totals = [totals_contribution(t, [CELLS] * levels, [600**2] * levels, 64) for t in (everything, nothing)]
    assert squared_change(*totals) == totals[0].squared_sensitivity == levels * (64 * SCALE) ** 2


def test_unclipped_totals_would_break_their_bound(squared_change: Change) -> None:
    """One device with 504 trips, where the totals count 8 of it at most."""
    trips = counted([{1: 504}])
    clipped = totals_contribution([[trips]], [CELLS], [1], 8)
    nothing = totals_contribution([[counted([])]], [CELLS], [1], 8)
    unclipped = Contribution(
        np.array([[[0, 0], [1, 503]]], dtype=np.int64) * SCALE, squared_sensitivity=clipped.squared_sensitivity
    )
    assert squared_change(clipped, nothing) <= clipped.squared_sensitivity < squared_change(unclipped, nothing)


# --- what is counted -------------------------------------------------------------------------------------------------


@given(
    rows=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 20), st.integers(0, 20)), max_size=60),
    resolution=st.sampled_from(LEVELS),
    shift=st.integers(-(2**40), 2**40),
)
@settings(max_examples=100, deadline=None)
def test_trips_are_counted_by_device_and_pair(
    chain: Chain, rows: list[tuple[int, int, int]], resolution: int, shift: int
) -> None:
    """Against counting by hand; some cells are outside of the region, and devices may have any number."""
    inside = centres_of(chain.leaves[::8])
    cells = chain.cells.cells_of(*np.concatenate([inside, inside[:5] + 3.0]).T)
    domain = chain.domain(resolution)
    assert np.isin(parents_of(cells, resolution), domain).tolist() == [True] * 16 + [False] * 5
    device, origin, destination = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    found = trip_counts(device + shift, cells, origin, destination, chain.leaves, domain, resolution)

    place = {int(cell): row for row, cell in enumerate(domain)}
    expected: dict[int, Vector] = {}
    for who, start, end in rows:
        ends = [place.get(int(cell)) for cell in parents_of(cells[[start, end]], resolution)]
        if ends[0] is not None and ends[1] is not None:
            pair = ends[0] * domain.size + ends[1]
            vector = expected.setdefault(who, {})
            vector[pair] = vector.get(pair, 0) + 1
    by_hand = counted([expected[who] for who in sorted(expected)])
    for name in ("pair", "count", "device", "squared_norm"):
        assert np.array_equal(getattr(found, name), getattr(by_hand, name)), name


@given(town=st.lists(vectors, max_size=5), bound=squared_bounds)
@settings(max_examples=60, deadline=None)
def test_into_how_many_buckets_the_devices_fall_changes_nothing(town: list[Vector], bound: int) -> None:
    together, apart = [[counted(town)]], [[counted([vector]) for vector in town]]
    pairs = np.arange(3001, dtype=np.int64)
    assert np.array_equal(norms_contribution(together).sums, norms_contribution(apart).sums)
    totals = [totals_contribution(trips, [CELLS], [bound], 32).sums for trips in (together, apart)]
    assert np.array_equal(totals[0], totals[1])
    assert np.array_equal(
        flow_contribution(together[0], pairs, bound).sums, flow_contribution(apart[0], pairs, bound).sums
    )


@given(vector=st.dictionaries(st.integers(0, 3000), st.integers(1, 9), min_size=1, max_size=20))
@settings(max_examples=100, deadline=None)
def test_a_device_within_the_bound_is_counted_in_full(vector: Vector) -> None:
    trips = counted([vector])
    bound = int(trips.squared_norm[0])
    sums = flow_contribution([trips], np.arange(3001, dtype=np.int64), bound).sums
    assert {pair: Fraction(value, SCALE) for pair, value in enumerate(sums.tolist()) if value} == vector


def test_shape_and_bound_do_not_tell_whether_anybody_travelled() -> None:
    pairs = np.array([0, 5, 9], dtype=np.int64)
    some, none = [[counted([{5: 3, 9: 1}])]] * 2, [[counted([])]] * 2
    for one, other in (
        (norms_contribution(some), norms_contribution(none)),
        (totals_contribution(some, [9, 9], [4, 4], 8), totals_contribution(none, [9, 9], [4, 4], 8)),
        (flow_contribution(some[0], pairs, 4), flow_contribution(none[0], pairs, 4)),
        (flow_contribution(some[0], pairs, 4), flow_contribution([], pairs, 4)),
    ):
        assert one.sums.shape == other.sums.shape
        assert one.squared_sensitivity == other.squared_sensitivity


def test_no_representation_shows_a_trip() -> None:
    """What ends up in logs and tracebacks."""
    trips = counted([{5: 777}])
    assert "777" not in repr(trips)
    assert "777" not in repr(flow_contribution([trips], np.array([5], dtype=np.int64), 8192))
