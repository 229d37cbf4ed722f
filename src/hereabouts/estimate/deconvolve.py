"""Empirical Bayes for many non-negative values seen through Gaussian noise of known size.

Given ``y[i] = x[i] + N(0, sd**2)`` for many ``i`` in the same stratum, the distribution of the ``x`` is
estimated by non-parametric maximum likelihood on a grid (Kiefer and Wolfowitz 1956; Koenker and Mizera
2014), fitted by expectation maximisation; each value then gets its posterior mean, variance and interval.
A posterior depends on the noisy value alone, so what it says stays true after any selection that was made
on noisy values. The fit stops early on purpose: the maximum itself is a few spikes, and intervals read
off spikes are too short.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_ITERATIONS = 400
_BINS_PER_SD = 12
# Beyond this many noise deviations a prior is flat at the noise's scale, and the value speaks for itself.
_PLAIN_ABOVE_SD = 30.0
# Width of the smoothing between iterations (EMS: Silverman, Jones, Wilson and Nychka 1990), in noise deviations.
_SMOOTHING_SD = 0.5
Z95 = 1.959964
# The lower end of a sparse value mostly rests at zero and misses nothing; what it leaves goes to the upper one, where
# a prior that was learnt from few large values is least sure.
_LOW, _HIGH = 0.025, 0.99


@dataclass(frozen=True)
class Posterior:
    """What is known of each value; arrays of shape (n,)."""

    mean: Floats
    variance: Floats
    low: Floats
    high: Floats
    median: Floats


def deconvolve(y: Floats, sd: float, strata: NDArray[np.int64] | None = None) -> Posterior:
    """Posterior of non-negative values under a prior that is learnt from all of them.

    Parameters
    ----------
    y
        Noisy values, shape (n,).
    sd
        Standard deviation of their noise.
    strata
        A label for each value, shape (n,), made from anything but its own noise; each stratum has its
        own prior. ``None`` puts all in one.

    Returns
    -------
    Posterior
        With a central 95 % interval in ``low`` and ``high``.
    """
    parts = np.empty((5, y.size))
    labels = np.zeros(y.size, dtype=np.int64) if strata is None else strata
    plain = y > _PLAIN_ABOVE_SD * sd
    parts[:, plain] = np.array([[0.0], [sd**2], [-Z95 * sd], [Z95 * sd], [0.0]])
    parts[0, plain] += y[plain]
    parts[2:, plain] += y[plain]
    for label in np.unique(labels[~plain]):
        rows = (labels == label) & ~plain
        parts[:, rows] = _one_stratum(y[rows], sd)
    return Posterior(*parts)


def _one_stratum(y: Floats, sd: float) -> Floats:
    """Posterior mean, variance, the ends of the interval, and median, for one stratum, shape (5, n)."""
    # Values that differ by less than a twelfth of the noise share a posterior: work on their histogram.
    step = sd / _BINS_PER_SD
    binned, inverse, counts = np.unique(np.round(y / step), return_inverse=True, return_counts=True)
    centre = binned * step
    grid = _grid(float(centre.max()), sd)
    squares = ((centre[:, None] - grid[None, :]) / sd) ** 2
    # Only ratios within a row matter: measured from its best point, a value far below zero does not underflow.
    likelihood = np.exp(-0.5 * (squares - squares.min(axis=1, keepdims=True))) + 1e-300
    # Most cells of a region are empty: start from half of them at zero.
    prior = np.full(grid.size, 0.5 / (grid.size - 1))
    prior[0] = 0.5
    smooth = _smoother(grid, sd)
    for _ in range(_ITERATIONS):
        # Each value's weights on the grid, over their sum, on average: as two products of a matrix and a vector.
        prior = smooth @ (prior * ((counts / (likelihood @ prior)) @ likelihood) / y.size)
    # A prior learnt from n values cannot know of what happens to fewer than one in n: leave room for it.
    prior = (prior * y.size + 1.0 / grid.size) / (y.size + 1.0)
    weight = likelihood * prior
    weight /= weight.sum(axis=1, keepdims=True)
    mean = weight @ grid
    variance = weight @ grid**2 - mean**2
    cumulative = np.cumsum(weight, axis=1)
    # A grid point stands for what lies around it: ends are those of its neighbours.
    low = grid[np.maximum((cumulative < _LOW).sum(axis=1) - 1, 0)]
    high = grid[np.minimum((cumulative < _HIGH).sum(axis=1) + 1, grid.size - 1)]
    middle = _median(cumulative, grid)
    return np.stack([mean, np.maximum(variance, 0.0), low, high, middle])[:, inverse]


def _median(cumulative: Floats, grid: Floats) -> Floats:
    """Where half of the weight lies, between grid points in proportion, shape (n,)."""
    at = np.minimum((cumulative < 0.5).sum(axis=1), grid.size - 1)
    rows, before = np.arange(at.size), np.maximum(at - 1, 0)
    below = np.where(at > 0, cumulative[rows, before], 0.0)
    part = np.where(at > 0, (0.5 - below) / np.maximum(cumulative[rows, at] - below, 1e-12), 0.0)
    return np.asarray(grid[before] + part * (grid[at] - grid[before]))


def _grid(top: float, sd: float) -> Floats:
    """Zero, then steps of an eighth of the noise, which widen to half of it."""
    end = max(top, 0.0) + 3.0 * sd
    fine = np.arange(0.0, 4.0 * sd, sd / 8.0)
    return np.concatenate([fine, np.arange(4.0 * sd, end + sd, sd / 2.0)])


def _smoother(grid: Floats, sd: float) -> Floats:
    """Moves prior mass to grid points nearby, shape (g, g); the mass at zero stays."""
    kernel = np.exp(-0.5 * ((grid[:, None] - grid[None, :]) / (_SMOOTHING_SD * sd)) ** 2)
    # Where points are denser, each takes less, so that smoothing does not favour them.
    kernel *= np.gradient(grid)[:, None]
    kernel[0, :] = kernel[:, 0] = 0.0
    kernel[0, 0] = 1.0
    return np.asarray(kernel / kernel.sum(axis=0))
