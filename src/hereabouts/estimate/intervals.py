"""Intervals of 95 % for values that cannot be negative, from an estimate and the variance of its error.

Small values err to one side: most are zero, a few are far more. Their error follows a gamma distribution more
nearly than a normal one; for large values the two agree. What is not known is which holds for a row, so the
interval covers both.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from hereabouts.estimate.deconvolve import Z95

Floats = NDArray[np.float64]

_LOW, _HIGH = 0.025, 0.975
# A small value's error is more skewed than a gamma distribution (nearly all are empty, or it is a quite different
# one), while its lower end rests at zero and misses nothing: the upper end takes the share that the lower leaves.
_HIGH_FROM_ZERO = 0.995


def interval(value: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Low and high end for each row, in the shape of `value`; low is never below zero.

    Parameters
    ----------
    value
        Estimates, none below zero.
    variance
        Variances of their errors.
    """
    deviation = np.sqrt(variance)
    low, high = np.maximum(value - Z95 * deviation, 0.0), value + Z95 * deviation
    # Beyond a shape of some hundreds the gamma distribution is a normal one.
    skew = (value > 1e-6) & (variance > 1e-12) & (value**2 < 400.0 * variance)
    scale = variance[skew] / value[skew]
    shape = value[skew] / scale
    low[skew] = np.minimum(low[skew], scale * gammaincinv(shape, _LOW))
    upper = np.where(value[skew] < Z95 * deviation[skew], _HIGH_FROM_ZERO, _HIGH)
    high[skew] = np.maximum(high[skew], scale * gammaincinv(shape, upper))
    return low, high
