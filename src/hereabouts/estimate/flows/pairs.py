"""From noisy trips between pairs of cells of one resolution to estimates with intervals.

Flows are sparse where presence is smooth, so each pair is judged among pairs of which the same is expected; each such
stratum has its own prior. What scaling the devices' vectors took away is put back by a ratio, one for pairs of a cell
with itself and one for all others; and as one ratio is not right for every pair, intervals are widened by how much it
may be off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hereabouts.estimate.deconvolve import Z95, deconvolve
from hereabouts.estimate.flows.expect import Pairs, expected_flows, strata
from hereabouts.estimate.flows.ratios import Ratios

Floats = NDArray[np.float64]

# What scaling took of a pair is known like a count, as a trip's factor lies between 0 and 1. And however large the
# pair, it is known to no more than a share: devices of one pair have habits in common, as if they were sixty.
ALIKE = 1.0 / 60.0


@dataclass(frozen=True)
class FlowEstimate:
    """Trips by pair with the variance of their error and 95 % intervals; arrays of shape (pairs,)."""

    trips: Floats
    variance: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Judged:
    """What is known of each pair by itself; arrays of shape (pairs,).

    Attributes
    ----------
    mean
        Trips, right on average over pairs of which the same is known.
    middle
        Trips, as likely too few as too many.
    variance
        Of the error of the mean.
    low, high
        Ends of 95 % intervals.
    """

    mean: Floats
    middle: Floats
    variance: Floats
    low: Floats
    high: Floats

    def settled(self) -> FlowEstimate:
        """One estimate of each pair, nearer the truth than the mean is.

        A flow that is smaller than its own deviation is most likely none, which the middle says and the mean does not.
        """
        unsure = self.mean**2 < self.variance
        trips = np.where(unsure, np.minimum(self.middle, self.mean), self.mean)
        variance = self.variance + (trips - self.mean) ** 2
        return FlowEstimate(trips, variance, np.minimum(self.low, trips), np.maximum(self.high, trips))


def judge_flows(noisy: Floats, variance: float, ratios: Ratios, pairs: Pairs) -> Judged:
    """Judge the trips of each pair of one resolution.

    Parameters
    ----------
    noisy
        Measured sums of scaled contributions, in trips, shape (pairs,).
    variance
        Variance of the noise in each.
    ratios
        What puts back what scaling took.
    pairs
        Which pairs they are, and what is above and around them.
    """
    sd = float(np.sqrt(variance))
    posterior = deconvolve(noisy, sd, strata(expected_flows(noisy, sd, pairs), pairs.apart))
    ratio, unsure = ratios.value[pairs.apart], ratios.variance[pairs.apart]
    mean = ratio * posterior.mean
    spread = mean * (1.0 - 1.0 / ratio) * (1.0 + ALIKE * mean) + unsure * posterior.mean**2
    off = Z95 * np.sqrt(spread)
    return Judged(
        mean,
        ratio * posterior.median,
        ratio**2 * posterior.variance + spread,
        np.maximum(mean - np.hypot(mean - ratio * posterior.low, off), 0.0),
        mean + np.hypot(ratio * posterior.high - mean, off),
    )
