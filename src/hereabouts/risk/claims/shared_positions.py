"""Whether devices are told at one another's positions, or at their own again, as they are where those are of towers.

All phones of an antenna are told at the antenna, and a phone is told there whenever it is near. A phone's own
measurement has a metre or less as its last digit: nobody else's is the same, and hardly ever another one of its own.
Positions of venues, of phones that lie still, or rounded ones, come back as well: so what comes back may be a tower's,
and what does not is none. Where data are so sparse that antennas have one phone each, only the second question tells.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hereabouts.movement.kernel import UInt64s
from hereabouts.risk.figures import Figure, Procedure, share
from hereabouts.risk.reading import Seen, mixed_positions
from hereabouts.store.suppression import distinct

SHARED = Procedure("devices that are mostly at exactly the position of another device", "hereabouts")
AGAIN = Procedure(
    "of the devices seen in several hours, those that are exactly where they were in another hour", "hereabouts"
)

MOST = 1_000_000
"""Who was at which position in which hour: so many are kept at once."""

_HOUR = 3_600
_BITS = np.uint64(32)


class SharedPositions:
    """Sees pings go by, and keeps who was at each of a sample of positions, and in which hours: in bare numbers."""

    def __init__(self) -> None:
        self._limit = np.uint64(2**64 - 1)
        self._pairs = np.empty((0, 2), np.uint64)
        self._new: list[UInt64s] = []
        self._held = 0

    def look(self, seen: Seen) -> None:
        """Keep those whose position is in the sample."""
        mixed = mixed_positions(seen)
        rows = np.flatnonzero(mixed <= self._limit)
        hours = (seen.time[rows] // _HOUR).astype(np.uint64)
        self._new.append(np.column_stack([mixed[rows], seen.device[rows].astype(np.uint64) << _BITS | hours]))
        self._held += len(rows)
        if self._held > MOST:
            self._settle()

    def of_others(self) -> Figure:
        """Give the share of devices of whose positions (of the sample, each once) more than half are another's too."""
        at, who, _ = self._stays()
        _, position, crowd = np.unique(at, return_inverse=True, return_counts=True)
        devices, device = np.unique(who, return_inverse=True)
        shared = np.bincount(device, weights=crowd[position] > 1, minlength=len(devices))
        mostly = int(np.count_nonzero(2 * shared > np.bincount(device, minlength=len(devices))))
        return share(SHARED.name, mostly, len(devices), SHARED)

    def own_again(self) -> Figure:
        """Give the share of devices, of those seen in several hours, that are somewhere (of the sample) in two."""
        _, who, hours = self._stays()
        able, times = np.unique(np.unique(self._pairs[:, 1]) >> _BITS, return_counts=True)
        able = able[times > 1]
        return share(AGAIN.name, int(np.isin(able, who[hours > 1]).sum()), len(able), AGAIN)

    def _stays(self) -> tuple[UInt64s, UInt64s, NDArray[np.int64]]:
        """Position and device of each pair that met, and in how many hours."""
        self._settle()
        at, who = self._pairs[:, 0], self._pairs[:, 1] >> _BITS  # in order, hour by hour
        first = np.ones(len(at), np.bool_)
        first[1:] = (at[1:] != at[:-1]) | (who[1:] != who[:-1])
        rows = np.flatnonzero(first)
        return at[rows], who[rows], np.diff(rows, append=len(at))

    def _settle(self) -> None:
        self._pairs = distinct(np.concatenate([self._pairs, *self._new]))
        self._new, self._held = [], 0
        while len(self._pairs) > MOST:
            self._limit >>= np.uint64(1)
            self._pairs = self._pairs[self._pairs[:, 0] <= self._limit]
