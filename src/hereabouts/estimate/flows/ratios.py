"""What scaling took, from noisy totals: all trips over all scaled trips, for two kinds of pairs.

Devices that travel a lot do so around one place, and are scaled more than others, so trips within a cell lose more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hereabouts.estimate.measurements import FlowLevel

Floats = NDArray[np.float64]

# A kind of which less than so many noise deviations was kept gets the ratio of both kinds together.
_CLEAR_SD = 10.0


@dataclass(frozen=True)
class Ratios:
    """Of pairs of a cell with itself, and of all others: at least 1, and the variance of their error, shape (2,)."""

    value: Floats
    variance: Floats


def ratios(level: FlowLevel) -> Ratios:
    """The ratios of a level, from its totals of what scaling kept and took."""
    kept, taken = np.array(level.totals, dtype=np.float64).reshape(2, 2).T
    noise = level.totals_variance
    both = _ratio(kept.sum(), taken.sum(), 2.0 * noise)
    found = [
        _ratio(k, t, noise) if k > _CLEAR_SD * noise**0.5 else both
        for k, t in zip(kept.tolist(), taken.tolist(), strict=True)
    ]
    value, variance = np.array(found).T
    return Ratios(value, variance)


def _ratio(kept: float, taken: float, noise: float) -> tuple[float, float]:
    if taken <= 0.0 or kept <= noise**0.5:
        return 1.0, 0.0  # nothing was taken, or there is nothing but noise to tell it from
    return 1.0 + taken / kept, noise * (1.0 + (taken / kept) ** 2) / kept**2
