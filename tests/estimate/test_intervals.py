"""Intervals of values that cannot be negative: they hold the value, widen with its error, and stay above zero."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gamma

from hereabouts.estimate.deconvolve import Z95
from hereabouts.estimate.intervals import interval

sizes = st.floats(0.0, 1e7)


@given(rows=st.lists(st.tuples(sizes, sizes), min_size=1, max_size=20))
def test_an_interval_holds_its_value_and_nothing_below_zero(rows: list[tuple[float, float]]) -> None:
    value, variance = np.array(rows).T
    low, high = interval(value, variance)
    assert np.isfinite(high).all()
    assert (low >= 0.0).all()
    assert (low <= value).all()
    assert (value <= high).all()


@given(rows=st.lists(st.tuples(sizes, sizes), min_size=1, max_size=20))
def test_it_is_no_shorter_than_a_normal_one(rows: list[tuple[float, float]]) -> None:
    value, variance = np.array(rows).T
    low, high = interval(value, variance)
    assert (low <= np.maximum(value - Z95 * np.sqrt(variance), 0.0)).all()
    assert (high >= value + Z95 * np.sqrt(variance)).all()


@pytest.mark.parametrize("value", [0.01, 1.0, 20.0, 5000.0])
def test_it_widens_with_the_variance(value: float) -> None:
    """As long as the deviation is at most twice the value; beyond that the upper end is more and more a normal one."""
    variance = np.linspace(0.0, 4.0 * value**2, 400)
    low, high = interval(np.full(variance.size, value), variance)
    assert (np.diff(low) <= 1e-9 * value).all()
    assert (np.diff(high) >= -1e-9 * value).all()


@pytest.mark.parametrize("variance", [0.5, 25.0, 400.0])
def test_it_moves_up_with_the_value(variance: float) -> None:
    """From two deviations on; a value that is nearer to nothing has the longer tail."""
    deviation = np.sqrt(variance)
    value = np.linspace(2.0 * deviation, 40.0 * deviation, 800)
    low, high = interval(value, np.full(value.size, variance))
    assert (np.diff(low) >= -1e-9).all()
    # Where the normal end takes over from the skewed one, the upper end may step back by a hair.
    assert (np.diff(high) >= -0.1 * deviation).all()


def test_a_value_of_zero_has_an_upper_end() -> None:
    low, high = interval(np.array([0.0, 0.0]), np.array([9.0, 0.0]))
    assert low.tolist() == [0.0, 0.0]
    assert high == pytest.approx([3.0 * Z95, 0.0])


def test_a_certain_value_is_its_own_interval() -> None:
    low, high = interval(np.array([0.0, 7.0, 1e6]), np.zeros(3))
    assert low.tolist() == high.tolist() == [0.0, 7.0, 1e6]


def test_a_large_value_has_a_normal_interval() -> None:
    low, high = interval(np.array([1000.0]), np.array([100.0]))
    assert (low[0], high[0]) == pytest.approx((1000.0 - 10.0 * Z95, 1000.0 + 10.0 * Z95))


def test_a_small_value_may_be_far_larger_than_it_seems() -> None:
    """Its error is skewed: the upper end is that of a gamma distribution of the same mean and variance."""
    low, high = interval(np.array([2.0]), np.array([16.0]))
    assert low[0] == 0.0
    assert high[0] == pytest.approx(gamma.ppf(0.995, a=0.25, scale=8.0))
    assert high[0] > 2.0 + 4.0 * Z95


@pytest.mark.parametrize("shape", [0.5, 3.0, 100.0])
def test_it_holds_gamma_and_normal_errors_alike(shape: float) -> None:
    rng = np.random.default_rng(1)
    value, scale = 10.0, 10.0 / shape
    low, high = (float(end[0]) for end in interval(np.array([value]), np.array([value * scale])))
    skewed = rng.gamma(shape, scale, 20_000)
    normal = np.maximum(rng.normal(value, np.sqrt(value * scale), 20_000), 0.0)
    for truth in (skewed, normal):
        assert float(((low <= truth) & (truth <= high)).mean()) > 0.95


def test_any_shape() -> None:
    low, high = interval(np.ones((3, 5)), np.ones((3, 5)))
    assert low.shape == high.shape == (3, 5)
    low, high = interval(np.empty((0, 24)), np.empty((0, 24)))
    assert low.shape == high.shape == (0, 24)


def test_what_it_was_given_is_left_alone() -> None:
    value, variance = np.array([1.0, 2.0]), np.array([4.0, 4.0])
    interval(value, variance)
    assert (value.tolist(), variance.tolist()) == ([1.0, 2.0], [4.0, 4.0])
