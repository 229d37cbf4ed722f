"""Adaptive shrinkage of departures that are zero on average, seen through Gaussian noise of known size.

The prior of a departure is a mixture of centred normals whose variances are multiples of what the row's
size alone suggests; the shares of the mixture are learnt from all rows of a similar size (Stephens 2017,
"False discovery rates: a new deal"). So most rows are pulled to zero, and the few that stand far out of the
noise (a feast, a closed road) are believed, with an interval that says so.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_MULTIPLES = 4.0 ** np.arange(8)
_ITERATIONS = 60
_LEARN_FROM = 60_000
_STRATUM_ROWS = 300
# Rows smaller than this share one stratum; sizes in a stratum differ by a factor of four at most.
_SMALLEST = 0.25


def shrink(departure: Floats, noise: Floats | float, prior: Floats, size: Floats) -> tuple[Floats, Floats]:
    """Posterior mean and variance of each departure.

    Parameters
    ----------
    departure
        Noisy departures from what was expected, any shape.
    noise
        Variance of the noise in each, broadcast to that shape.
    prior
        The smallest variance of a departure that is believed; its prior variances are this times 1, 4, 16, ...
    size
        Expected counts, above or below zero; shares are learnt among rows of a similar one.

    Returns
    -------
    tuple of ndarray
        Means and variances, in the shape of `departure`.
    """
    y = departure.ravel()
    noise_variance = np.broadcast_to(noise, departure.shape).ravel()
    prior = np.maximum(prior, 1e-6).ravel()
    mean, variance = np.empty(y.size), np.empty(y.size)
    strata = _strata(np.broadcast_to(size, departure.shape).ravel())
    for label in np.unique(strata):
        rows = np.flatnonzero(strata == label)
        learn = rows[:: max(1, rows.size // _LEARN_FROM)]
        shares = _shares(y[learn], noise_variance[learn], prior[learn])
        mean[rows], variance[rows] = _posterior(y[rows], noise_variance[rows], prior[rows], shares)
    return mean.reshape(departure.shape), variance.reshape(departure.shape)


def _strata(size: Floats) -> NDArray[np.int64]:
    """Rows of similar size; a stratum with few rows joins the next smaller one."""
    label = np.floor(np.log(np.maximum(size, _SMALLEST) / _SMALLEST) / np.log(4.0)).astype(np.int64)
    counts = np.bincount(label)
    merged = np.arange(counts.size)
    for top in range(counts.size - 1, 0, -1):
        if counts[top] < _STRATUM_ROWS:
            counts[top - 1] += counts[top]
            merged[merged == top] = top - 1
    return np.asarray(merged[label])


def _log_density(y: Floats, noise: Floats, prior: Floats) -> Floats:
    spread = noise[:, None] + prior[:, None] * _MULTIPLES
    return -0.5 * (y[:, None] ** 2 / spread + np.log(spread))


def _shares(y: Floats, noise: Floats, prior: Floats) -> Floats:
    """Shares of the mixture's parts, by expectation maximisation, kept off zero."""
    density = _log_density(y, noise, prior)
    density = np.ascontiguousarray(np.exp(density - density.max(axis=1, keepdims=True)).T)
    # Where the noise hides which multiple it is, the smallest is meant.
    shares = _MULTIPLES**-1.5 / (_MULTIPLES**-1.5).sum()
    for _ in range(_ITERATIONS):
        # Each row's parts, over their sum, on average over the rows. Not by `@`: its threads would wait for each other.
        sums = np.einsum("ki,k->i", density, shares)
        shares = shares * np.einsum("ki,i->k", density, 1.0 / sums) / y.size
    return np.asarray((shares * y.size + 0.25) / (y.size + 0.25 * shares.size))


def _posterior(y: Floats, noise: Floats, prior: Floats, shares: Floats) -> tuple[Floats, Floats]:
    density = _log_density(y, noise, prior)
    part = np.exp(density - density.max(axis=1, keepdims=True)) * shares
    part /= part.sum(axis=1, keepdims=True)
    scale = prior[:, None] * _MULTIPLES
    weight = scale / (scale + noise[:, None])
    mean = (part * weight).sum(axis=1) * y
    second = (part * (weight * noise[:, None] + (weight * y[:, None]) ** 2)).sum(axis=1)
    return mean, np.maximum(second - mean**2, 0.0)
