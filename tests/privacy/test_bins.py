"""Public bins: every value has one, and those of lengths are unions of the bins that lengths are sealed in."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hereabouts.privacy.bins import BINS, Bins
from hereabouts.store import sealed


@pytest.mark.parametrize("statistic", BINS)
def test_bins_follow_upon_each_other_and_the_last_is_open(statistic: str) -> None:
    ranges = BINS[statistic].ranges()
    assert all(low < high for low, high in ranges)
    assert all(high == low for (_, high), (low, _) in itertools.pairwise(ranges))
    assert ranges[-1][1] == float("inf")


@given(value=st.floats(0, 1e9), statistic=st.sampled_from(sorted(BINS)))
def test_a_value_is_in_the_bin_that_holds_it(value: float, statistic: str) -> None:
    bins = BINS[statistic]
    low, high = bins.ranges()[int(bins.place([value])[0])]
    assert low <= value < high or value < bins.edges[0]


@pytest.mark.parametrize(
    ("statistic", "edges"),
    [
        ("trip-lengths", sealed.METRES / 1000.0),
        ("trip-durations", sealed.MINUTES),
        ("stay-durations", sealed.MINUTES),
    ],
)
def test_what_was_sealed_in_a_bin_is_in_one_bin(
    statistic: str, edges: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> None:
    """So that the lower edge, which is all that is known, decides as the length itself would."""
    assert set(BINS[statistic].edges) <= set(edges.tolist())


@pytest.mark.parametrize("statistic", ["trips-per-device-day", "radius-of-gyration"])
def test_zero_is_a_bin(statistic: str) -> None:
    zero, something = BINS[statistic].place([0.0, 0.01 if statistic == "radius-of-gyration" else 1.0])
    assert (zero, something) == (0, 1)


def test_below_the_first_edge_is_the_first_bin() -> None:
    assert Bins((20.0, 40.0), "minutes", "stays").place([0, 19, 20, 40, 10**9]).tolist() == [0, 0, 0, 1, 1]
