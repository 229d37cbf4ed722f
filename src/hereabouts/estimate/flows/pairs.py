"""From noisy trips between pairs of cells of one resolution to estimates with intervals.

Flows are sparse where presence is smooth, so each pair is judged among pairs that look like it: pairs are
put in strata by what coarser or summed noisy numbers lead to expect, and by how far apart their ends are;
each stratum has its own prior. What scaling the devices' vectors took away is put back by one ratio, and as
one ratio is not right for every pair, intervals are widened by how much it may be off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hereabouts.estimate.deconvolve import Z95, deconvolve

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_STRATUM_PAIRS = 400
# By how much the ratio of one pair may differ from that of all, as a share of the square root of what scaling
# took: a trip's factor lies between 0 and 1, so its deviation is at most of the order of that root, and a flow
# worth publishing averages it over some sixteen devices or more.
_RATIO_SPREAD = 0.25


@dataclass(frozen=True)
class FlowEstimate:
    """Trips by pair with the variance of their error and 95 % intervals; arrays of shape (pairs,)."""

    trips: Floats
    variance: Floats
    low: Floats
    high: Floats


def estimate_flows(
    noisy: Floats,
    variance: float,
    ratio: float,
    ratio_variance: float,
    expected: Floats,
    separation: Integers,
) -> FlowEstimate:
    """Estimate the trips of each pair of one resolution.

    Parameters
    ----------
    noisy
        Measured sums of scaled contributions, in trips, shape (pairs,).
    variance
        Variance of the noise in each.
    ratio
        All trips over all scaled trips, noisy, at least 1.
    ratio_variance
        Variance of the error of `ratio`.
    expected
        A guess of each pair from coarser or summed noisy numbers, shape (pairs,).
    separation
        Class of distance between the ends, shape (pairs,): 0 for the same cell.
    """
    posterior = deconvolve(noisy, float(np.sqrt(variance)), _strata(expected, separation))
    spread = _RATIO_SPREAD**2 * (1.0 - 1.0 / ratio) + ratio_variance / ratio**2
    trips = ratio * posterior.mean
    off = Z95 * np.sqrt(spread) * trips
    return FlowEstimate(
        trips,
        ratio**2 * posterior.variance + spread * trips**2,
        np.maximum(trips - np.hypot(trips - ratio * posterior.low, off), 0.0),
        trips + np.hypot(ratio * posterior.high - trips, off),
    )


def _strata(expected: Floats, separation: Integers) -> Integers:
    """Pairs of the same separation, in groups of similar expectation: half of them lowest, a quarter next, ..."""
    label = np.zeros(expected.size, dtype=np.int64)
    first = 0
    for kind in np.unique(separation):
        rows = np.flatnonzero(separation == kind)
        groups = max(1, int(np.log2(max(rows.size / _STRATUM_PAIRS, 1.0))) + 1)
        edges = np.quantile(expected[rows], 1.0 - 0.5 ** np.arange(1, groups))
        label[rows] = first + np.searchsorted(edges, expected[rows])
        first += groups
    return label
