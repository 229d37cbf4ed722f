"""Histograms: none below zero, their sum kept, and intervals that mean what they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.estimate.distributions import Distribution, distribution_estimate
from hereabouts.estimate.measurements import Histogram

Floats = NDArray[np.float64]


def estimate(noisy: object, sd: float, taken: float = 0.0, spread: float = 0.0) -> Distribution:
    values = np.round(np.asarray(noisy, dtype=np.float64)).astype(np.int64)
    kept = int(values.sum())
    return distribution_estimate(
        Histogram("trip-lengths", values, sd**2, 1, int(taken), 0.0, kept, sd**2 * values.size, spread)
    )


@given(noisy=st.lists(st.integers(-500, 5000), min_size=1, max_size=12), sd=st.floats(1.0, 300.0))
@settings(max_examples=200)
def test_estimates_are_not_negative_and_inside_their_intervals(noisy: list[int], sd: float) -> None:
    found = estimate(noisy, sd)
    assert (found.counts >= 0).all()
    assert (found.low <= found.counts).all()
    assert (found.counts <= found.high).all()
    assert (found.low >= 0).all()
    assert found.counts.sum() == pytest.approx(max(sum(noisy), 0), abs=1e-6)


def test_without_noise_below_zero_nothing_is_changed() -> None:
    assert estimate([300, 0, 50], 10.0).counts.tolist() == [300, 0, 50]


def test_cutting_at_zero_does_not_make_the_whole_larger() -> None:
    """What is lost by each of the others is what was cut: on average the sum is right, and empty bins are nearly so."""
    rng = np.random.default_rng(0)
    truth = np.array([900.0, 500.0, 0.0, 0.0, 0.0, 0.0])
    found = np.array([estimate(truth + rng.normal(0, 40, 6), 40.0).counts for _ in range(2000)])
    assert found.sum(axis=1).mean() == pytest.approx(truth.sum(), abs=6)
    assert np.abs(found.mean(axis=0) - truth).max() < 0.6 * 40


@pytest.mark.parametrize("truth", [[900.0, 500.0, 200.0, 60.0, 5.0, 0.0], [0.0, 0.0, 3.0], [40.0] * 9])
def test_intervals_hold_the_truth(truth: list[float]) -> None:
    rng = np.random.default_rng(2)
    held = []
    for _ in range(1500):
        found = estimate(np.array(truth) + rng.normal(0, 30, len(truth)), 30.0)
        held.append((found.low <= truth) & (truth <= found.high))
    assert np.mean(held, axis=0).min() > 0.935


def test_what_was_scaled_is_put_back_and_its_spread_widens() -> None:
    plain, scaled, spread = (
        estimate([1000, 3000], 5.0, taken, spread) for taken, spread in ((0, 0.0), (1000, 0.0), (1000, 0.2))
    )
    assert scaled.counts.tolist() == pytest.approx([1250, 3750])
    assert (spread.high - spread.low > 5 * (plain.high - plain.low)).all()
