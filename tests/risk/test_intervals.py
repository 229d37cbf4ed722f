"""Intervals: values of the literature, and that they hold as often as they say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special, stats

from hereabouts.risk.intervals import (
    Z95,
    Operating,
    area_under_curve,
    at_false_rate,
    clopper_pearson,
    epsilon_lower_bound,
    quantile,
    wilson,
)


def test_quantiles_of_the_normal_law() -> None:
    assert quantile(0.95) == pytest.approx(Z95)
    assert quantile(0.99) == pytest.approx(2.575829, abs=1e-6)


@pytest.mark.parametrize(("hits", "trials"), [(0, 10), (1, 10), (5, 10), (10, 10), (263, 1000)])
def test_the_intervals_are_those_of_scipy(hits: int, trials: int) -> None:
    test = stats.binomtest(hits, trials)
    for ours, method in ((wilson, "wilson"), (clopper_pearson, "exact")):
        theirs = test.proportion_ci(0.95, method=method)
        assert ours(hits, trials) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_nothing_of_nothing_is_no_rate() -> None:
    for interval in (wilson, clopper_pearson):
        with pytest.raises(ValueError, match="got 3 of 2"):
            interval(3, 2)
        with pytest.raises(ValueError, match="n >= 1"):
            interval(0, 0)


def test_an_area_is_the_share_of_pairs_in_their_order() -> None:
    inside, outside = np.array([[2.0, 1.0, 0.0]]), np.array([[1.0, -1.0]])
    assert area_under_curve(inside, outside)[0] == pytest.approx((2 + 1.5 + 1) / 6)
    with pytest.raises(ValueError, match="at least 2"):
        area_under_curve(inside, outside[:, :1])


def test_the_error_of_an_area_is_what_it_says() -> None:
    rng = np.random.default_rng(1)
    mu = 0.7
    found = [area_under_curve(rng.normal(mu, 1, (20, 8)), rng.normal(0, 1, (20, 8))) for _ in range(400)]
    areas, errors = np.array(found).T
    assert areas.mean() == pytest.approx(special.ndtr(mu / math.sqrt(2)), abs=4 * areas.std() / 20)
    assert areas.std() == pytest.approx(errors.mean(), rel=0.12)


def test_a_threshold_is_set_on_trials_that_do_not_count() -> None:
    rng = np.random.default_rng(2)
    found = at_false_rate(rng.normal(3, 1, (10, 200)), rng.normal(0, 1, (10, 200)), 0.01)
    assert (found.inside, found.outside) == (2000, 1000)
    assert found.false / found.outside == pytest.approx(0.01, abs=0.015)
    assert found.true / found.inside == pytest.approx(special.ndtr(3 - 2.326), abs=0.12)


def test_epsilon_is_proved_from_below() -> None:
    assert epsilon_lower_bound(Operating(10, 1000, 10, 1000), 1e-6) == 0.0
    assert epsilon_lower_bound(Operating(0, 10, 0, 10), 1e-6) == 0.0
    # Everything right, a thousand times: that much and no more can be proved with so many trials.
    exact = epsilon_lower_bound(Operating(1000, 1000, 0, 1000), 0.0)
    assert exact == pytest.approx(math.log(0.025 ** (1 / 1000) / (1 - 0.025 ** (1 / 1000))))


def test_the_bound_holds_as_often_as_it_says() -> None:
    """Of randomised response at epsilon 1, 95 % of bounds are below it: 9 % or more exceed it once in 3000."""
    rng = np.random.default_rng(3)
    right = math.e / (1 + math.e)
    runs = [Operating(int(rng.binomial(500, right)), 500, int(rng.binomial(500, 1 - right)), 500) for _ in range(400)]
    assert sum(epsilon_lower_bound(run, 0.0) > 1.0 for run in runs) < 36
