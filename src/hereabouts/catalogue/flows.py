"""Flows: trips between pairs of cells. Domain, contributions and bounds; the proof is in ``flows.md``.

Three sums of the devices' vectors are measured: how long the vectors are at each resolution (histograms, which choose
the bounds), how much scaling keeps and takes in all, and for each resolution the scaled vectors themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hereabouts.catalogue.domain import positions_in
from hereabouts.catalogue.vectors import grouped
from hereabouts.privacy.bounding import NORM_BINS, SCALE, norm_bin, scaled
from hereabouts.privacy.measure import Contribution

Cells = NDArray[np.uint64]
Integers = NDArray[np.int64]
Codes = NDArray[np.integer]


@dataclass(frozen=True, repr=False)
class TripCounts:
    """How often each device of one bucket went from one cell to another.

    Attributes
    ----------
    pair
        ``origin position x cells + destination position`` in the sorted domain, shape (entries,); where trips are told
        apart by slots of time, ``pair x slots + slot``.
    count
        Trips, shape (entries,).
    device
        Whose they are, 0 to devices - 1, shape (entries,).
    squared_norm
        Sum of squared counts of each device, shape (devices,).
    """

    pair: Integers
    count: Integers
    device: Integers
    squared_norm: Integers


def trip_counts(
    device: Integers,
    cells: Cells,
    origin: Codes,
    destination: Codes,
    leaves: Cells,
    domain: Cells,
    resolution: int,
    slot: Integers | None = None,
    slots: int = 1,
) -> TripCounts:
    """Group one bucket's trips by device and pair of cells, and slot of time; both ends must be in the region.

    Parameters
    ----------
    device
        Any number that tells the bucket's devices apart, shape (trips,).
    cells
        The distinct store cells in which trips begin or end.
    origin, destination
        Places of each trip's ends among these, shape (trips,).
    leaves
        The region's cells at resolution 7, sorted: an end is in the region when its ancestor there is.
    domain
        The region's cells at `resolution`, sorted.
    slot
        In which of so many `slots` each trip began, shape (trips,); ``None`` where all are one.
    """
    position = positions_in(cells, leaves, domain, resolution)
    start, end = position[origin], position[destination]
    inside = (start >= 0) & (end >= 0)
    code, devices = _numbered(device[inside])
    pair = start[inside] * domain.size + end[inside]
    numbered = pair if slot is None else pair * slots + slot[inside]
    whose, entries, count = grouped(code, devices, numbered, domain.size**2 * slots)
    own = _begins(whose)
    squared_norm = np.add.reduceat(count * count, own) if own.size else np.zeros(0, dtype=np.int64)
    return TripCounts(entries, count, whose, squared_norm)


def _numbered(device: Integers) -> tuple[Integers, int]:
    """Each row's device by its rank among those that occur, and how many they are."""
    if device.size and (device[1:] >= device[:-1]).all():  # as the store's files have them
        code = np.zeros(device.size, dtype=np.int64)
        np.cumsum(device[1:] != device[:-1], out=code[1:])
        return code, int(code[-1]) + 1
    names, found = np.unique(device, return_inverse=True)
    return found.astype(np.int64), names.size


def _begins(ascending: Integers) -> Integers:
    """Where each distinct value begins."""
    return np.flatnonzero(np.concatenate([[True], ascending[1:] != ascending[:-1]])[: ascending.size])


def norms_contribution(levels: Sequence[Sequence[TripCounts]]) -> Contribution:
    """Devices by how many trips they made, and by the length of their vectors, shape (1 + levels, bins).

    Bins are those of :func:`~hereabouts.privacy.bounding.norm_bin`; in each row a device is in one.
    """
    sums = np.zeros((1 + len(levels), NORM_BINS), dtype=np.int64)
    for bucket in levels[0]:
        trips = _sums(bucket.device, bucket.count, bucket.squared_norm.size)
        sums[0] += np.bincount(norm_bin(trips), minlength=NORM_BINS)
    for place, buckets in enumerate(levels, start=1):
        for bucket in buckets:
            sums[place] += np.bincount(norm_bin(bucket.squared_norm), minlength=NORM_BINS)
    return Contribution(sums, squared_sensitivity=len(sums))


def totals_contribution(
    levels: Sequence[Sequence[TripCounts]], cells: Sequence[int], squared_bounds: Sequence[int], most_trips: int
) -> Contribution:
    """What scaling keeps and what it takes, in units of 1/SCALE, shape (levels, kinds of pairs, 2).

    The kinds are pairs of a cell with itself, and all others. None of a device's four numbers is negative and together
    they are its trips; a device that has more than `most_trips` is scaled down to these, all four alike.

    Parameters
    ----------
    levels
        The devices' vectors at each level, bucket by bucket.
    cells
        Cells in the domain of each level.
    squared_bounds
        Squared norms that vectors are scaled to at each level.
    most_trips
        How many trips of a device are counted.
    """
    most = most_trips * SCALE
    sums = np.zeros((len(levels), 4), dtype=np.int64)
    for place, (buckets, size, squared_bound) in enumerate(zip(levels, cells, squared_bounds, strict=True)):
        for bucket in buckets:
            kept = scaled(bucket.count, bucket.device, bucket.squared_norm, squared_bound)
            origin, destination = np.divmod(bucket.pair, size)
            number = 4 * bucket.device + 2 * (origin != destination)
            parts = _sums(number, kept, 4 * bucket.squared_norm.size)
            parts += _sums(number + 1, bucket.count * SCALE - kept, parts.size)
            by_device = parts.reshape(-1, 4)
            whole = by_device.sum(axis=1, keepdims=True)
            sums[place] += np.where(whole > most, by_device * most // np.maximum(whole, 1), by_device).sum(axis=0)
    return Contribution(sums.reshape(-1, 2, 2), squared_sensitivity=len(levels) * most * most)


def _sums(place: Integers, values: Integers, size: int) -> Integers:
    """Exact sums of the values of each place, shape (size,)."""
    found = np.zeros(size, dtype=np.int64)
    np.add.at(found, place, values)
    return found


def among(buckets: Sequence[TripCounts], pairs: Integers) -> list[TripCounts]:
    """Only the entries of these `pairs` (sorted); a device that has none of them has a vector of length 0."""
    found = []
    for bucket in buckets:
        kept = np.isin(bucket.pair, pairs)
        device, count = bucket.device[kept], bucket.count[kept]
        lengths = _sums(device, count * count, bucket.squared_norm.size)
        found.append(TripCounts(bucket.pair[kept], count, device, lengths))
    return found


def lengths_contribution(buckets: Sequence[TripCounts]) -> Contribution:
    """Devices by the length of their vectors, those that have one, shape (bins,): a device is in one bin at most."""
    sums = np.zeros(NORM_BINS, dtype=np.int64)
    for bucket in buckets:
        sums += np.bincount(norm_bin(bucket.squared_norm[bucket.squared_norm > 0]), minlength=NORM_BINS)
    return Contribution(sums, squared_sensitivity=1)


def flow_contribution(buckets: Sequence[TripCounts], pairs: Integers, squared_bound: int) -> Contribution:
    """Scaled trips by pair, in units of 1/SCALE, for the `pairs` (sorted) that are measured.

    A device's scaled vector has squared L2 norm at most ``squared_bound x SCALE**2``; leaving pairs out makes it
    no longer.
    """
    sums = np.zeros(pairs.size, dtype=np.int64)
    for bucket in buckets:
        values = scaled(bucket.count, bucket.device, bucket.squared_norm, squared_bound)
        position = np.minimum(np.searchsorted(pairs, bucket.pair), max(pairs.size - 1, 0))
        wanted = pairs[position] == bucket.pair if pairs.size else np.zeros(values.size, dtype=bool)
        np.add.at(sums, position[wanted], values[wanted])
    return Contribution(sums, squared_sensitivity=squared_bound * SCALE * SCALE)
