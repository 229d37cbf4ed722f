"""Public bins of the distributions: which values are counted together, and what is counted. No data decides them.

A bin holds the values from its lower edge up to, and not including, the next one; the last is open. Zero is a bin
wherever a value can be zero. Lengths of time and way are sealed in bins of their own (:mod:`hereabouts.store.sealed`):
those that are published are unions of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Bins:
    """The bins of one distribution.

    Attributes
    ----------
    edges
        Lower edges, ascending. What lies below the first, which no definition allows, counts in the first bin.
    unit
        Of the values.
    counted
        What each bin counts: trips, stays, device-days or devices.
    """

    edges: tuple[float, ...]
    unit: str
    counted: str

    def ranges(self) -> list[tuple[float, float]]:
        """Lower and upper end of each bin; the last one's upper end is infinite."""
        return list(pairwise((*self.edges, float("inf"))))

    def place(self, values: ArrayLike) -> NDArray[np.int64]:
        """The bin of each value, shape (n,)."""
        found = np.searchsorted(np.array(self.edges), np.asarray(values, dtype=np.float64), side="right") - 1
        return np.maximum(found, 0).astype(np.int64)


# A radius of less than a metre is none: centres of two store cells are never that near, even if the other one is held
# for a single hour of a year.
BINS = {
    "trip-lengths": Bins((0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0), "km", "trips"),
    "trip-durations": Bins((0.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0), "minutes", "trips"),
    "stay-durations": Bins((20.0, 40.0, 80.0, 160.0, 320.0, 640.0, 1280.0, 2560.0), "minutes", "stays"),
    "trips-per-device-day": Bins((0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0), "trips", "device-days"),
    "cells-per-device-day": Bins((1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0), "cells", "device-days"),
    "radius-of-gyration": Bins((0.0, 0.001, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0), "km", "devices"),
}
"""The bins of each distribution, by its name in plans."""
