"""Traces in memory: what devices there are, and in which cell and second each was seen. Nothing else is kept.

A device is a number that means nothing elsewhere. A position is kept as its H3 cell of resolution 10 (some 130 m
across), coarser ones are that cell's ancestors by index: nothing that is measured here asks for more, and a ping takes
eight bytes, so that a hundred million fit into the memory of a laptop.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import NDArray

from hereabouts.hexagons import centres_of, parents_of
from hereabouts.movement.kernel import Int32s, Int64s, UInt64s, kernel, read_only
from hereabouts.movement.numbering import enlarged, number_keys
from hereabouts.rules.fewest import FEWEST

FINEST = 10
"""H3 resolution in which positions are kept."""

_SMALLEST_TABLE = 1 << 12
_OFFSETS_AT = 4
"""H3 resolution whose centres say what time it is by the sun: cells are 45 km across, three minutes at the most."""


@dataclass(frozen=True, repr=False, eq=False)
class Traces:
    """The traces of n devices, one after the other, each in order of time; a cell and second is there once.

    Attributes
    ----------
    starts
        Where each device's points begin, and the last one's end, int64[n + 1].
    points
        UTC second in the upper 32 bits, place in `cells` in the lower ones, uint64[m].
    cells
        Distinct cells, uint64[k].
    resolution
        Their H3 resolution.
    step
        Seconds by which times are told: 1, or 3,600 for what is left of a sealed window.
    """

    starts: Int64s
    points: UInt64s
    cells: UInt64s
    resolution: int
    step: int

    @property
    def devices(self) -> int:
        """How many there are."""
        return len(self.starts) - 1

    @property
    def time(self) -> NDArray[np.uint32]:
        """UTC second of each point, uint32[m]."""
        return (self.points >> np.uint64(32)).astype(np.uint32)

    @property
    def cell(self) -> Int32s:
        """Place in :attr:`cells` of each point, int32[m]."""
        return self.points.astype(np.uint32).view(np.int32)

    @property
    def days(self) -> int:
        """Days of UTC, from that by which 20 devices have been seen to that from which on 20 still are; both counted.

        So no device's first or last day is told. Of fewer devices it is the days on which all are there, if any.
        """
        if not len(self.points):
            return 0
        first, last = self.points[self.starts[:-1]], self.points[self.starts[1:] - 1]
        begins, ends = np.sort(first), np.sort(last)
        few = min(FEWEST, self.devices) - 1
        return max(0, int(ends[-1 - few] >> np.uint64(32)) // 86_400 - int(begins[few] >> np.uint64(32)) // 86_400 + 1)

    @property
    def amount(self) -> int:
        """How many points there are, in two digits; the 19 devices with most count for no more than the next one."""
        counts = np.sort(np.diff(self.starts))
        if not len(counts):
            return 0
        return int(float(f"{np.minimum(counts, counts[-min(FEWEST, len(counts))]).sum():.1e}"))

    def at(self, resolution: int) -> tuple[Int32s, UInt64s]:
        """Ancestors at a coarser resolution: for each of :attr:`cells` its place among them, and the ancestors."""
        ancestors, place = np.unique(parents_of(self.cells, resolution), return_inverse=True)
        return cast(Int32s, read_only(place.astype(np.int32), np.int32)), ancestors

    def by_the_sun(self) -> Int32s:
        """Seconds to add to UTC in each of :attr:`cells`: an hour for every 15 degrees east, in whole hours.

        Nearly the clock's time, needs no time zone to be known, and holds for a data set of many countries.
        """
        place, around = self.at(min(_OFFSETS_AT, self.resolution))
        hours = np.rint(centres_of(around)[:, 1] / 15.0).astype(np.int32)
        return cast(Int32s, read_only(3600 * hours[place], np.int32))


class _Numbers:
    """Numbers 0, 1, … for keys, in order of appearance."""

    def __init__(self) -> None:
        self._table = np.zeros(_SMALLEST_TABLE, np.uint64)
        self._numbers = np.zeros(_SMALLEST_TABLE, np.int32)
        self._known: list[UInt64s] = []
        self._count = 1  # 0 is the number of the key 0

    def __len__(self) -> int:
        return self._count - 1

    def keys(self) -> UInt64s:
        """The keys, by number."""
        return np.concatenate([np.zeros(0, np.uint64), *self._known])

    def of(self, keys: UInt64s) -> Int32s:
        """Number of each key."""
        wanted, number, row = cast(UInt64s, np.ascontiguousarray(keys)), np.empty(len(keys), np.int32), 0
        while row < len(wanted):
            row, self._count, first = number_keys(wanted, row, self._table, self._numbers, self._count, number)
            self._known.append(wanted[first])
            if row < len(wanted):
                self._table, self._numbers = enlarged(self._table, self._numbers)
        return number - np.int32(1)


@dataclass(repr=False)
class Gathering:
    """Takes points batch by batch, and gives traces.

    Parameters
    ----------
    resolution, step
        As in :class:`Traces`.
    """

    resolution: int = FINEST
    step: int = 1
    rows: int = 0
    _devices: _Numbers = field(default_factory=_Numbers)
    _places: _Numbers = field(default_factory=_Numbers)
    _held: list[tuple[Int32s, UInt64s]] = field(default_factory=list)

    def add(self, key: UInt64s, time: Int64s, cells: UInt64s) -> Int32s:
        """Take points.

        Parameters
        ----------
        key
            What tells devices apart, uint64[n], not 0: the upper half of a pseudonym. Two of a million devices share
            one with a probability of 3e-8, and then are measured as one.
        time
            UTC seconds from 1970 to 2106, int64[n].
        cells
            H3 cells, uint64[n].

        Returns
        -------
        int32[n]
            Numbers of the devices: in order of appearance, and the same in all batches.
        """
        device, place = self._devices.of(key), self._places.of(cells)
        self._held.append((device, time.astype(np.uint64) << np.uint64(32) | place.astype(np.uint64)))
        self.rows += len(device)
        return device

    def traces(self) -> Traces:
        """Give what was taken, and let go of it."""
        count = len(self._devices)
        sizes = np.zeros(count, np.int64)
        for device, _ in self._held:
            sizes += np.bincount(device, minlength=count)
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        points, following = np.empty(int(starts[-1]), np.uint64), starts[:-1].copy()
        while self._held:
            device, batch = self._held.pop(0)
            _to_devices(device, batch, following, points)
        starts = _in_order(starts, points)
        points = points[: starts[-1]]
        return Traces(
            cast(Int64s, read_only(starts, np.int64)),
            cast(UInt64s, read_only(points, np.uint64)),
            cast(UInt64s, read_only(self._places.keys(), np.uint64)),
            self.resolution,
            self.step,
        )


@kernel
def _to_devices(device: Int32s, batch: UInt64s, following: Int64s, points: UInt64s) -> None:
    """Move each point to the next free place of its device."""
    for row in range(batch.size):
        points[following[device[row]]] = batch[row]
        following[device[row]] += 1


@kernel
def _in_order(starts: Int64s, points: UInt64s) -> Int64s:
    """Put each device's points in order, each once, and close up the gaps; give where they begin now."""
    now = np.zeros_like(starts)
    kept = 0
    for device in range(starts.size - 1):
        own = points[starts[device] : starts[device + 1]]
        for k in range(1, own.size):
            if own[k] < own[k - 1]:
                own.sort()
                break
        first = kept
        for k in range(own.size):
            if kept == first or points[kept - 1] != own[k]:
                points[kept] = own[k]
                kept += 1
        now[device + 1] = kept
    return now
