"""The gate at sensitive places (SL-BLOCK): which pings are at one, before any kernel sees them.

What :mod:`hereabouts.feeds.places.nearest` defines, for a billion pings: a grid passes over those that no
place is near, and only the others are measured. A ping is judged by its own position and the list alone.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hereabouts.feeds.places.categories import categories
from hereabouts.feeds.places.grid import find, levels_of
from hereabouts.feeds.places.listing import PlaceList
from hereabouts.feeds.places.nearest import facts_of, judge
from hereabouts.feeds.places.shapes import parts_of
from hereabouts.movement.kernel import Floats, read_only, same_length

_ROWS_AT_ONCE = 1 << 14
"""So that what one pass finds is still in the processor's cache for the next."""


class PlaceGate:
    """Tells which pings are at a listed place. May be kept and shared by threads.

    Parameters
    ----------
    places
        The list.

    Attributes
    ----------
    categories
        Ids of all categories that there are, in their public order.
    """

    categories: tuple[str, ...]

    def __init__(self, places: PlaceList) -> None:
        self.categories = tuple(categories())
        parts = parts_of(places.shape)
        numbers = np.array([self.categories.index(name) for name in places.category], np.int16)
        # The last one is what the part -1 points at: no place.
        self._category = np.append(numbers[parts.shape], np.int16(-1))
        radius, margin = places.radius[parts.shape], places.margin[parts.shape]
        self._facts = facts_of(parts, radius, margin)
        self._levels = levels_of(parts, radius + margin)

    def at(self, latitude: ArrayLike, longitude: ArrayLike) -> NDArray[np.int16]:
        """Give the category of the place that each ping is at.

        Parameters
        ----------
        latitude, longitude
            float64[n], WGS84 degrees.

        Returns
        -------
        int16[n]
            Place in :attr:`categories`; -1 where the ping is at no listed place. Of several places the nearest
            counts, as :mod:`hereabouts.feeds.places.nearest` defines it.

        Raises
        ------
        ValueError
            If a position is not finite or not on Earth, or the columns differ in length.
        """
        lat = cast(Floats, read_only(latitude, np.float64))
        lon = cast(Floats, read_only(longitude, np.float64))
        n = same_length(latitude=lat, longitude=lon)
        found = np.full(n, -1, np.int16)
        best, gaps = np.full(n, -1, np.int32), np.empty(n)
        near, cells = np.empty(_ROWS_AT_ONCE, np.int32), np.empty(_ROWS_AT_ONCE, np.int32)
        for begin in range(0, n, _ROWS_AT_ONCE):
            end = min(begin + _ROWS_AT_ONCE, n)
            for level in self._levels:
                count = find(
                    lat, lon, begin, end, level.rows, level.shift, level.columns, level.slots, level.bases, near, cells
                )
                if count < 0:
                    raise ValueError("a position is not on Earth; invalid rows are dropped before they reach the gate")
                if count:
                    judge(lat, lon, near, cells, count, level.starts, level.candidates, self._facts, best, gaps)
                    found[near[:count]] = self._category[best[near[:count]]]
        return found
