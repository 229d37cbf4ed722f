"""The one door between exact figures and everything that may leave: noise is drawn here, once.

A :class:`Contribution` holds exact sums over devices together with the bound that its proof note claims.
:func:`measure` adds discrete Gaussian noise for what it is paid, and hands out a :class:`Measurement`,
which is private and may be used, kept and shown by anyone.

Adding noise of variance ``sensitivity**2 / (2 rho)`` to each integer of a vector whose L2 norm changes by at
most ``sensitivity`` when one device is added or removed is ``rho``-zCDP (Bun and Steinke 2016; for the
discrete Gaussian: Canonne, Kamath and Steinke 2020, theorem 4).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from hereabouts.privacy.accounting import scale_of, variance_for
from hereabouts.privacy.mechanism import discrete_gaussian

Integers = NDArray[np.int64]

# With noise below it as well (privacy/mechanism.py), no sum in 64 bits wraps around.
_LARGEST_SUM = 1 << 62


@dataclass(frozen=True, repr=False)
class Contribution:
    """Exact sums over devices. Not to be looked at: hand it to :func:`measure` unopened.

    Attributes
    ----------
    sums
        Exact integer sums, any shape.
    squared_sensitivity
        The most by which the squared L2 norm of ``sums`` can change when one device is added or removed.
    """

    sums: Integers
    squared_sensitivity: int

    def __repr__(self) -> str:
        """Say the shape, never the sums: a representation ends up in logs."""
        return f"Contribution(shape={self.sums.shape}, squared_sensitivity={self.squared_sensitivity})"


def together(parts: Iterable[Contribution]) -> Contribution:
    """What several groups of devices contribute; no device is in two of them, so that the bound is that of each.

    Raises
    ------
    ValueError
        When there is none, or they are of different things.
    """
    given = list(parts)
    if len({(part.sums.shape, part.squared_sensitivity) for part in given}) != 1:
        raise ValueError("expected contributions to one thing, of one shape and one bound")
    return Contribution(np.sum([part.sums for part in given], axis=0, dtype=np.int64), given[0].squared_sensitivity)


@dataclass(frozen=True)
class Measurement:
    """Noisy sums, private at `rho`.

    Attributes
    ----------
    values
        Noisy integer sums, in the shape of the contribution.
    scale
        Scale of the discrete Gaussian noise in each value: its variance is at most the square.
    squared_sensitivity
        What the noise was scaled to.
    rho
        What was paid for it.
    """

    values: Integers
    scale: float
    squared_sensitivity: int
    rho: Fraction


def measure(contribution: Contribution, rho: Fraction) -> Measurement:
    """Add noise to a contribution, paid with `rho`.

    Raises
    ------
    ValueError
        When `rho` or the sensitivity is not positive, or so little is paid that the noise has no room in 64 bits.
    TypeError
        When the sums are not 64-bit integers, or `rho` or the sensitivity is not exact.
    OverflowError
        When a sum is beyond 2**62: with noise it could wrap around and show itself.
    """
    if rho <= 0 or contribution.squared_sensitivity <= 0:
        raise ValueError(
            f"got rho {rho} and squared sensitivity {contribution.squared_sensitivity}: both must be positive"
        )
    sums = contribution.sums
    if sums.dtype != np.int64:
        raise TypeError(f"got sums of {sums.dtype}, expected int64: only whole numbers hide in discrete noise")
    if sums.size and (sums.min() < -_LARGEST_SUM or sums.max() > _LARGEST_SUM):
        raise OverflowError("a sum is beyond 2**62: with noise it could wrap around, so nothing may be measured")
    scale = scale_of(variance_for(contribution.squared_sensitivity, rho))
    noise = discrete_gaussian(sums.size, scale).reshape(sums.shape)
    return Measurement(sums + noise, scale, contribution.squared_sensitivity, rho)
