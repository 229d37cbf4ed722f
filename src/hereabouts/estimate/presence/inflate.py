"""Are errors as large as a model says? Noisy numbers tell, as their noise is known.

Where an estimate's error has variance ``v`` and it was made from a number with noise of variance ``s``, what is left
of the number beside the estimate has variance ``s - v`` if the model is right; what it has more is error that the
model does not know of (Stein 1981: the estimate follows its number by ``v / s`` on average).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_MOST = 2.0


def inflation(left: Floats, noise: Floats, variance: Floats, size: Integers) -> Floats:
    """By what to multiply the variances of each row, from 1 to 2, shape (rows, 1).

    Rows of one size share a factor. Before it is seen it is taken to be about 1, give or take 1: what a few rows
    say weighs little.

    Parameters
    ----------
    left
        Noisy numbers less their estimates, shape (rows, columns).
    noise
        Variance of the noise by column, shape (columns,).
    variance
        Error variances by the model, shape (rows, columns).
    size
        A label for each row, shape (rows,).
    """
    expected = np.maximum(noise - variance, 0.0)
    over, doubt, claimed = (
        np.bincount(size, part.sum(axis=1)) for part in (left**2 - noise + variance, 2.0 * expected**2, variance)
    )
    more = np.divide(over * claimed, claimed**2 + doubt, out=np.zeros_like(over), where=claimed > 0)
    return np.asarray(np.clip(1.0 + more, 1.0, _MOST)[size][:, None])
