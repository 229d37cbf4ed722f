"""Putting back what scaling took: one noisy ratio for all numbers, and how far one of them may be from it."""

from __future__ import annotations

from typing import NamedTuple

from hereabouts.estimate.measurements import Histogram, VisitorLevel
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


def correction(measured: VisitorLevel | Histogram) -> Correction:
    """All that there was over what scaling left, from the noisy sums of what it took and what it left."""
    taken = max(float(measured.taken), 0.0)
    # Where there is nothing but noise to tell the ratio from, it may be anything.
    kept = max(float(measured.kept), measured.kept_variance**0.5, 1.0)
    noise = (measured.taken_variance + (taken / kept) ** 2 * measured.kept_variance) / (kept + taken) ** 2
    return Correction(1.0 + taken / kept, noise + (PLACES_APART * measured.spread) ** 2)
