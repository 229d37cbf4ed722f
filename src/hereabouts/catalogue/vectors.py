"""Vectors of devices that are scaled to a length: what visitors and distributions have in common; see ``vectors.md``.

Three sums of them are measured: how long they are (a histogram of norms, which chooses the bounds), how much scaling
takes in all (which is put back by a ratio), and the scaled vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hereabouts.privacy.bounding import NORM_BINS, SCALE, norm_bin, scaled
from hereabouts.privacy.measure import Contribution

Integers = NDArray[np.int64]

_MOST_NUMBERS = (1 << 63) - 1


@dataclass(frozen=True, repr=False)
class DeviceVectors:
    """The vectors of one bucket's devices, without their zeros.

    Attributes
    ----------
    entry
        Which number of the domain, shape (entries,).
    count
        How often, at least 1, shape (entries,).
    device
        Whose they are, 0 to devices - 1, shape (entries,).
    squared_norm
        Sum of squared counts of each device, shape (devices,).
    """

    entry: Integers
    count: Integers
    device: Integers
    squared_norm: Integers


def vectors_of(device: Integers, entry: Integers, size: int, *, once: bool = False) -> DeviceVectors:
    """Count a bucket's rows by device and entry; a device without a row has no vector.

    Parameters
    ----------
    device
        Whose each row is, any numbers from 0, shape (rows,).
    entry
        Which number of the domain it counts in, 0 to size - 1, shape (rows,).
    size
        How many numbers the domain has.
    once
        A device counts at most once in each entry, however many rows it has there.
    """
    names, code = np.unique(device, return_inverse=True)
    whose, position, count = grouped(code.astype(np.int64), names.size, entry, size)
    counts = np.ones_like(count) if once else count
    squared_norm = np.zeros(names.size, dtype=np.int64)
    np.add.at(squared_norm, whose, counts * counts)
    return DeviceVectors(position, counts, whose, squared_norm)


def grouped(device: Integers, devices: int, entry: Integers, size: int) -> tuple[Integers, Integers, Integers]:
    """Each device's entries that occur, and how often: whose, which, count; ordered by device and entry.

    Parameters
    ----------
    device
        Whose each row is, 0 to `devices` - 1, shape (rows,).
    entry
        What it counts, 0 to `size` - 1, shape (rows,).
    """
    kinds: Integers | None = None
    if devices * size > _MOST_NUMBERS:
        # Numbered by those that occur: how many devices there are must not decide whether a plan can be measured.
        kinds, entry = np.unique(entry, return_inverse=True)
        size = kinds.size
    number = np.sort(device * size + entry)
    begins = np.flatnonzero(np.concatenate([[True], number[1:] != number[:-1]])[: number.size])
    whose, which = np.divmod(number[begins], max(size, 1))
    return whose, which if kinds is None else kinds[which], np.diff(np.append(begins, number.size))


def norms_contribution(levels: Sequence[Sequence[DeviceVectors]]) -> Contribution:
    """Devices by the length of their vectors, shape (levels, bins): at each level a device is in one bin at most."""
    sums = np.zeros((len(levels), NORM_BINS), dtype=np.int64)
    for place, buckets in enumerate(levels):
        for bucket in buckets:
            sums[place] += np.bincount(norm_bin(bucket.squared_norm), minlength=NORM_BINS)
    return Contribution(sums, squared_sensitivity=len(levels))


def taken_contribution(buckets: Sequence[DeviceVectors], squared_bound: int, most: int) -> Contribution:
    """How much scaling takes of all vectors together, in units of 1/SCALE, shape (1,); of a device up to `most`."""
    taken = 0
    for bucket in buckets:
        values = scaled(bucket.count, bucket.device, bucket.squared_norm, squared_bound)
        by_device = np.zeros(bucket.squared_norm.size, dtype=np.int64)
        np.add.at(by_device, bucket.device, bucket.count * SCALE - values)
        taken += int(np.minimum(by_device, most * SCALE).sum())
    return Contribution(np.array([taken], dtype=np.int64), squared_sensitivity=(most * SCALE) ** 2)


def vectors_contribution(buckets: Sequence[DeviceVectors], size: int, squared_bound: int) -> Contribution:
    """The sum of the scaled vectors, in units of 1/SCALE, shape (size,)."""
    sums = np.zeros(size, dtype=np.int64)
    for bucket in buckets:
        np.add.at(sums, bucket.entry, scaled(bucket.count, bucket.device, bucket.squared_norm, squared_bound))
    return Contribution(sums, squared_sensitivity=squared_bound * SCALE * SCALE)
