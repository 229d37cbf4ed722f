"""Putting back what scaling took: one noisy ratio for all numbers, and how far one of them may be from it."""

from __future__ import annotations

from typing import NamedTuple

from hereabouts.privacy.choosing import PLACES_APART


class Correction(NamedTuple):
    """What scaled numbers are multiplied by.

    Attributes
    ----------
    ratio
        At least 1.
    variance
        Of the relative error of the result: that of the ratio, and of one number from all.
    """

    ratio: float
    variance: float


def correction(totals: tuple[int, int], totals_variance: float, spread: float) -> Correction:
    """The ratio of noisy totals before and after scaling.

    Parameters
    ----------
    totals, totals_variance
        Before and after, and the variance of the noise in each.
    spread
        Relative deviation of the factors that devices were scaled by.
    """
    before, after = (float(total) for total in totals)
    sd = totals_variance**0.5
    # Where there is nothing but noise to tell the ratio from, it may be anything.
    after = max(after, sd, 1e-9)
    ratio = max(before / after, 1.0)
    return Correction(ratio, totals_variance * (1.0 + ratio**-2) / after**2 + (PLACES_APART * spread) ** 2)
