"""Whether devices are told at one another's positions, as they are where a position is that of a cell tower.

All phones of an antenna are told at the antenna. A phone's own measurement has a metre or less as its last digit, and
nobody else's is the same. Positions of venues, or rounded ones, are shared as well: so what is shared may be a tower's,
and what is not shared is none.
"""

from __future__ import annotations

import numpy as np

from hereabouts.movement.kernel import UInt64s
from hereabouts.risk.figures import Figure, Procedure, share
from hereabouts.risk.reading import Seen, mixed_positions
from hereabouts.store.suppression import distinct

SHARED = Procedure("devices that are mostly at exactly the position of another device", "hereabouts")

MOST = 1_000_000
"""Pairs of a position and a device that are kept at once."""


class SharedPositions:
    """Sees pings go by, and keeps who was at each of a sample of positions: in numbers that name neither."""

    def __init__(self) -> None:
        self._limit = np.uint64(2**64 - 1)
        self._pairs = np.empty((0, 2), np.uint64)
        self._new: list[UInt64s] = []
        self._held = 0

    def look(self, seen: Seen) -> None:
        """Keep those whose position is in the sample."""
        mixed = mixed_positions(seen)
        rows = np.flatnonzero(mixed <= self._limit)
        self._new.append(np.column_stack([mixed[rows], seen.device[rows].astype(np.uint64)]))
        self._held += len(rows)
        if self._held > MOST:
            self._settle()

    def figure(self) -> Figure:
        """Give the share of devices of whose positions (of the sample, each once) more than half are another's too."""
        self._settle()
        _, position, crowd = np.unique(self._pairs[:, 0], return_inverse=True, return_counts=True)
        devices, device = np.unique(self._pairs[:, 1], return_inverse=True)
        shared = np.bincount(device, weights=crowd[position] > 1, minlength=len(devices))
        mostly = int(np.count_nonzero(2 * shared > np.bincount(device, minlength=len(devices))))
        return share(SHARED.name, mostly, len(devices), SHARED)

    def _settle(self) -> None:
        self._pairs = distinct(np.concatenate([self._pairs, *self._new]))
        self._new, self._held = [], 0
        while len(self._pairs) > MOST:
            self._limit >>= np.uint64(1)
            self._pairs = self._pairs[self._pairs[:, 0] <= self._limit]
