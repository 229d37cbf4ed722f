"""Distributions: from noisy histograms to estimates. Bins are few and full, so hardly anything is to be gained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hereabouts.estimate.correction import correction
from hereabouts.estimate.deconvolve import Z95
from hereabouts.estimate.measurements import Histogram

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Distribution:
    """Estimated counts by bin with the variance of their error and 95 % intervals, shape (bins,)."""

    counts: Floats
    variance: Floats
    low: Floats
    high: Floats


def distribution_estimate(histogram: Histogram) -> Distribution:
    """The counts of one distribution, none below zero, their sum that of the noisy ones.

    Cutting noise at zero would make the whole too large: what bins below zero lack, the others give. Intervals are
    those of the noisy numbers, so that they are right whatever the counts are.
    """
    put_back = correction(histogram)
    noisy = put_back.ratio * histogram.noisy / histogram.unit
    noise = put_back.ratio**2 * histogram.variance / histogram.unit**2
    counts = _not_negative(noisy)
    variance = noise + put_back.variance * counts**2
    half = Z95 * np.sqrt(variance)
    return Distribution(
        counts, variance, np.minimum(np.maximum(noisy - half, 0.0), counts), np.maximum(noisy + half, counts)
    )


def _not_negative(values: Floats) -> Floats:
    """The nearest numbers that are not negative and have the same sum; zeros where that is none."""
    total = float(values.sum())
    if total <= 0.0:
        return np.zeros(values.size)
    descending = np.sort(values)[::-1]
    # The numbers that stay above zero all give the same (projection onto a simplex: Duchi and others 2008).
    gives = (np.cumsum(descending) - total) / np.arange(1, values.size + 1)
    return np.asarray(np.maximum(values - gives[np.flatnonzero(descending > gives).max()], 0.0))
