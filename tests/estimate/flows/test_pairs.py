"""Flows from noisy scaled trips, held against made-up ones whose truth is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.estimate.deconvolve import deconvolve
from hereabouts.estimate.flows.expect import Pairs
from hereabouts.estimate.flows.pairs import Judged, judge_flows
from hereabouts.estimate.flows.ratios import Ratios

Floats = NDArray[np.float64]
Coverage = Callable[[Floats, NDArray[np.bool_]], tuple[float, float]]


def town(rng: np.random.Generator, cells: int) -> tuple[Floats, Pairs]:
    """True trips by pair of a ring of cells, and the pairs: a third stay in their cell, most pairs see none."""
    size = np.exp(1.5 * np.sin(np.arange(cells) / 4.0) + rng.normal(0.0, 0.7, cells))
    gravity = np.outer(size, size)
    mean = gravity * np.where(np.eye(cells), 20.0, 0.4) * rng.lognormal(0.0, 0.6, gravity.shape)
    truth = rng.poisson(mean).ravel().astype(np.float64)
    origin, destination = np.divmod(np.arange(cells**2), cells)
    place = np.arange(cells)
    beside = np.full((cells, 6), -1)
    beside[:, 0], beside[:, 1] = (place + 1) % cells, (place - 1) % cells
    apart = np.minimum((origin - destination) % cells, (destination - origin) % cells)
    parent, whole = np.zeros(cells, dtype=np.int64), np.full(cells**2, truth.sum())
    return truth, Pairs(origin, destination, np.minimum(apart, 2), beside, parent, whole)


def alike(ratio: float, variance: float = 0.0) -> Ratios:
    """The same ratio for both kinds of pairs."""
    return Ratios(np.full(2, ratio), np.full(2, variance))


@pytest.mark.parametrize("sd", [1.0, 3.0, 10.0])
@pytest.mark.parametrize("taken", [0.0, 0.3, 0.6])
def test_intervals_hold_the_truth_after_scaling(sd: float, taken: float, coverage: Coverage) -> None:
    """Each trip lost another share, those of one pair partly the same; one ratio puts back what it was on average."""
    estimates, held = [], []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        truth, pairs = town(rng, 60)
        kept = 1.0 - taken
        share = np.ones(truth.size)
        if taken:
            common = rng.beta(60.0 * kept, 60.0 * taken, truth.size)
            own = rng.beta(truth * kept + 1e-3, truth * taken + 1e-3)
            share = 0.5 * (common + own)
        scaled = truth * share
        ratio = alike(float(truth.sum() / scaled.sum()), 1e-6)
        found = judge_flows(scaled + rng.normal(0.0, sd, truth.size), sd**2, ratio, pairs).settled()
        large = found.trips >= 1.0
        estimates.append(found.trips[large])
        held.append(((found.low <= truth) & (truth <= found.high))[large])
    overall, worst = coverage(np.concatenate(estimates), np.concatenate(held))
    assert overall >= 0.95
    assert worst >= 0.93


def test_values_and_intervals_are_possible() -> None:
    rng = np.random.default_rng(1)
    truth, pairs = town(rng, 40)
    judged = judge_flows(0.5 * truth + rng.normal(0, 4.0, truth.size), 16.0, alike(2.0, 0.01), pairs)
    found = judged.settled()
    for part in (found.trips, found.variance, found.low, found.high, judged.mean, judged.middle):
        assert part.shape == truth.shape
        assert np.isfinite(part).all()
        assert (part >= 0.0).all()
    assert (found.low <= found.trips).all()
    assert (found.trips <= found.high).all()


def test_it_errs_far_less_than_the_noise() -> None:
    rng = np.random.default_rng(2)
    truth, pairs = town(rng, 60)
    measured = truth + rng.normal(0.0, 6.0, truth.size)
    judged = judge_flows(measured, 36.0, alike(1.0), pairs)
    plain = np.abs(np.maximum(measured, 0.0) - truth).sum()
    assert np.abs(judged.settled().trips - truth).sum() < 0.5 * plain
    assert np.abs(judged.mean - truth).sum() < 0.5 * plain
    assert judged.mean.sum() == pytest.approx(truth.sum(), rel=0.05), "means are right on average"


def test_a_flow_within_its_own_deviation_is_settled_at_its_middle() -> None:
    judged = Judged(*(np.array(v) for v in ([2.0, 2.0], [0.5, 0.5], [9.0, 1.0], [0.0, 0.0], [8.0, 4.0])))
    found = judged.settled()
    assert found.trips.tolist() == [0.5, 2.0]
    assert found.variance.tolist() == [9.0 + 1.5**2, 1.0]


def test_what_scaling_took_is_put_back_by_the_ratio_of_its_kind() -> None:
    _, pairs = town(np.random.default_rng(3), 2)
    measured = np.full(4, 500.0)
    found = judge_flows(measured, 1.0, Ratios(np.array([3.0, 2.0]), np.zeros(2)), pairs)
    assert found.mean == pytest.approx([1500.0, 1000.0, 1000.0, 1500.0])
    assert found.middle == pytest.approx(found.mean)


def test_without_scaling_an_interval_is_that_of_the_noise() -> None:
    _, pairs = town(np.random.default_rng(3), 2)
    measured = np.array([40.0, 35.0, 50.0, 60.0])
    found, posterior = judge_flows(measured, 1.0, alike(1.0), pairs), deconvolve(measured, 1.0)
    for part, plain in zip((found.mean, found.variance, found.low, found.high), vars(posterior).values(), strict=False):
        assert part == pytest.approx(plain)


def test_a_ratio_that_may_be_off_widens_intervals_in_step_with_the_flow() -> None:
    _, pairs = town(np.random.default_rng(3), 2)
    measured = np.array([200.0, 200.0, 200.0, 2000.0])
    ratios = (alike(2.0), alike(2.0, 0.04), alike(4.0))
    sure, unsure, more_scaling = (judge_flows(measured, 1.0, each, pairs) for each in ratios)
    assert (unsure.high - unsure.mean > sure.high - sure.mean).all()
    assert (more_scaling.high / more_scaling.mean > sure.high / sure.mean).all()
    wide = unsure.high - unsure.mean
    assert 7.0 < wide[3] / wide[0] < 10.0, "most of it is a share of the flow, some is that of a count"


@pytest.mark.parametrize("cells", [1, 2])
def test_a_handful_of_pairs(cells: int) -> None:
    _, pairs = town(np.random.default_rng(3), cells)
    found = judge_flows(np.full(cells**2, 30.0), 1.0, alike(1.5, 0.1), pairs).settled()
    assert found.trips == pytest.approx(np.full(cells**2, 45.0), rel=0.05)
