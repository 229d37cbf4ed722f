"""Bounding what one device adds to a sum of vectors: scaling to an L2 norm, in whole numbers.

A device that travels a lot has a long vector of trips. It is scaled down to norm C, where it is longer, so that
all of its places keep their share. Arithmetic is in integers from end to end: an entry is floored at a fixed
point, and the squared norm of what is left never exceeds ``(C x SCALE)**2``, which is checked on every device.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

SCALE = 256
"""Fixed-point units in one trip."""

NORM_BINS = 14
"""Bins of squared norms: [1], (1, 2], (2, 4], ... and an open one at the top."""


def scaled(counts: Integers, device: Integers, squared_norm: Integers, squared_bound: int) -> Integers:
    """Entries of the devices' vectors in units of 1/SCALE, each device scaled to a norm of at most the bound.

    Parameters
    ----------
    counts
        Entries: how often the device did this, shape (entries,), at least 1.
    device
        Which device each entry belongs to, 0 to devices - 1, shape (entries,).
    squared_norm
        Sum of the squared entries of each device, shape (devices,).
    squared_bound
        C squared, a whole number.

    Returns
    -------
    ndarray
        ``floor(count x SCALE x min(1, C / norm))``, int64, shape (entries,).

    Raises
    ------
    OverflowError
        When an entry is too large for exact arithmetic in 64 bits: some 90,000 trips or stays of one device, more than
        a window of a year has room for (a stay lasts 20 minutes).
    ArithmeticError
        When a scaled vector is longer than its bound, as it would be if `squared_norm` were not of these entries.
    """
    norms = squared_norm[device]
    longest = squared_bound * SCALE * SCALE
    ceiling = (1 << 62) // longest
    if counts.size and int(counts.max()) ** 2 > ceiling:
        raise OverflowError(f"an entry is beyond exact arithmetic at squared bound {squared_bound}")
    # floor(sqrt(a / b)) = floor(sqrt(floor(a / b))) for whole numbers: no rounding enters before the root.
    shrunk = floor_sqrt(counts * counts * longest // norms)
    values = np.where(norms <= squared_bound, counts * SCALE, shrunk)
    # Entry by entry first: squares of entries within the bound add up without wrapping around.
    too_long = bool((np.abs(values) > math.isqrt(longest)).any())
    squares = np.zeros(squared_norm.size, dtype=np.int64)
    np.add.at(squares, device, values * values)
    if too_long or (squares > longest).any():
        raise ArithmeticError("a scaled vector is longer than its bound: nothing may be measured")
    return values


def floor_sqrt(values: Integers) -> Integers:
    """Integer square roots rounded down, exact, for values below 2**62."""
    root = np.sqrt(values.astype(np.float64)).astype(np.int64)
    root -= root * root > values
    root += (root + 1) * (root + 1) <= values
    return root


def norm_bin(squared_norm: Integers) -> Integers:
    """The bin of each squared norm: 0 for 1, b for (2**(b-1), 2**b]; all above the last edge in the last bin."""
    return np.minimum(np.searchsorted(2 ** np.arange(NORM_BINS, dtype=np.int64), squared_norm), NORM_BINS - 1)


def squared_bound(noisy_histogram: Integers) -> int:
    """The squared norm that a device's trips are scaled to, from a noisy histogram of squared norms: free.

    It is the lower edge of the median's bin, so somewhat more than half of the devices are scaled. That trades the
    noise, which grows with the bound, for a bias that one ratio corrects.
    """
    return int(2 ** max(_quantile_bin(noisy_histogram, 0.5) - 1, 0))


def most_trips(noisy_histogram: Integers) -> int:
    """How many of a device's trips the totals count, from a noisy histogram of how many trips devices have: free.

    Nineteen of twenty devices are counted in full.
    """
    return int(2 ** _quantile_bin(noisy_histogram, 0.95))


def _quantile_bin(noisy_histogram: Integers, share: float) -> int:
    """The bin in which the histogram reaches `share` of its total; negative counts are noise, and taken as 0."""
    counts = np.maximum(noisy_histogram, 0)
    return min(int(np.searchsorted(np.cumsum(counts), share * counts.sum())), NORM_BINS - 1)
