"""Trials that share noise: their intervals hold what they are of as often as they say, where others' do not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

from hereabouts.risk.attack.clusters import area_together, mean_bounds, rate_together, rates_at
from hereabouts.risk.attack.figures import from_publications
from hereabouts.risk.figures import Procedure
from hereabouts.risk.intervals import Z95, area_under_curve

TARGETS, PAIRS, MU = 60, 30, 0.5
HOW = Procedure("a trial", "a test")
Pair = tuple[np.ndarray, np.ndarray]


def publications(rng: np.random.Generator, shared: float, *, alike: bool = False) -> Pair:
    """Scores of targets in pairs of publications: all of one publication are moved together by noise of that size.

    `alike`: all targets are in in the same one of a pair, so that nothing of that evens out.
    """
    coins = rng.random((1 if alike else TARGETS, PAIRS)) < 0.5
    first, second = (shared * rng.normal(size=(1, PAIRS)) for _ in range(2))
    own = rng.normal(size=(2, TARGETS, PAIRS))
    return MU + own[0] + np.where(coins, first, second), own[1] + np.where(coins, second, first)


def area_of(shared: float) -> float:
    return float(special.ndtr(MU / math.sqrt(2 * (1 + shared**2))))


@pytest.mark.parametrize("shared", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("alike", [False, True])
def test_intervals_of_areas_cover_95_of_100(shared: float, *, alike: bool) -> None:
    """Of 400 simulations 380 are expected to; fewer than 361 once in 100,000 times."""
    rng, truth = np.random.default_rng(1), area_of(shared)
    held = 0
    for _ in range(400):
        _, low, high = area_together(*publications(rng, shared, alike=alike))
        held += low <= truth <= high
    assert 360 < held < 397


def test_intervals_that_take_trials_for_independent_are_too_sure() -> None:
    """So the cure is needed: where all targets share half of their noise, theirs hold less than half of the time."""
    rng, truth = np.random.default_rng(2), area_of(1.0)
    held = 0
    for _ in range(100):
        area, error = area_under_curve(*publications(rng, 1.0, alike=True))
        held += abs(area - truth) <= Z95 * error
    assert held < 50


@pytest.mark.parametrize("shared", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("threshold", [0.5, 1.5])
def test_intervals_of_rates_cover_too(shared: float, threshold: float) -> None:
    """At least 90 of 100: by 15 publications a rate that is not near 0 or 1."""
    rng = np.random.default_rng(3)
    truth = float(special.ndtr((MU - threshold) / math.sqrt(1 + shared**2)))
    held = 0
    for _ in range(200):
        inside, _ = publications(rng, shared)
        rates = (inside[:, 1::2] > threshold).mean(axis=0)
        _, low, high = rate_together(rates, TARGETS * rates.size)
        held += low <= truth <= high
    assert held >= 180


@pytest.mark.parametrize("mean", [0.01, 0.3])
@pytest.mark.parametrize("alike", [True, False])
def test_what_is_proved_holds_however_rates_are_spread(mean: float, *, alike: bool) -> None:
    """All of a publication's targets hit or none, which is the worst there is; or each by itself."""
    rng = np.random.default_rng(4)
    wrong = 0
    for _ in range(1_000):
        hits = rng.random((1 if alike else TARGETS, 15)) < mean
        low, high = mean_bounds(hits.mean(axis=0))
        wrong += not low <= mean <= high
    assert wrong <= 50


@pytest.mark.parametrize("shared", [0.0, 1.0, 3.0])
def test_a_sound_release_is_not_proved_to_break_its_claim(shared: float) -> None:
    """In and out differ by nothing: 5 of 100 may prove something by chance, and hardly any do."""
    rng = np.random.default_rng(5)
    wrong = 0
    for _ in range(100):
        inside, outside = publications(rng, shared, alike=True)
        epsilon = from_publications("release", inside - MU, outside, 1e-6, HOW).epsilon.value
        assert epsilon is not None
        wrong += epsilon > 0
    assert wrong <= 5


def test_a_release_that_tells_all_is_proved_to() -> None:
    rng = np.random.default_rng(6)
    inside, outside = publications(rng, 0.0)
    epsilon = from_publications("release", inside + 10, outside, 1e-6, HOW).epsilon.value
    assert epsilon is not None
    assert 0.8 < epsilon < math.log(PAIRS)


def test_bounds_of_a_mean_are_between_none_and_all() -> None:
    assert mean_bounds(np.zeros(10))[0] == pytest.approx(0.0, abs=1e-12)
    assert mean_bounds(np.zeros(10))[1] == pytest.approx(1 - 0.025 ** (1 / 10))
    assert mean_bounds(np.ones(10))[1] == 1.0


def test_the_threshold_is_set_on_publications_that_are_not_counted() -> None:
    inside, outside = np.zeros((5, 6)), np.zeros((5, 6))
    inside[:, 1::2], outside[:, ::2] = 2.0, 1.0
    true, false = rates_at(inside, outside, 0.01)
    assert true.tolist() == [1.0, 1.0, 1.0]
    assert false.tolist() == [0.0, 0.0, 0.0]


def test_one_publication_has_no_interval() -> None:
    with pytest.raises(ValueError, match="as many in as out, from 2"):
        area_together(np.zeros((5, 1)), np.zeros((5, 1)))
