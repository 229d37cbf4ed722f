"""Departures are pulled to zero as far as the noise alone would explain them; what stands far out is believed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.estimate.presence.shrink import shrink

Floats = NDArray[np.float64]


@st.composite
def departures(draw: st.DrawFn) -> tuple[Floats, Floats, Floats]:
    """Departures, variances of their noise, and sizes: shape (rows, columns) each."""
    shape = draw(st.integers(1, 12)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    far = draw(st.floats(0.1, 1000.0))
    return rng.normal(0.0, far, shape), rng.uniform(0.01, 50.0, shape), rng.lognormal(0.0, 4.0, shape)


@given(rows=departures(), least=st.floats(0.0, 5.0))
@settings(max_examples=80, deadline=None)
def test_a_departure_moves_towards_zero_and_never_past_it(rows: tuple[Floats, Floats, Floats], least: float) -> None:
    y, noise, size = rows
    mean, variance = shrink(y, noise, least * size, size)
    assert mean.shape == variance.shape == y.shape
    assert (np.abs(mean) <= np.abs(y) + 1e-12).all()
    assert (mean * y >= 0.0).all()
    assert np.isfinite(variance).all()
    assert (variance >= 0.0).all()


@given(rows=departures())
@settings(max_examples=40, deadline=None)
def test_sign_says_nothing(rows: tuple[Floats, Floats, Floats]) -> None:
    y, noise, size = rows
    mean, variance = shrink(y, noise, size, size)
    mirrored, same = shrink(-y, noise, size, size)
    assert mirrored == pytest.approx(-mean)
    assert same == pytest.approx(variance)


@pytest.mark.parametrize(("noise_sd", "least"), [(1.0, 0.75), (5.0, 0.75), (30.0, 0.5)])
def test_errors_are_as_large_as_it_says(noise_sd: float, least: float) -> None:
    """Departures such as its prior expects: normal, of a variance that grows with the size.

    Where the noise hides how large they are, it takes them for smaller than they are.
    """
    rng = np.random.default_rng(1)
    size = rng.lognormal(2.0, 1.0, 20_000)
    truth = rng.normal(0.0, np.sqrt(4.0 * size))
    mean, variance = shrink(truth + rng.normal(0.0, noise_sd, size.size), noise_sd**2, size, size)
    squared_error = (mean - truth) ** 2
    assert float(squared_error.mean()) < noise_sd**2
    for rows in np.array_split(np.argsort(size), 3):
        assert least < float(variance[rows].mean() / squared_error[rows].mean()) < 1.35


def test_where_nothing_departs_nearly_all_is_taken_for_noise() -> None:
    rng = np.random.default_rng(2)
    mean, variance = shrink(rng.normal(0.0, 10.0, (300, 24)), 100.0, np.ones((300, 24)), np.ones((300, 24)))
    assert float(np.sqrt((mean**2).mean())) < 0.5
    assert float(variance.mean()) < 10.0


def test_a_feast_among_quiet_days_is_believed() -> None:
    rng = np.random.default_rng(3)
    y = rng.normal(0.0, 3.0, 2000)
    y[0] = 200.0
    mean, variance = shrink(y, 9.0, 0.2 * np.full(2000, 10.0), np.full(2000, 10.0))
    assert mean[0] > 190.0
    assert variance[0] == pytest.approx(9.0, rel=0.1), "its error is the noise, no less"


def test_noise_may_be_one_number_or_one_a_row() -> None:
    rng = np.random.default_rng(4)
    y, size = rng.normal(0.0, 5.0, (40, 7)), np.full((40, 7), 6.0)
    one, each = shrink(y, 4.0, size, size), shrink(y, np.full((40, 7), 4.0), size, size)
    assert np.array_equal(one[0], each[0])
    assert np.array_equal(one[1], each[1])
    by_row, _ = shrink(y, np.linspace(0.1, 400.0, 40)[:, None] * np.ones(7), size, size)
    assert np.abs(by_row[0]).mean() > np.abs(by_row[-1]).mean(), "what is noisier is pulled harder"


@pytest.mark.parametrize("shape", [(0,), (0, 24)])
def test_nothing_at_all(shape: tuple[int, ...]) -> None:
    mean, variance = shrink(np.empty(shape), 1.0, np.empty(shape), np.empty(shape))
    assert mean.shape == variance.shape == shape


@pytest.mark.parametrize("size", [0.0, 1e-9, 1e9])
def test_a_single_row_of_any_size(size: float) -> None:
    mean, variance = shrink(np.array([3.0]), 4.0, 0.2 * np.array([size]), np.array([size]))
    assert 0.0 <= mean[0] <= 3.0
    assert 0.0 <= variance[0] <= 4.0 + 1e-9


def test_of_very_many_rows_it_learns_from_some() -> None:
    """More rows than it learns from: all of them get an answer, and the same as if fewer had been asked."""
    rng = np.random.default_rng(5)
    y = rng.normal(0.0, 3.0, 130_000)
    mean, _ = shrink(y, 4.0, np.full(y.size, 5.0), np.full(y.size, 5.0))
    fewer, _ = shrink(y[:50_000], 4.0, np.full(50_000, 5.0), np.full(50_000, 5.0))
    assert mean[:50_000] == pytest.approx(fewer, abs=0.2)
