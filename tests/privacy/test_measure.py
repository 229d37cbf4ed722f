"""Noise of the one door: of the stated scale (and seen to be not of another), whole, centred, and never the same.

Tests of noise accept or reject by :func:`is_discrete_gaussian`, whose rate of false alarms is one in a million a
call; some thirty calls make it one run of the suite in thirty thousand. No seed is set where noise is drawn.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from hereabouts.privacy import measure as measuring
from hereabouts.privacy.measure import Contribution, Measurement, measure, together

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

FALSE_ALARMS = 1e-6
DRAWS = 5000
SCALES = [Fraction(1, 2), Fraction(1), Fraction(37, 10), Fraction(30), Fraction(1000), Fraction(10**6)]


# --- the test of noise, and tests of it ------------------------------------------------------------------------------


def probabilities(scale: float) -> tuple[Integers, Floats]:
    """The law N_Z(0, scale**2): integers to 12 scales either way, and ``exp(-k**2 / (2 scale**2))``, normalised."""
    reach = math.ceil(12 * scale) + 2
    support = np.arange(-reach, reach + 1)
    weight = np.exp(-0.5 * (support / scale) ** 2)
    return support, weight / weight.sum()


def bins_of(scale: float, draws: int) -> tuple[Integers, Floats]:
    """Some 20 bins of about equal probability, at least 50 draws each: upper ends (the last is open), and laws."""
    ends = np.unique(np.round(scale * stats.norm.ppf(np.arange(1, 20) / 20))).astype(np.int64)
    if scale <= 1000:
        support, law = probabilities(scale)
        below = np.cumsum(law)[np.searchsorted(support, ends)]
    else:  # the law's sums are the normal integral to the middle between two integers, up to 1 / (100 scale**2)
        below = stats.norm.cdf((ends + 0.5) / scale)
    kept: list[int] = []
    last = 0.0
    for place, share in enumerate(below):
        if min(share - last, 1 - share) * draws >= 50:
            kept.append(place)
            last = share
    return ends[kept], np.diff(below[kept], prepend=0.0, append=1.0)


def is_discrete_gaussian(sample: Integers, scale: float, false_alarms: float = FALSE_ALARMS) -> bool:
    """Whether a sample passes for independent draws N_Z(0, scale**2).

    Three tests share the rate of false alarms: the mean is 0 (normal); the mean square is the law's (chi-square,
    exact for a normal law; a gamma law with the right mean and variance for this one); and bins are filled as the
    law says (Pearson's chi-square).
    """
    n, each = sample.size, false_alarms / 3
    values = sample.astype(np.float64)
    if scale <= 1000:
        support, law = probabilities(scale)
        second, fourth = float(law @ support**2.0), float(law @ support**4.0)
    else:
        second, fourth = scale**2, 3 * scale**4
    centred = 2 * stats.norm.sf(abs(values.sum()) / math.sqrt(n * second))
    spread = fourth - second**2
    total = stats.gamma(a=n * second**2 / spread, scale=spread / second)
    wide = 2 * min(total.cdf((values**2).sum()), total.sf((values**2).sum()))
    ends, shares = bins_of(scale, n)
    filled = np.bincount(np.searchsorted(ends, sample), minlength=shares.size)
    shaped = stats.chi2.sf(((filled - n * shares) ** 2 / (n * shares)).sum(), shares.size - 1)
    return bool(min(centred, wide, shaped) > each)


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.7, 30.0])
def test_the_test_of_noise_raises_false_alarms_as_seldom_as_it_says(scale: float) -> None:
    """Seen at one in twenty, on samples of the law itself (these, and only these, are from a seed)."""
    rng = np.random.default_rng(20080202)
    support, law = probabilities(scale)
    rejected = sum(not is_discrete_gaussian(rng.choice(support, 1000, p=law), scale, 0.05) for _ in range(200))
    assert rejected <= 24  # at most 10 are expected


def test_the_test_of_noise_rejects_other_laws_of_the_same_spread() -> None:
    rng = np.random.default_rng(20080202)
    laplace = np.rint(rng.laplace(0, 30 / math.sqrt(2), DRAWS)).astype(np.int64)
    assert laplace.std() == pytest.approx(30, rel=0.05)
    assert not is_discrete_gaussian(laplace, 30.0)
    rounded = np.rint(rng.normal(0, 0.5, DRAWS)).astype(np.int64)
    assert not is_discrete_gaussian(rounded, 0.5), "rounding a normal law is not the discrete one"
    shifted = np.rint(rng.normal(3, 30, DRAWS)).astype(np.int64)
    assert not is_discrete_gaussian(shifted, 30.0)


# --- the noise of a measurement --------------------------------------------------------------------------------------


def contribution(squared_sensitivity: int = 168) -> Contribution:
    """Some sums of either sign, in two dimensions."""
    sums = np.arange(DRAWS, dtype=np.int64).reshape(50, -1) ** 2 - 10**7
    return Contribution(sums, squared_sensitivity)


def noise_of(found: Measurement, exact: Contribution) -> Integers:
    return (found.values - exact.sums).ravel()


def rho_for(scale: Fraction, squared_sensitivity: int) -> Fraction:
    return squared_sensitivity / (2 * scale**2)


@pytest.mark.parametrize("scale", SCALES, ids=str)
def test_noise_has_the_stated_scale_and_is_seen_to_have_no_other(scale: Fraction) -> None:
    """The same test accepts it at its scale, and rejects noise of 0.7 and of 1.3 times that."""
    exact = contribution()
    rho = rho_for(scale, 168)
    stated = measure(exact, rho)
    assert stated.scale == pytest.approx(float(scale), rel=1e-15)
    assert is_discrete_gaussian(noise_of(stated, exact), stated.scale)
    for factor in (Fraction(7, 10), Fraction(13, 10)):
        other = measure(exact, rho / factor**2)
        assert other.scale == pytest.approx(float(scale * factor), rel=1e-15)
        assert not is_discrete_gaussian(noise_of(other, exact), stated.scale)


@pytest.mark.parametrize("squared_sensitivity", [1, 3, 168, 4 * 256**2, 4 * (8192 * 256) ** 2])
def test_noise_grows_with_the_sensitivity_and_shrinks_with_what_is_paid(squared_sensitivity: int) -> None:
    exact = contribution(squared_sensitivity)
    rho = Fraction(1, 50)
    assert is_discrete_gaussian(noise_of(measure(exact, rho), exact), math.sqrt(25 * squared_sensitivity))


def test_values_are_whole_numbers_in_the_shape_that_was_given() -> None:
    exact = contribution()
    found = measure(exact, Fraction(1))
    assert found.values.dtype == np.int64
    assert found.values.shape == exact.sums.shape
    assert found.squared_sensitivity == 168
    assert found.rho == Fraction(1)


@pytest.mark.parametrize("shape", [(), (0,), (0, 168), (1,), (3, 4, 5)])
def test_any_shape_is_measured(shape: tuple[int, ...]) -> None:
    found = measure(Contribution(np.zeros(shape, dtype=np.int64), 1), Fraction(1))
    assert found.values.shape == shape
    assert found.values.dtype == np.int64


def test_what_was_exact_is_not_touched() -> None:
    exact = contribution()
    before = exact.sums.copy()
    measure(exact, Fraction(1))
    assert np.array_equal(exact.sums, before)


def test_two_measurements_of_the_same_are_independent() -> None:
    """No seed: of 5,000 draws at this scale, hardly one is the same by chance (0.0014; four: one in 10**13)."""
    exact = contribution()
    first, second = (noise_of(measure(exact, rho_for(Fraction(10**6), 168)), exact) for _ in range(2))
    assert (first == second).sum() < 4
    correlation = (first.astype(np.float64) @ second) / (1e12 * math.sqrt(DRAWS))
    assert abs(correlation) < 5  # one in 1.7 million


def test_draws_of_one_measurement_are_independent() -> None:
    exact = contribution()
    noise = noise_of(measure(exact, rho_for(Fraction(1000), 168)), exact) / 1000
    for lag in (1, 2, 100):
        assert abs(noise[lag:] @ noise[:-lag]) / math.sqrt(DRAWS - lag) < 5.5


# --- the price -------------------------------------------------------------------------------------------------------

sensitivities = st.one_of(st.integers(1, 10**4), st.integers(1, 2**46))
paid = st.one_of(
    st.fractions(min_value=Fraction(1, 2**40), max_value=Fraction(20), max_denominator=2**46),
    st.builds(lambda steps, share: steps * share, st.integers(1, 2**40), st.just(Fraction(9, 10 * 2**40 * 37))),
)


def test_what_is_stated_is_what_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[int, float]] = []

    def record(count: int, scale: float) -> NDArray[np.int64]:
        drawn.append((count, scale))
        return np.zeros(count, dtype=np.int64)

    monkeypatch.setattr(measuring, "discrete_gaussian", record)
    found = measure(Contribution(np.zeros((3, 5), dtype=np.int64), 168), Fraction(1, 41))
    assert drawn == [(15, found.scale)]


@given(squared_sensitivity=sensitivities, rho=paid)
@settings(max_examples=200, deadline=None)
def test_noise_is_never_less_than_what_is_paid_calls_for(squared_sensitivity: int, rho: Fraction) -> None:
    """In exact fractions; and no more than one step of a float above it."""
    found = measure(Contribution(np.zeros(0, dtype=np.int64), squared_sensitivity), rho)
    assert Fraction(found.scale) ** 2 >= squared_sensitivity / (2 * rho)
    assert Fraction(math.nextafter(found.scale, 0.0)) ** 2 < squared_sensitivity / (2 * rho)


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("squared_sensitivity", "rho"), [(168, Fraction(0)), (168, Fraction(-1)), (0, Fraction(1)), (-4, Fraction(1))]
)
def test_nothing_is_free_and_nothing_is_without_bound(squared_sensitivity: int, rho: Fraction) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        measure(contribution(squared_sensitivity), rho)


@pytest.mark.parametrize(
    ("squared_sensitivity", "rho"), [(168, 0.5), (168.0, Fraction(1)), (np.int64(168), Fraction(1))]
)
def test_prices_and_bounds_are_exact_numbers(squared_sensitivity: Any, rho: Any) -> None:
    with pytest.raises(TypeError, match="expected a Fraction or an int"):
        measure(contribution(squared_sensitivity), rho)


@pytest.mark.parametrize("dtype", [np.float64, np.uint64, np.int32, np.bool_])
def test_sums_are_64_bit_integers(dtype: Any) -> None:
    """A float's lattice tells what noise hides; unsigned and signed ones together become floats in numpy."""
    with pytest.raises(TypeError, match="expected int64"):
        measure(Contribution(np.zeros(3, dtype=dtype), 1), Fraction(1))


@pytest.mark.parametrize("value", [2**62 + 1, -(2**62) - 1, 2**63 - 1, -(2**63)])
def test_sums_that_could_wrap_around_are_not_measured(value: int) -> None:
    with pytest.raises(OverflowError, match="wrap around"):
        measure(Contribution(np.array([0, value], dtype=np.int64), 1), Fraction(1))


@pytest.mark.parametrize("value", [2**62, -(2**62)])
def test_the_largest_sums_are_measured_exactly(value: int) -> None:
    found = measure(Contribution(np.array([value], dtype=np.int64), 1), Fraction(1))
    assert abs(int(found.values[0]) - value) < 20


def test_noise_without_room_in_64_bits_is_refused() -> None:
    """Clipped noise would be a constant, and sums plus a constant are the sums."""
    with pytest.raises(ValueError, match="noise scale"):
        measure(contribution(), Fraction(1, 10**50))


# --- unopened --------------------------------------------------------------------------------------------------------


def test_a_contribution_shows_its_shape_and_never_its_sums() -> None:
    exact = Contribution(np.array([[123_456, 7]], dtype=np.int64), 168)
    for text in (repr(exact), str(exact), f"{exact}", str([exact])):
        assert "(1, 2)" in text
        assert "123" not in text


def test_groups_of_devices_are_put_together() -> None:
    """Of which no device is in two: each changes the sums by no more than it did."""
    parts = [Contribution(np.array([[1, 2], [3, place]]), 5) for place in range(3)]
    whole = together(parts)
    assert whole.sums.dtype == np.int64
    assert whole.sums.tolist() == [[3, 6], [9, 3]]
    assert whole.squared_sensitivity == 5


@pytest.mark.parametrize("other", [Contribution(np.zeros(3, np.int64), 5), Contribution(np.zeros(2, np.int64), 4)])
def test_what_is_not_of_one_thing_is_not_put_together(other: Contribution) -> None:
    with pytest.raises(ValueError, match="one shape"):
        together([Contribution(np.zeros(2, np.int64), 5), other])
    with pytest.raises(ValueError, match="one shape"):
        together([])
