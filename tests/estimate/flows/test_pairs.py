"""Flows from noisy scaled trips, held against made-up ones whose truth is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.estimate.deconvolve import deconvolve
from hereabouts.estimate.flows.pairs import FlowEstimate, estimate_flows

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Coverage = Callable[[Floats, NDArray[np.bool_]], tuple[float, float]]


def trips(rng: np.random.Generator, pairs: int) -> tuple[Floats, Floats, Integers]:
    """True trips by pair, what coarser numbers lead to expect of each, and how far apart the ends are.

    Half of all trips stay in their cell, and most pairs of distant cells see none.
    """
    separation = rng.integers(0, 5, pairs)
    mean = rng.lognormal(3.0 - separation, 1.2) * (rng.random(pairs) < 0.9 ** (4 * separation))
    truth = rng.poisson(mean).astype(np.float64)
    return truth, mean * rng.lognormal(0.0, 0.4, pairs), separation


@pytest.mark.parametrize("sd", [1.0, 3.0, 10.0])
@pytest.mark.parametrize("taken", [0.0, 0.3, 0.7])
def test_intervals_hold_the_truth_after_scaling(sd: float, taken: float, coverage: Coverage) -> None:
    """Scaling took some of every pair's trips, of each another share; one ratio puts back what it took on average."""
    estimates, held = [], []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        truth, expected, separation = trips(rng, 6000)
        kept = 1.0 - taken
        # Of a pair's devices some are scaled and some are not: what is left of it varies by a fifth.
        share = rng.beta(60.0 * kept, 60.0 * taken, truth.size) if taken else np.ones(truth.size)
        scaled = truth * share
        ratio = float(truth.sum() / scaled.sum())
        found = estimate_flows(scaled + rng.normal(0.0, sd, truth.size), sd**2, ratio, 1e-6, expected, separation)
        large = found.trips >= 1.0
        estimates.append(found.trips[large])
        held.append(((found.low <= truth) & (truth <= found.high))[large])
    overall, worst = coverage(np.concatenate(estimates), np.concatenate(held))
    assert overall >= 0.95
    assert worst >= 0.93


def test_values_and_intervals_are_possible() -> None:
    rng = np.random.default_rng(1)
    truth, expected, separation = trips(rng, 2000)
    found = estimate_flows(0.5 * truth + rng.normal(0, 4.0, truth.size), 16.0, 2.0, 0.01, expected, separation)
    for part in (found.trips, found.variance, found.low, found.high):
        assert part.shape == truth.shape
        assert np.isfinite(part).all()
        assert (part >= 0.0).all()
    assert (found.low <= found.trips).all()
    assert (found.trips <= found.high).all()


def test_it_errs_less_than_the_noise() -> None:
    rng = np.random.default_rng(2)
    truth, expected, separation = trips(rng, 6000)
    measured = truth + rng.normal(0.0, 6.0, truth.size)
    found = estimate_flows(measured, 36.0, 1.0, 0.0, expected, separation)
    assert np.abs(found.trips - truth).sum() < 0.6 * np.abs(np.maximum(measured, 0.0) - truth).sum()


def test_what_scaling_took_is_put_back_by_the_ratio() -> None:
    measured = np.array([0.0, 5.0, 500.0])
    once = flat(measured, ratio=1.0)
    twice = flat(measured, ratio=2.0)
    assert twice.trips == pytest.approx(2.0 * once.trips)
    assert twice.trips[2] == pytest.approx(1000.0)


def test_without_scaling_an_interval_is_that_of_the_noise() -> None:
    measured = np.array([-3.0, 0.0, 7.0, 40.0])
    found, posterior = flat(measured, ratio=1.0), deconvolve(measured, 1.0)
    assert found.trips == pytest.approx(posterior.mean)
    assert found.variance == pytest.approx(posterior.variance)
    assert found.low == pytest.approx(posterior.low)
    assert found.high == pytest.approx(posterior.high)


def test_a_ratio_that_may_be_off_widens_intervals_in_step_with_the_flow() -> None:
    measured = np.array([200.0, 2000.0])
    sure, unsure = flat(measured, ratio=2.0), flat(measured, ratio=2.0, ratio_variance=0.04)
    more_scaling = flat(measured, ratio=4.0)
    assert (unsure.high - unsure.trips > sure.high - sure.trips).all()
    assert (more_scaling.high / more_scaling.trips > sure.high / sure.trips).all()
    wide = unsure.high - unsure.trips
    assert wide[1] == pytest.approx(10.0 * wide[0], rel=0.01), "it is a share of the flow, not of the noise"


def test_a_pair_is_judged_among_pairs_that_look_like_it() -> None:
    """The same noisy number means more where much was expected, and between near cells."""
    rng = np.random.default_rng(3)
    quiet, busy = np.zeros(2000), np.full(2000, 15.0)
    measured = np.concatenate([quiet, busy]) + rng.normal(0.0, 5.0, 4000)
    measured[[0, -1]] = 12.0
    by_expectation = estimate_flows(
        measured, 25.0, 1.0, 0.0, np.concatenate([quiet, busy]), np.zeros(4000, dtype=np.int64)
    )
    by_distance = estimate_flows(measured, 25.0, 1.0, 0.0, np.zeros(4000), np.repeat([4, 0], 2000))
    for found in (by_expectation, by_distance):
        assert found.trips[0] < 5.0
        assert found.trips[-1] > 11.0


@pytest.mark.parametrize("pairs", [0, 1, 2])
def test_a_handful_of_pairs(pairs: int) -> None:
    found = flat(np.full(pairs, 30.0), ratio=1.5, ratio_variance=0.1)
    assert found.trips.shape == found.low.shape == found.high.shape == (pairs,)
    assert found.trips == pytest.approx(np.full(pairs, 45.0), rel=0.05)


def flat(measured: Floats, ratio: float, ratio_variance: float = 0.0) -> FlowEstimate:
    """Noise of deviation 1, all pairs alike."""
    return estimate_flows(
        measured, 1.0, ratio, ratio_variance, np.zeros(measured.size), np.zeros(measured.size, dtype=np.int64)
    )
