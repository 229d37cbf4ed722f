"""Pseudonymised pings of one window: as columns in memory, and as records in the order of their buckets.

A bucket holds all pings of the devices whose pseudonyms share their first byte, so that whoever works on a window
needs the memory of one bucket at a time. Written, a ping is a record of 36 bytes, little-endian: both halves of its
pseudonym, latitude, longitude (float64, exact), and its UTC second (uint32, which ends in 2106).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hereabouts.movement.kernel import kernel, read_only, same_length

BUCKETS = 256
"""How many buckets a window has: one for each first byte of a pseudonym."""

WORDS = 9
"""A record's length, in words of 32 bits."""

RECORD_BYTES = 4 * WORDS
LATEST = 2**32 - 1
"""The last UTC second that a record can hold."""

Records = NDArray[np.uint32]
"""Shape (n, WORDS)."""


@dataclass(frozen=True, repr=False)
class Pings:
    """Pseudonymised pings of one window.

    Attributes
    ----------
    pseudonym
        Shape (n, 2) uint64: the high and the low half of 128 bits.
    time
        UTC seconds, shape (n,) int64.
    latitude, longitude
        WGS84 degrees, shape (n,) float64.
    """

    pseudonym: NDArray[np.uint64]
    time: NDArray[np.int64]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of pings."""
        return self.time.size

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_] | slice) -> Pings:
        """The pings at these rows."""
        return Pings(self.pseudonym[rows], self.time[rows], self.latitude[rows], self.longitude[rows])

    @classmethod
    def empty(cls, rows: int) -> Pings:
        """Room for so many pings, to be filled with :meth:`fill`."""
        return cls(np.empty((rows, 2), np.uint64), np.empty(rows, np.int64), np.empty(rows), np.empty(rows))

    def fill(self, start: int, records: Records) -> None:
        """Put what records say into the rows from `start` on."""
        part = self.take(slice(start, start + len(records)))
        _read(read_only(records, np.uint32), part.pseudonym, part.time, _bits(part.latitude), _bits(part.longitude))

    @classmethod
    def of_records(cls, records: Records) -> Pings:
        """What records say."""
        pings = cls.empty(len(records))
        pings.fill(0, records)
        return pings

    @classmethod
    def concatenate(cls, parts: Iterable[Pings]) -> Pings:
        """All parts, one after the other."""
        columns = zip(*((p.pseudonym, p.time, p.latitude, p.longitude) for p in parts), strict=True)
        pseudonym, time, latitude, longitude = (np.concatenate(column) for column in columns)
        return cls(pseudonym, time, latitude, longitude)


@dataclass(frozen=True, repr=False)
class BucketedPings:
    """Records in the order of their buckets; within a bucket in the order in which they came.

    Attributes
    ----------
    records
        Shape (n, WORDS) uint32.
    ends
        Where each bucket begins, and where the last one ends, shape (BUCKETS + 1,) int64.
    """

    records: Records
    ends: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of pings."""
        return len(self.records)

    def bucket(self, number: int) -> Records:
        """The records of one bucket, without copying them."""
        return self.records[self.ends[number] : self.ends[number + 1]]


def by_bucket(pings: Pings, kept: NDArray[np.bool_] | None = None) -> BucketedPings:
    """Write pings as records, bucket by bucket, in one pass over them.

    Parameters
    ----------
    pings
        n pings.
    kept
        Which of them, shape (n,); all without it.

    Raises
    ------
    ValueError
        If a time cannot be written, or columns differ in length; the message names no value.
    """
    rows = same_length(pseudonym=pings.pseudonym, time=pings.time, latitude=pings.latitude, longitude=pings.longitude)
    if rows and not (pings.time.min() >= 0 and pings.time.max() <= LATEST):
        raise ValueError("a record holds the seconds from 1970 to 2106, and there are others")
    mask = read_only(np.zeros(0, np.uint8) if kept is None else kept.view(np.uint8), np.uint8)
    if kept is not None and len(kept) != rows:
        raise ValueError(f"expected a mark for each of {rows} pings, got {len(kept)}")
    pseudonym = read_only(pings.pseudonym, np.uint64)
    ends = _bucket_ends(pseudonym, mask)
    records = np.empty((int(ends[-1]), WORDS), np.uint32)
    columns = (read_only(pings.time, np.int64), _bits(pings.latitude), _bits(pings.longitude))
    _write(pseudonym, *columns, mask, ends[:-1].copy(), records)
    return BucketedPings(records, ends)


def _bits(degrees: NDArray[np.float64]) -> NDArray[np.uint64]:
    return np.ascontiguousarray(degrees, np.float64).view(np.uint64)


@kernel
def _bucket_ends(pseudonym: NDArray[np.generic], kept: NDArray[np.generic]) -> NDArray[np.int64]:
    ends = np.zeros(BUCKETS + 1, np.int64)
    every = len(kept) == 0
    for i in range(len(pseudonym)):
        if every or kept[i]:
            ends[(pseudonym[i, 0] >> np.uint64(56)) + np.uint64(1)] += 1
    for bucket in range(BUCKETS):
        ends[bucket + 1] += ends[bucket]
    return ends


@kernel
def _write(
    pseudonym: NDArray[np.generic],
    time: NDArray[np.generic],
    latitude: NDArray[np.uint64],
    longitude: NDArray[np.uint64],
    kept: NDArray[np.generic],
    next_row: NDArray[np.int64],
    records: Records,
) -> None:
    """Fill `records`; `next_row` says where the next record of each bucket goes."""
    half = np.uint64(32)
    every = len(kept) == 0
    for i in range(len(pseudonym)):
        if not (every or kept[i]):
            continue
        high, low = pseudonym[i, 0], pseudonym[i, 1]
        bucket = high >> np.uint64(56)
        row = next_row[bucket]
        next_row[bucket] = row + 1
        # Pairs of words: LLVM makes one store of 64 bits of each.
        records[row, 0], records[row, 1] = np.uint32(high), np.uint32(high >> half)
        records[row, 2], records[row, 3] = np.uint32(low), np.uint32(low >> half)
        records[row, 4], records[row, 5] = np.uint32(latitude[i]), np.uint32(latitude[i] >> half)
        records[row, 6], records[row, 7] = np.uint32(longitude[i]), np.uint32(longitude[i] >> half)
        records[row, 8] = np.uint32(time[i])


@kernel
def _read(
    records: NDArray[np.generic],
    pseudonym: NDArray[np.uint64],
    time: NDArray[np.int64],
    latitude: NDArray[np.uint64],
    longitude: NDArray[np.uint64],
) -> None:
    half = np.uint64(32)
    for i in range(len(records)):
        pseudonym[i, 0] = np.uint64(records[i, 0]) | np.uint64(records[i, 1]) << half
        pseudonym[i, 1] = np.uint64(records[i, 2]) | np.uint64(records[i, 3]) << half
        latitude[i] = np.uint64(records[i, 4]) | np.uint64(records[i, 5]) << half
        longitude[i] = np.uint64(records[i, 6]) | np.uint64(records[i, 7]) << half
        time[i] = np.int64(records[i, 8])
