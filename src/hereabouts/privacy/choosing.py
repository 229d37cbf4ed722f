"""Choosing how far vectors are scaled, and how much of what that takes is counted: from noisy norms, paid for.

All that is looked at beside these is public, so every choice is free. Bins that do not stand out of their noise are
taken as empty, for noise in a bin of long vectors must not raise a bound for nobody; where it is asked what could be
cut off, though, they are taken to hold what the noise may well hide.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hereabouts.privacy.bounding import NORM_BINS

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

PLACES_APART = 0.5
"""How much of the spread of the devices' factors lies between one number and the next: none where everybody is
everywhere alike, all where each number is of devices of one kind. Half is more than what was seen on real pings."""

_STANDS_OUT_SD = 3.0
# What a bin that does not stand out may well hold, in deviations of its noise, up to norms of 32: few devices do one
# thing more often in a week. So little data that its norms are all noise gets a large bound, and honest intervals. 0,
# 1/4 and 1/2 were tried on a month of check-ins in New York, a made-up town and Beijing: with 0 a third of the truths
# were held where data are few, and 1/2 made the noise in the town half as large again.
_HIDDEN_SD, _LONGEST_HIDDEN = 0.25, 1024.0
# What less bias may cost in noise.
_MORE_NOISE = 1.2
_BOUNDS = np.asarray(2.0 ** np.arange(NORM_BINS), dtype=np.float64)
# A squared norm in the middle of each bin.
_MIDDLES = np.maximum(0.75 * _BOUNDS, 1.0)


@dataclass(frozen=True)
class NoisyNorms:
    """A noisy histogram of squared norms, by :func:`~hereabouts.privacy.bounding.norm_bin`.

    Attributes
    ----------
    noisy
        Devices in each bin, shape (bins,).
    sd
        Deviation of their noise.
    entries
        How many numbers the vectors have.
    longest
        A squared norm that no vector exceeds, where the statistic has one: fuller bins are noise.
    """

    noisy: Integers
    sd: float
    entries: int
    longest: float = math.inf

    @property
    def counts(self) -> Floats:
        """Devices in the bins that stand out of the noise; where none does, in all."""
        positive = np.maximum(self.noisy, 0).astype(np.float64)
        positive[1:][_BOUNDS[:-1] >= self.longest] = 0.0
        clear = np.where(positive > _STANDS_OUT_SD * self.sd, positive, 0.0)
        return clear if clear.any() else positive

    @property
    def plausible(self) -> Floats:
        """The same with what noise may hide."""
        hidden = (_BOUNDS <= _LONGEST_HIDDEN) & (self.longest >= _MIDDLES)
        return np.maximum(self.counts, np.where(hidden, _HIDDEN_SD * self.sd, 0.0))

    def least_error(self, multiplier: float) -> int:
        """The squared norm to scale to where noise and all that is cut off are least together: for few, full numbers.

        Noise of deviation ``C x multiplier`` is off by ``sqrt(2/pi)`` of that in each number; scaling a vector of
        norm ``n`` to ``C`` takes ``1 - C/n`` of its sum (references/methods.md, "Bounding").

        Parameters
        ----------
        multiplier
            Noise deviation at sensitivity 1, for what is paid for these numbers.
        """
        noise = self.entries * np.sqrt(_BOUNDS) * multiplier * math.sqrt(2.0 / math.pi)
        most = self.plausible * _sums(_BOUNDS, self.entries)
        cut = [float(most @ (1.0 - _factors(_BOUNDS, bound))) for bound in _BOUNDS.tolist()]
        return int(_BOUNDS[int(np.argmin(noise + cut))])

    def widest(self, multiplier: float) -> int:
        """The squared norm to scale to for many numbers, most of them small: as large as noise allows.

        Once the ratio has put back what scaling took, noise hardly gets less below a certain bound, and bias gets
        more. So the largest bound is taken whose noise is at most 1.2 times the least of noise and bias together, for
        a number of mean size.

        Parameters
        ----------
        multiplier
            As for :meth:`least_error`.
        """
        weight = self.counts * _sums(_MIDDLES, self.entries)
        total = weight.sum()
        if total <= 0:
            return 1
        ratio = np.array([total / float(weight @ _factors(_MIDDLES, bound)) for bound in _BOUNDS])
        noise = np.sqrt(_BOUNDS) * ratio * multiplier
        bias = PLACES_APART * np.array([self.spread(int(bound)) for bound in _BOUNDS]) * total / self.entries
        least = float(np.hypot(noise, bias).min())
        return int(_BOUNDS[np.flatnonzero(noise <= _MORE_NOISE * least).max(initial=0)])

    def most_taken(self, squared_bound: int, multiplier: float) -> int:
        """How much of what scaling takes of a device is counted: least noise and what is not counted, together.

        Parameters
        ----------
        squared_bound
            What vectors are scaled to.
        multiplier
            Noise deviation at sensitivity 1, for what is paid for that number.
        """
        taken = _sums(_BOUNDS, self.entries) * (1.0 - _factors(_BOUNDS, squared_bound))
        left_out = [float(self.plausible @ np.maximum(taken - most, 0.0)) for most in _BOUNDS.tolist()]
        return int(_BOUNDS[int(np.argmin(_BOUNDS * multiplier + left_out))])

    def spread(self, squared_bound: int) -> float:
        """Deviation of the factor that devices are scaled by, over its mean, each weighed by its sum."""
        weight = self.counts * _sums(_MIDDLES, self.entries)
        factor = _factors(_MIDDLES, squared_bound)
        if weight.sum() <= 0:
            return 0.0
        mean = float(np.average(factor, weights=weight))
        return math.sqrt(float(np.average((factor - mean) ** 2, weights=weight))) / mean


def _sums(squared: Floats, entries: int) -> Floats:
    """At most how much there is in vectors of whole numbers of these squared norms.

    It is at most the squared norm, and at most the norm times the root of the number of entries (Cauchy and Schwarz).
    """
    return np.minimum(squared, np.sqrt(squared * entries))


def _factors(squared: Floats, squared_bound: float) -> Floats:
    return np.minimum(np.sqrt(squared_bound / squared), 1.0)
