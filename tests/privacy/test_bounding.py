"""Bounding: a scaled vector is never longer than its bound, in whole numbers, whatever it was before."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.privacy.bounding import (
    NORM_BINS,
    SCALE,
    floor_sqrt,
    most_trips,
    norm_bin,
    scaled,
    squared_bound,
)

Integers = NDArray[np.int64]

#: The top bin's lower edge and below: all that :func:`squared_bound` may answer, and some that it may not.
bounds = st.one_of(st.sampled_from([2**b for b in range(NORM_BINS)]), st.integers(1, 20_000))


def whole(values: Any) -> Integers:
    return np.array(values, dtype=np.int64)


def largest_entry(bound: int) -> int:
    """The largest entry that is exact in 64 bits at this bound."""
    return math.isqrt((1 << 62) // (bound * SCALE**2))


def largest_scaled(count: int, squared_norm: int, bound: int) -> int:
    """``floor(count x SCALE x min(1, C / norm))`` in Python's integers, by the definition."""
    if squared_norm <= bound:
        return count * SCALE
    return math.isqrt(count * count * bound * SCALE**2 // squared_norm)


# --- integer roots ---------------------------------------------------------------------------------------------------

roots = st.integers(0, 2**31 - 1)
near_squares = st.builds(lambda root, off: max(root * root + off, 0), roots, st.integers(-2, 2))


@given(values=st.lists(st.one_of(st.integers(0, 2**62), near_squares), max_size=50))
@settings(max_examples=300, deadline=None)
def test_roots_are_exact(values: list[int]) -> None:
    assert floor_sqrt(whole(values)).tolist() == [math.isqrt(value) for value in values]


def test_roots_are_exact_where_floats_round_to_the_next_square() -> None:
    """2**62 - 1 is 2**62 as a float, whose root is one too many."""
    edge = [2**62, 2**62 - 1, (2**31 - 1) ** 2 - 1, (2**31 - 1) ** 2, 2**53 - 1, 2**53 + 1, 0, 1, 2, 3, 4]
    assert floor_sqrt(whole(edge)).tolist() == [math.isqrt(value) for value in edge]


# --- scaling ---------------------------------------------------------------------------------------------------------


@st.composite
def devices(draw: st.DrawFn) -> tuple[int, list[list[int]]]:
    """A bound, and devices' entries up to the largest that are allowed at it."""
    bound = draw(bounds)
    most = min(largest_entry(bound), 2**20)  # sums of their squares must fit too
    entry = st.one_of(st.integers(1, 4), st.integers(1, most), st.just(most))
    equal = st.builds(lambda count, times: [count] * times, entry, st.integers(1, 800))
    return bound, draw(st.lists(st.one_of(st.lists(entry, min_size=1, max_size=30), equal), max_size=5))


def scaled_by_device(vectors: list[list[int]], bound: int) -> list[list[int]]:
    """The scaled vectors, through arrays in which the devices' entries stand in any order."""
    entries = [(count, code) for code, vector in enumerate(vectors) for count in vector]
    order = np.random.default_rng(len(entries)).permutation(len(entries))
    counts, device = whole(entries).reshape(-1, 2)[order].T
    norms = whole([sum(n * n for n in vector) for vector in vectors])
    values = np.empty(len(entries), dtype=np.int64)
    values[order] = scaled(counts, device, norms, bound)
    ends = np.cumsum([len(vector) for vector in vectors])[:-1]
    return [part.tolist() for part in np.split(values, ends)] if vectors else []


@given(devices())
@settings(max_examples=300, deadline=None)
def test_no_scaled_vector_is_longer_than_its_bound(case: tuple[int, list[list[int]]]) -> None:
    bound, vectors = case
    for values in scaled_by_device(vectors, bound):
        assert sum(value * value for value in values) <= bound * SCALE**2


@given(devices())
@settings(max_examples=200, deadline=None)
def test_every_entry_is_the_definition_rounded_toward_zero(case: tuple[int, list[list[int]]]) -> None:
    bound, vectors = case
    for vector, values in zip(vectors, scaled_by_device(vectors, bound), strict=True):
        norm = sum(n * n for n in vector)
        assert values == [largest_scaled(count, norm, bound) for count in vector]


@given(devices())
@settings(max_examples=200, deadline=None)
def test_the_direction_is_kept_within_one_unit_an_entry(case: tuple[int, list[list[int]]]) -> None:
    """All of a device's pairs keep their share: scaling loses less than one unit of each."""
    bound, vectors = case
    for vector, values in zip(vectors, scaled_by_device(vectors, bound), strict=True):
        norm = sum(n * n for n in vector)
        for count, value in zip(vector, values, strict=True):
            # value <= count SCALE C / norm < value + 1, squared so that it is exact
            if norm > bound:
                assert value**2 * norm <= count**2 * bound * SCALE**2 < (value + 1) ** 2 * norm
            else:
                assert value == count * SCALE
        for one, other in zip(sorted(vector), sorted(values), strict=True):
            assert values[vector.index(one)] == other, "a larger entry must not become a smaller one"


@pytest.mark.parametrize("bound", [1, 4, 16, 4096])
def test_the_bound_is_reached_so_it_is_not_too_generous(bound: int) -> None:
    assert scaled_by_device([[largest_entry(bound)]], bound) == [[math.isqrt(bound) * SCALE]]


def test_504_equal_entries_would_exceed_it_if_rounded_to_nearest() -> None:
    nearest = round(SCALE * math.sqrt(4 / 504))
    assert math.sqrt(504 * nearest**2) / SCALE == pytest.approx(2.017, abs=5e-4)
    (values,) = scaled_by_device([[1] * 504], 4)
    assert values == [nearest - 1] * 504


def test_no_entries_are_no_entries() -> None:
    empty = whole([])
    assert scaled(empty, empty, empty, 4).tolist() == []


@given(bound=bounds, over=st.integers(1, 2**20))
@settings(max_examples=50, deadline=None)
def test_an_entry_beyond_exact_arithmetic_is_refused_and_the_one_below_is_not(bound: int, over: int) -> None:
    most = largest_entry(bound)
    assert scaled(whole([most]), whole([0]), whole([most**2]), bound).tolist() == [math.isqrt(bound * SCALE**2)]
    with pytest.raises(OverflowError, match="beyond exact arithmetic"):
        scaled(whole([1, most + over]), whole([0, 0]), whole([1 + (most + over) ** 2]), bound)


def test_no_window_is_long_enough_to_reach_that() -> None:
    """A stay takes 20 minutes, and a window at most 366 days: one device's rows cannot stop a measurement."""
    assert largest_entry(2 ** (NORM_BINS - 1)) > 366 * 24 * 3


@pytest.mark.parametrize(
    ("counts", "squared_norm"),
    [
        ([3, 4], 1),  # said to be short
        ([1000] * 10, 1_000_000),  # said to be shorter
        ([2**23, 2**23], 1),  # squares of these add up to 2**63, which wraps around to less than any bound
        ([2**23] * 4, 1),
        ([-(2**48), 1], 1),  # no count is negative; the square of this one wraps around to 0
    ],
)
def test_a_vector_that_is_not_as_long_as_it_says_stops_the_measurement(counts: list[int], squared_norm: int) -> None:
    with pytest.raises(ArithmeticError, match="longer than its bound"):
        scaled(whole(counts), whole([0] * len(counts)), whole([squared_norm]), 1)


# --- the histogram of norms, and what is chosen from it --------------------------------------------------------------


@pytest.mark.parametrize(
    ("squared_norm", "expected"),
    [
        *[(0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (8, 3), (9, 4)],
        *[(2**12, 12), (2**12 + 1, 13), (2**13, 13), (2**13 + 1, 13), (2**62, 13)],
    ],
)
def test_bins_are_open_below_closed_above_and_the_top_one_has_no_end(squared_norm: int, expected: int) -> None:
    assert norm_bin(whole([squared_norm])).tolist() == [expected]


@given(values=st.lists(st.integers(1, 2**62), max_size=40))
@settings(max_examples=200, deadline=None)
def test_each_norm_is_in_one_bin(values: list[int]) -> None:
    found = norm_bin(whole(values)).tolist()
    for value, place in zip(values, found, strict=True):
        assert 0 <= place < NORM_BINS
        assert value <= 2**place or place == NORM_BINS - 1
        assert place == 0 or value > 2 ** (place - 1)


def histogram(**bins: int) -> Integers:
    counts = np.zeros(NORM_BINS, dtype=np.int64)
    for name, count in bins.items():
        counts[int(name.removeprefix("bin"))] = count
    return counts


@pytest.mark.parametrize(
    ("noisy", "bound", "most"),
    [
        (histogram(), 1, 1),
        (np.full(NORM_BINS, -1000), 1, 1),
        (histogram(bin0=100), 1, 1),
        (histogram(bin1=100), 1, 2),
        (histogram(bin5=100), 16, 32),
        (histogram(bin5=100, bin0=-(10**9), bin13=-(10**9)), 16, 32),
        (histogram(bin13=1), 4096, 8192),
        (histogram(bin2=50, bin6=50), 2, 64),
        (histogram(bin2=49, bin6=51), 32, 64),
        (histogram(bin2=95, bin6=5), 2, 4),
        (histogram(bin2=94, bin6=6), 2, 64),
        (np.full(NORM_BINS, 2**58), 32, 8192),
    ],
)
def test_bounds_come_from_the_median_and_nineteen_twentieths(noisy: Integers, bound: int, most: int) -> None:
    assert (squared_bound(noisy), most_trips(noisy)) == (bound, most)


noisy_counts = st.one_of(st.integers(-50, 50), st.integers(-(2**40), 2**40), st.integers(-(2**59), 2**59))


@given(noisy=st.lists(noisy_counts, min_size=NORM_BINS, max_size=NORM_BINS))
@settings(max_examples=300, deadline=None)
def test_whatever_the_noise_the_bounds_are_of_a_public_list(noisy: list[int]) -> None:
    """Python's own integers, too: the sensitivity that is paid for is made of them."""
    bound, most = squared_bound(whole(noisy)), most_trips(whole(noisy))
    assert type(bound) is int
    assert type(most) is int
    assert bound in {2**b for b in range(NORM_BINS - 1)}
    assert most in {2**b for b in range(NORM_BINS)}
    assert bound <= most, "the median is not above it"
    # what is chosen can be used: the largest sensitivities stay far below 2**62
    assert bound * SCALE**2 < 2**30
    assert most * SCALE < 2**22


@given(noisy=st.lists(st.integers(0, 2**30), min_size=NORM_BINS, max_size=NORM_BINS))
@settings(max_examples=100, deadline=None)
def test_the_bound_is_the_lower_edge_of_the_bin_that_holds_the_median(noisy: list[int]) -> None:
    assume(any(noisy))
    median = next(b for b in range(NORM_BINS) if 2 * sum(noisy[: b + 1]) >= sum(noisy))
    assert squared_bound(whole(noisy)) == 2 ** max(median - 1, 0)
