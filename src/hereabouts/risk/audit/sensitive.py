"""Which share of devices was seen at sensitive places, by category; which places and which devices is forgotten.

Asked of feeds alone, beside a store's list. A store is not asked: what is at a listed place is dropped from it at
intake, or when the list is registered, so that under any list its answer is nobody, and two versions of a list cannot
be compared. Two versions can be held against a feed, which whoever runs this has before him in plain; then figures
differ by a multiple of 20 devices or not at all, and each is about 20 places at the least.
"""

from __future__ import annotations

import numpy as np

from hereabouts.feeds.places.categories import categories
from hereabouts.feeds.places.gate import PlaceGate
from hereabouts.feeds.places.listing import PlaceList
from hereabouts.movement.kernel import Int64s
from hereabouts.risk.figures import Figure, Procedure, not_told, share
from hereabouts.risk.reading import Seen
from hereabouts.rules.fewest import FEWEST

AT_PLACES = Procedure(
    "devices with a ping within the margin of a listed place",
    "FTC orders on Gravy Analytics, X-Mode, InMarket (in paraphrase); hereabouts rule SL-LIST",
)

TOO_FEW_PLACES = f"fewer than {FEWEST} places of it are listed: not told"

_SEEN = "seen at a place of category {}"
_FORGET_AT = 1 << 22


class PlaceVisits:
    """Sees pings go by, and remembers of which category of places each device was at one.

    Parameters
    ----------
    places
        The list.
    """

    def __init__(self, places: PlaceList) -> None:
        self._gate = PlaceGate(places)
        counts = places.counts()
        self._listed = {name: counts[name] for name in categories() if name in counts}
        self._known = np.empty(0, np.int64)
        self._new: list[Int64s] = []
        self._held = 0

    def look(self, seen: Seen) -> None:
        """See which pings are at a place."""
        category = self._gate.at(seen.latitude, seen.longitude)
        there = np.flatnonzero(category >= 0)
        if there.size:
            visits = np.unique(seen.device[there].astype(np.int64) * len(self._gate.categories) + category[there])
            self._new.append(visits)
            self._held += len(visits)
            if self._held > _FORGET_AT:
                self._settle()

    def figures(self, devices: int) -> tuple[Figure, ...]:
        """Give the share of devices for each category of the list.

        Of a category of fewer than 20 places nothing is told: a list of one place would ask who was there. Nor is how
        many were at any place at all: less what is told of the categories, that would say how few were at two of them.
        """
        self._settle()
        counts = np.bincount(self._known % len(self._gate.categories), minlength=len(self._gate.categories))
        hits = dict(zip(self._gate.categories, counts.tolist(), strict=True))
        return tuple(
            not_told(_SEEN.format(name), AT_PLACES, TOO_FEW_PLACES)
            if places < FEWEST
            else share(_SEEN.format(name), hits[name], devices, AT_PLACES)
            for name, places in self._listed.items()
        )

    def _settle(self) -> None:
        self._known = np.unique(np.concatenate([self._known, *self._new]))
        self._new, self._held = [], 0
