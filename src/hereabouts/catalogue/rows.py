"""Rows of a sealed window as statistics by device see them: one bucket at a time, and whose each row is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hereabouts.catalogue.domain import LEAF, positions_in
from hereabouts.hexagons import parents_of

PRESENCE, STAYS, TRIPS = "presence", "stays", "trips"
"""Names of the sealed tables."""

Cells = NDArray[np.uint64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Presence(NamedTuple):
    """One row a device-hour; ``cell`` is a place in :attr:`DeviceRows.cells`."""

    device: Integers
    cell: Integers
    hour: Integers


class Stays(NamedTuple):
    """One row a stay; ``minutes`` is the lower edge of the bin that it was sealed in."""

    device: Integers
    cell: Integers
    minutes: Integers


class Trips(NamedTuple):
    """One row a trip; ``hour`` is the one in which its first stay ends; lower edges of the bins it was sealed in."""

    device: Integers
    origin: Integers
    destination: Integers
    hour: Integers
    minutes: Integers
    metres: Integers


@dataclass(frozen=True, repr=False)
class DeviceRows:
    """The rows of one bucket's devices: of a device all rows are here, in no order that matters.

    Attributes
    ----------
    devices
        How many devices there are; rows say whose they are by a number from 0 to devices - 1, the same in all tables.
    cells
        The store cells that occur.
    presence, stays, trips
        Empty where a table was not asked for.
    """

    devices: int
    cells: Cells
    presence: Presence
    stays: Stays
    trips: Trips

    def require_within(self, hours: int) -> None:
        """Refuse rows that are in none of the window's hours.

        Raises
        ------
        ValueError
            Says that the files cannot be the store's own.
        """
        for hour in (self.presence.hour, self.trips.hour):
            if hour.size and not 0 <= hour.min() <= hour.max() < hours:
                raise ValueError("a row is outside its window: the sealed files are not the store's own")

    def inside(self, leaves: Cells) -> Flags:
        """Which of the cells are in the region, given its sorted cells at resolution 7; shape (cells,)."""
        if not leaves.size:
            return np.zeros(self.cells.size, dtype=bool)
        return np.asarray(np.isin(parents_of(self.cells, LEAF), leaves))

    def places(self, leaves: Cells, domain: Cells, resolution: int) -> Integers:
        """Position of each cell's ancestor in the region's sorted cells at `resolution`, -1 outside; shape (cells,)."""
        return positions_in(self.cells, leaves, domain, resolution)
