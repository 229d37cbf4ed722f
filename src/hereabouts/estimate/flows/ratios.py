"""What scaling took, from noisy totals: all trips over all scaled trips, for two kinds of pairs.

Devices that travel a lot do so around one place, and are scaled more than others, so trips within a cell lose more.
Where noise leaves little of the totals, what is known beforehand speaks: a ratio is never more certain than it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hereabouts.estimate.measurements import FlowLevel

Floats = NDArray[np.float64]

# Vectors are scaled to the lower edge of the bin that holds the median of their lengths. Whatever feed it was (taxis,
# a made-up town, check-ins), that took between a fifth and three fifths of all trips.
_BEFOREHAND = (2.0, 0.6**2)
# By how much the two kinds differ, as a share of what was put back beyond what was kept.
_KINDS_DIFFER = 0.5
# Of fewer noise deviations of what was kept, a quotient says nothing.
_CLEAR_SD = 3.0


@dataclass(frozen=True)
class Ratios:
    """Of pairs of a cell with itself, and of all others: at least 1, and the variance of their error, shape (2,)."""

    value: Floats
    variance: Floats


def ratios(level: FlowLevel) -> Ratios:
    """The ratios of a level, from its totals of what scaling kept and took."""
    kept, taken = np.array(level.totals, dtype=np.float64).reshape(2, 2).T
    noise = level.totals_variance
    both, variance = _joined(_BEFOREHAND, kept.sum(), taken.sum(), 2.0 * noise)
    before = both, variance + (_KINDS_DIFFER * max(both - 1.0, 0.0)) ** 2
    found = [_joined(before, *kind, noise) for kind in zip(kept.tolist(), taken.tolist(), strict=True)]
    value, error = np.array(found).T
    return Ratios(np.maximum(value, 1.0), error)


def _joined(before: tuple[float, float], kept: float, taken: float, noise: float) -> tuple[float, float]:
    """A ratio and the variance of its error, from what was known before and what was measured."""
    value, variance = before
    if kept <= _CLEAR_SD * noise**0.5:
        return before
    error = noise * (1.0 + (taken / kept) ** 2) / kept**2
    weight = variance / (variance + error) if variance > 0.0 else 0.0
    return value + weight * (1.0 + taken / kept - value), weight * error
