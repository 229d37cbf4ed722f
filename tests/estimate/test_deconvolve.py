"""Empirical Bayes for non-negative values: pulled to where values are, and right about how unsure it is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.estimate.deconvolve import Z95, Posterior, deconvolve

Floats = NDArray[np.float64]
Coverage = Callable[[Floats, NDArray[np.bool_]], tuple[float, float]]

FIELDS = ("mean", "variance", "low", "high")
values = st.lists(st.floats(-60.0, 300.0), min_size=1, max_size=40).map(np.array)


def sparse(rng: np.random.Generator) -> Floats:
    """Six in seven are zero, the others span three orders of magnitude."""
    return np.where(rng.random(4000) < 0.15, np.round(rng.lognormal(2.0, 1.2, 4000)), np.zeros(4000))


def dense(rng: np.random.Generator) -> Floats:
    return np.round(rng.gamma(3.0, 10.0, 4000))


def spiked(rng: np.random.Generator) -> Floats:
    """Three values and nothing between."""
    return rng.choice([0.0, 0.0, 0.0, 20.0, 100.0], 4000)


def heavy(rng: np.random.Generator) -> Floats:
    """A few hold most of all there is."""
    return np.round(2.0 * rng.pareto(1.2, 4000))


@pytest.mark.parametrize("kind", [sparse, dense, spiked, heavy])
@pytest.mark.parametrize("sd", [0.5, 2.0, 5.0])
def test_intervals_hold_the_truth_for_small_and_large_estimates(
    kind: Callable[[np.random.Generator], Floats], sd: float, coverage: Coverage
) -> None:
    rng = np.random.default_rng(1)
    truth = kind(rng)
    found = deconvolve(truth + rng.normal(0.0, sd, truth.size), sd)
    overall, worst = coverage(found.mean, (found.low <= truth) & (truth <= found.high))
    assert overall >= 0.95
    assert worst >= 0.93


@pytest.mark.parametrize("kind", [dense, spiked])
def test_intervals_hold_under_noise_that_is_as_large_as_the_values(
    kind: Callable[[np.random.Generator], Floats], coverage: Coverage
) -> None:
    rng = np.random.default_rng(1)
    truth = kind(rng)
    found = deconvolve(truth + rng.normal(0.0, 60.0, truth.size), 60.0)
    overall, worst = coverage(found.mean, (found.low <= truth) & (truth <= found.high))
    assert overall >= 0.95
    assert worst >= 0.93


@pytest.mark.parametrize("kind", [sparse, heavy])
def test_rare_values_that_drown_in_the_noise_cost_some_coverage(
    kind: Callable[[np.random.Generator], Floats], coverage: Coverage
) -> None:
    """What is three and more times smaller than the noise, and rare, cannot be learnt: nine in ten, not 19 in 20."""
    for seed in range(3):
        rng = np.random.default_rng(seed)
        truth = kind(rng)
        found = deconvolve(truth + rng.normal(0.0, 60.0, truth.size), 60.0)
        overall, worst = coverage(found.mean, (found.low <= truth) & (truth <= found.high))
        assert overall >= 0.90
        assert worst >= 0.85


@pytest.mark.parametrize("kind", [sparse, dense, spiked, heavy])
@pytest.mark.parametrize("sd", [2.0, 20.0])
def test_it_errs_less_than_the_noise_and_knows_by_how_much(
    kind: Callable[[np.random.Generator], Floats], sd: float
) -> None:
    rng = np.random.default_rng(2)
    truth = kind(rng)
    found = deconvolve(truth + rng.normal(0.0, sd, truth.size), sd)
    squared_error = float(((found.mean - truth) ** 2).mean())
    assert squared_error < 1.02 * sd**2
    assert 0.6 < float(found.variance.mean()) / squared_error < 1.6


@given(y=values, sd=st.floats(0.1, 50.0))
@settings(max_examples=60, deadline=None)
def test_what_it_says_is_possible(y: Floats, sd: float) -> None:
    found = deconvolve(y, sd)
    for field in FIELDS:
        part = getattr(found, field)
        assert part.shape == y.shape
        assert np.isfinite(part).all()
        assert (part >= 0.0).all()
    assert (found.low <= found.mean).all()
    assert (found.mean <= found.high).all()
    assert (found.high <= np.maximum(y.max(), 0.0) + 4.5 * sd).all(), "nothing is far above all that was seen"


@given(y=values, sd=st.floats(0.1, 50.0))
@settings(max_examples=60, deadline=None)
def test_a_larger_value_has_no_smaller_estimate(y: Floats, sd: float) -> None:
    """Where a value speaks for itself (30 deviations up) it may be a little beside the learnt curve."""
    y = np.sort(y[y < 30.0 * sd])
    found = deconvolve(y, sd)
    tolerance = 1e-6 * sd
    for part in (found.mean, found.low, found.high):
        assert (np.diff(part) >= -tolerance).all()


@given(data=st.data(), y=values)
@settings(max_examples=40, deadline=None)
def test_order_says_nothing(data: st.DataObject, y: Floats) -> None:
    order = np.array(data.draw(st.permutations(range(y.size))))
    strata = np.arange(y.size, dtype=np.int64) % 2
    found, moved = deconvolve(y, 3.0, strata), deconvolve(y[order], 3.0, strata[order])
    for field in FIELDS:
        assert np.array_equal(getattr(found, field)[order], getattr(moved, field))


def test_strata_do_not_see_each_other() -> None:
    rng = np.random.default_rng(3)
    empty, busy = rng.normal(0.0, 5.0, 500), rng.normal(50.0, 5.0, 500)
    both = deconvolve(np.concatenate([empty, busy]), 5.0, np.repeat([7, -3], 500).astype(np.int64))
    for rows, alone in ((slice(0, 500), deconvolve(empty, 5.0)), (slice(500, 1000), deconvolve(busy, 5.0))):
        for field in FIELDS:
            assert np.array_equal(getattr(both, field)[rows], getattr(alone, field))


def test_a_stratum_teaches_what_its_values_are() -> None:
    """A noisy 10 among empty ones is noise; among tens it is a ten."""
    rng = np.random.default_rng(4)
    among_empty = deconvolve(np.append(rng.normal(0.0, 5.0, 999), 10.0), 5.0).mean[-1]
    among_tens = deconvolve(np.append(rng.normal(10.0, 5.0, 999), 10.0), 5.0).mean[-1]
    assert among_empty < 3.0
    assert 9.0 < among_tens < 11.0


def test_nothing_at_all() -> None:
    for strata in (None, np.empty(0, dtype=np.int64)):
        found = deconvolve(np.empty(0), 2.0, strata)
        assert all(getattr(found, field).shape == (0,) for field in FIELDS)


def test_one_value_stays_near_itself() -> None:
    found = deconvolve(np.array([8.0]), 2.0)
    assert 7.0 < found.mean[0] < 9.0
    assert found.low[0] < 8.0 < found.high[0]
    low = deconvolve(np.array([-8.0]), 2.0)
    assert 0.0 <= low.mean[0] < 0.5
    assert low.low[0] == 0.0


def test_equal_values_have_one_posterior() -> None:
    found = deconvolve(np.full(200, 12.0), 3.0)
    for field in FIELDS:
        assert np.unique(getattr(found, field)).size == 1
    assert 11.0 < found.mean[0] < 13.0


def test_values_that_are_all_negative_are_estimated_as_nearly_nothing() -> None:
    found = deconvolve(-1.0 - np.arange(50.0) / 10.0, 2.0)
    assert (found.mean < 0.2).all()
    assert (found.low == 0.0).all()
    assert (found.high < 2.0).all()


def test_a_value_far_above_the_noise_speaks_for_itself() -> None:
    rng = np.random.default_rng(5)
    found: Posterior = deconvolve(np.append(rng.normal(0.0, 2.0, 300), 1e6), 2.0)
    assert found.mean[-1] == 1e6
    assert found.variance[-1] == pytest.approx(4.0)
    assert (found.low[-1], found.high[-1]) == pytest.approx((1e6 - 2 * Z95, 1e6 + 2 * Z95))


def test_units_do_not_matter() -> None:
    rng = np.random.default_rng(6)
    y = sparse(rng)[:500] + rng.normal(0.0, 4.0, 500)
    small, large = deconvolve(y, 4.0), deconvolve(256.0 * y, 4.0 * 256.0)
    assert large.mean == pytest.approx(256.0 * small.mean)
    assert large.high == pytest.approx(256.0 * small.high)
