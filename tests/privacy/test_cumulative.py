"""Thresholds of the discrete Gaussian: what an independent computation finds, to the last bit that is claimed."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.privacy import cumulative
from hereabouts.privacy.cumulative import thresholds

ExactLaw = Callable[[float, int], list[int]]

SCALES = [1e-3, 0.3, 1.0, 4.53, 59.7, 3000.5]


def are_thresholds(found: list[int], exact: list[int], bits: int) -> bool:
    """Whether these are the exact ones, rounded down, up to the first that is all ones."""
    end = (1 << bits) - 1
    return found == exact[: len(found)] and found[-1:] == [end] and end not in found[:-1]


@pytest.mark.parametrize("bits", [63, 127])
@pytest.mark.parametrize("scale", SCALES)
def test_thresholds_are_those_of_an_independent_computation(scale: float, bits: int, exact_law: ExactLaw) -> None:
    """A bound may be one lower where the value is within 2**-32 of a whole number; none of these is."""
    assert are_thresholds(thresholds(Fraction(scale) ** 2, bits), exact_law(scale, bits), bits)


@pytest.mark.parametrize("scale", [0.3, 4.53, 59.7])
def test_a_threshold_that_is_off_by_one_is_noticed(scale: float, exact_law: ExactLaw) -> None:
    right, exact = thresholds(Fraction(scale) ** 2, 63), exact_law(scale, 63)
    for place in range(len(right)):
        before, after = right[:place], right[place + 1 :]
        assert not are_thresholds([*before, right[place] - 1, *after], exact, 63)
        assert not are_thresholds([*before, right[place] + 1, *after], exact, 63)
        assert not are_thresholds([*before, *after], exact, 63)
    assert not are_thresholds([*right, right[-1]], exact, 63)


@given(scale=st.floats(1e-3, 30.0), bits=st.integers(1, 200))
@settings(max_examples=100, deadline=None)
def test_bounds_are_certain_at_any_scale_and_precision(scale: float, bits: int, exact_law: ExactLaw) -> None:
    found = thresholds(Fraction(scale) ** 2, bits)
    exact = exact_law(scale, bits + 40)  # 40 bits beyond the point
    for bound, value in zip(found, exact, strict=False):
        assert 0 <= value - (bound << 40) <= (1 << 40) + (1 << 8)
    assert found == sorted(found)
    assert found.index((1 << bits) - 1) == len(found) - 1
    assert len(found) <= len(exact)


@pytest.mark.parametrize("scale", [5e-324, 1e-300, 1e-10])
def test_almost_no_noise_is_a_law_too(scale: float) -> None:
    assert thresholds(Fraction(scale) ** 2, 63) == [2**63 - 1]


def test_the_law_is_that_of_the_square_of_the_float() -> None:
    """Not of a rounded one: two scales that differ in the last bit have different thresholds."""
    scale = 0.7
    assert thresholds(Fraction(scale) ** 2, 63) != thresholds(Fraction(scale * scale), 63)


@given(power=st.fractions(0, 300, max_denominator=2**60), point=st.integers(1, 400))
@settings(max_examples=300, deadline=None)
def test_exponentials_are_within_two_units_below(power: Fraction, point: int) -> None:
    with decimal.localcontext(decimal.Context(prec=200)):
        value = (-Decimal(power.numerator) / power.denominator).exp() * 2**point
    found = cumulative._exp_below(power, point)
    assert 0 <= found <= value < found + 2
