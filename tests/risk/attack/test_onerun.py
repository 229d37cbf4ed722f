"""What canaries prove: the published check values, and that the tests err as seldom as they say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from hereabouts.risk.attack.onerun import (
    epsilon_from_one_run,
    excess_of_means,
    guesses_needed,
    means_flagged,
    needed,
    p_value,
    right_guesses,
    share_right,
)


@pytest.mark.parametrize(
    ("canaries", "guesses", "right", "delta", "epsilon"),
    [(1_000, 100, 75, 1e-4, 0.673), (100_000, 1_510, 1_439, 1e-5, 2.676)],
)
def test_the_published_values_come_out(canaries: int, guesses: int, right: int, delta: float, epsilon: float) -> None:
    assert epsilon_from_one_run(canaries, guesses, right, delta) == pytest.approx(epsilon, abs=5e-4)


def test_the_bound_is_that_of_the_formula_summed_up() -> None:
    q = 1 / (1 + math.exp(-0.4))
    law = stats.binom(60, q)
    worst = max(sum(law.pmf(k) for k in range(44 - i, 44)) / i for i in range(1, 45))
    assert p_value(500, 60, 44, 0.4, 1e-3) == pytest.approx(law.sf(43) + 2 * 500 * 1e-3 * worst)


def test_chance_proves_nothing() -> None:
    assert epsilon_from_one_run(1_000, 100, 50, 1e-6) == 0.0
    assert p_value(10, 4, 0, 1.0, 0.0) == 1.0


@pytest.mark.parametrize("epsilon", [0.5, 2.0])
def test_it_is_calibrated_where_it_is_tight(epsilon: float) -> None:
    """Randomised response at epsilon: of 200 runs, 5 % may prove too much; fewer than 18 do."""
    rng = np.random.default_rng(7)
    right = rng.binomial(500, 1 / (1 + math.exp(-epsilon)), 200)
    proved = np.array([epsilon_from_one_run(500, 500, int(v), 0.0) for v in right])
    assert (proved > epsilon).sum() < 18
    assert np.median(proved) > 0.5 * epsilon


def test_the_highest_are_guessed_in_and_the_lowest_out() -> None:
    assert right_guesses(np.array([3.0, 2.0, -5.0]), np.array([0.0, -1.0, 9.0]), 4) == 2
    assert right_guesses(np.array([3.0, 2.0]), np.array([0.0, -1.0]), 4) == 4


def scores(rng: np.random.Generator, many: int, mean: float, deviation: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(mean, deviation, many // 2), rng.normal(0.0, deviation, many // 2)


@pytest.mark.parametrize("mu", [0.1, 0.22, 1.5])
def test_as_claimed_is_flagged_once_in_a_hundred(mu: float) -> None:
    rng = np.random.default_rng(8)
    flagged = sum(means_flagged(*scores(rng, 2_000, mu), mu) for _ in range(1_000))
    assert flagged <= 22  # Poisson(10): more once in 4,000 seeds


@pytest.mark.parametrize("mu", [0.1, 0.22, 1.5])
@pytest.mark.parametrize(("mean", "deviation"), [(2.0, 1.0), (1.0, 0.5), (10.0, 1.0)])
def test_half_the_noise_and_twice_the_length_are_found(mu: float, mean: float, deviation: float) -> None:
    rng = np.random.default_rng(9)
    assert all(means_flagged(*scores(rng, needed(mu), mean * mu, deviation), mu) for _ in range(20))


def test_what_has_no_noise_is_found_at_once() -> None:
    assert excess_of_means(np.ones(20), np.zeros(20), 0.2) == math.inf
    assert excess_of_means(np.ones(20), np.ones(20), 0.2) == -math.inf


def test_weaker_claims_need_fewer_canaries() -> None:
    assert needed(0.22) == math.ceil(200 / 0.22**2)
    assert needed(3.0) == 1_000
    assert needed(0.001) == 200_000


def test_weaker_claims_need_more_guesses() -> None:
    assert guesses_needed(0.5) == 1_000
    assert 1_000 < guesses_needed(5.0) < 10_000
    assert guesses_needed(100.0) == 20_000
    assert share_right(5.0) ** guesses_needed(5.0) < 1e-8
