"""Discrete Gaussian draws by the million: inversion, bit by bit from the operating system, exact.

A draw is what an infinitely long random number U in [0, 1) stands for: the smallest k with ``U < P(|Z| <= k)``, and one
more bit for the sign. Of U only so many bits are drawn as it takes to know k: 15 nearly always at small scales, else
63, and more than that in less than one draw of 2**42. `inversion.md` proves that the law is the discrete Gaussian
itself, not one near it.

There is no seed and no generator to hand over: bits come from the operating system's random source, each used once.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from hereabouts.privacy.cumulative import thresholds

Integers = NDArray[np.int64]
Words = NDArray[np.uint64]

# A first word has a sign in its lowest bit and 15 bits of U above; 48 more make 63 of U, which fit an int64.
_SHORT, _LONG = 15, 63
_MORE = _LONG - _SHORT
# In place of a draw that 15 bits do not decide.
_OPEN = np.iinfo(np.int64).min


class Inversion:
    """The discrete Gaussian law N_Z(0, scale**2) as tables to draw from; they are never changed.

    Parameters
    ----------
    scale
        Above 0; its square is taken exactly. Tables have some 9.1 x scale + 65,536 entries of 8 bytes.
    """

    def __init__(self, scale: float) -> None:
        self._variance = Fraction(scale) ** 2
        self._thresholds = np.array(thresholds(self._variance, _LONG), dtype=np.uint64)
        self._short = self._drawn_by_first_words()
        self._thresholds.flags.writeable = self._short.flags.writeable = False

    def draw(self, count: int) -> Integers:
        """`count` independent draws, shape (count,). Many threads may draw at the same time."""
        words = np.frombuffer(_random_bytes(2 * count), dtype=np.uint16)
        drawn = self._short.take(words)
        still_open = np.flatnonzero(drawn == _OPEN)
        if still_open.size:
            drawn[still_open] = self._draw_longer(words[still_open])
        return drawn

    def _drawn_by_first_words(self) -> Integers:
        """For each first word the draw that it stands for, whatever bits follow, or `_OPEN`; shape (65536,)."""
        lowest = np.arange(1 << _SHORT, dtype=np.uint64) << np.uint64(_MORE)
        size, sure = self._decide(lowest)
        size_of_highest, _ = self._decide(lowest + np.uint64((1 << _MORE) - 1))
        decided = sure & (size == size_of_highest)
        # Even words stand for k, odd ones for -k.
        return np.column_stack([np.where(decided, size, _OPEN), np.where(decided, -size, _OPEN)]).ravel()

    def _draw_longer(self, words: NDArray[np.uint16]) -> Integers:
        """Draws of first words that leave them open: with 48 more bits each, and more where that is not enough."""
        more = np.frombuffer(_random_bytes(8 * words.size), dtype=np.uint64) >> np.uint64(64 - _MORE)
        prefix = (words >> 1).astype(np.uint64) << np.uint64(_MORE) | more
        size, sure = self._decide(prefix)
        for place in np.flatnonzero(~sure):
            size[place] = _draw_longest(self._variance, int(prefix[place]))
        return np.where(words & 1, -size, size)

    def _decide(self, prefix: Words) -> tuple[Integers, NDArray[np.bool_]]:
        """What |Z| is for numbers U that begin with these 63 bits, and whether that is so for all of them."""
        size = np.searchsorted(self._thresholds, prefix, side="right")
        below = self._thresholds[np.maximum(size - 1, 0)]
        # A threshold T stands for one in [T, T + 2): words T and T + 1 may lie on either side of it. The one beyond the
        # table is its last threshold itself, so it is not sure either.
        sure = (size == 0) | (prefix - below >= 2)
        return size.astype(np.int64), sure


def _draw_longest(variance: Fraction, prefix: int) -> int:
    """|Z| for a U whose first 63 bits leave it open: 64 more bits at a time, and thresholds as precise."""
    bits = _LONG
    while True:
        bits += 64
        prefix = prefix << 64 | int.from_bytes(_random_bytes(8), "big")
        bounds = thresholds(variance, bits)
        size = bisect_right(bounds, prefix)
        if size == 0 or prefix - bounds[size - 1] >= 2:
            return size


def _random_bytes(count: int) -> bytes:
    """Fair bits that nobody else has, and that are not drawn again: all chance of this module."""
    return os.urandom(count)
