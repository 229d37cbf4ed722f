"""What a release measured, piece by piece, and what each device adds to it: exact, in memory, for the owner alone.

A piece is one noisy vector that was paid for: presence at a resolution, visitors at a resolution and period, flows at
a resolution, or the bins of a distribution. What a device adds to it is made by the same functions as the release's own
sums. Vectors are kept for a sample of devices, which have no name here but their place in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from hereabouts.catalogue.rows import DeviceRows
from hereabouts.catalogue.vectors import DeviceVectors, vectors_of
from hereabouts.privacy.accounting import scale_of, variance_for
from hereabouts.privacy.bounding import scaled
from hereabouts.rules.fewest import FEWEST

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Query:
    """One vector that was measured, and what it cost.

    Attributes
    ----------
    statistic, resolution, part
        As in its payment.
    size
        How many numbers there are before any is left out.
    squared_sensitivity, rho
        What its noise was scaled to, and what was paid.
    counted
        Of one bucket's rows the device and the number that each thing counts in, shapes (things,).
    once
        A device counts at most once in each number.
    squared_bound
        C squared, where vectors are scaled; ``None`` where there is a natural bound.
    kept
        The numbers that were measured, sorted; ``None`` for all.
    """

    statistic: str
    resolution: int | None
    part: str
    size: int
    squared_sensitivity: int
    rho: Fraction
    counted: Callable[[DeviceRows], tuple[Integers, Integers]]
    once: bool = False
    squared_bound: int | None = None
    kept: Integers | None = None

    @property
    def noise_scale(self) -> float:
        """Scale of the noise in each number, in the units of the measured values."""
        return scale_of(variance_for(self.squared_sensitivity, self.rho))


@dataclass(frozen=True, repr=False)
class Vectors:
    """What devices add to one piece, without zeros: device ``i`` has the entries from ``start[i]`` to ``start[i + 1]``.

    Attributes
    ----------
    start
        Shape (devices + 1,).
    entry
        Places among the measured numbers, shape (entries,).
    value
        What is added there, as measured: scaled to the bound, shape (entries,).
    count
        The same as counted, before scaling, shape (entries,).
    """

    start: Integers
    entry: Integers
    value: Integers
    count: Integers

    @property
    def devices(self) -> int:
        """How many there are."""
        return self.start.size - 1

    @property
    def contributors(self) -> int:
        """How many of them add anything."""
        return int(np.count_nonzero(np.diff(self.start)))

    @property
    def whose(self) -> Integers:
        """The device of each entry, shape (entries,)."""
        return np.repeat(np.arange(self.devices), np.diff(self.start))

    @property
    def squared_norms(self) -> Floats:
        """Of the measured values, shape (devices,)."""
        squares = self.value.astype(np.float64) ** 2
        return np.bincount(self.whose, squares, minlength=self.devices).astype(np.float64)

    def take(self, devices: Integers) -> Vectors:
        """The same of some devices, in that order."""
        lengths = np.diff(self.start)[devices]
        start = np.concatenate([[0], np.cumsum(lengths)])
        where = np.repeat(self.start[devices] - start[:-1], lengths) + np.arange(start[-1])
        return Vectors(start, self.entry[where], self.value[where], self.count[where])


@dataclass(frozen=True, repr=False)
class Piece:
    """A query, its exact answer, and what a sample of devices adds to it.

    Attributes
    ----------
    sums, counts
        Over all devices: of the values as measured, and as counted (what others would publish), shape (numbers,).
    sample
        The sampled devices' vectors.
    """

    query: Query
    sums: Integers
    counts: Integers
    sample: Vectors


@dataclass(frozen=True, repr=False)
class Crowd:
    """All pieces of a release, for the same sample of devices in the same order.

    Attributes
    ----------
    devices
        How many devices there are in all.
    sampled
        Of how many the vectors are here: drawn at random from those that add to anything.
    """

    devices: int
    sampled: int
    pieces: tuple[Piece, ...]

    def strengths(self, devices: Integers) -> Floats:
        """``mu`` of devices: by how many deviations all measurements together move with each, shape (devices,).

        ``mu squared = sum over pieces of |x|**2 / sigma**2`` (references/methods.md, "Membership, known trace").
        """
        squares = [piece.sample.take(devices).squared_norms / piece.query.noise_scale**2 for piece in self.pieces]
        return np.asarray(np.sqrt(np.sum(squares, axis=0))).reshape(devices.shape)

    def told(self, asked: Callable[[Query], bool]) -> tuple[list[int], Integers]:
        """Which pieces that are asked for may be told of, and which devices of the sample add to any of these.

        Not a piece that fewer than 20 devices add to: no figure is about fewer, of all pieces together or of one.
        """
        pieces = [
            number
            for number, piece in enumerate(self.pieces)
            if asked(piece.query) and piece.sample.contributors >= FEWEST
        ]
        somewhere = np.zeros(self.sampled, dtype=bool)
        for number in pieces:
            somewhere |= np.diff(self.pieces[number].sample.start) > 0
        return pieces, np.flatnonzero(somewhere)

    def only(self, pieces: Sequence[int], devices: Integers) -> Crowd:
        """Some of the pieces, for some of the sample."""
        some = (self.pieces[number] for number in pieces)
        return Crowd(self.devices, devices.size, tuple(replace(p, sample=p.sample.take(devices)) for p in some))


def read_crowd(buckets: Iterable[DeviceRows], queries: Sequence[Query], most: int, rng: np.random.Generator) -> Crowd:
    """Answer queries exactly, and keep the vectors of at most `most` devices, drawn evenly.

    Parameters
    ----------
    buckets
        Rows of the tables that the queries read.
    queries
        What was measured.
    most
        How many devices' vectors are kept.
    rng
        Draws the sample: nothing that leaves depends on it but which devices a figure is about.
    """
    sums = [np.zeros(_numbers(query), dtype=np.int64) for query in queries]
    counts = [np.zeros_like(each) for each in sums]
    lots: list[Floats] = []
    parts: list[list[Vectors]] = [[] for _ in queries]
    devices, cut = 0, 1.0
    for rows in buckets:
        found = [vectors_in(rows, query) for query in queries]
        for vectors, total, raw in zip(found, sums, counts, strict=True):
            np.add.at(total, vectors.entry, vectors.value)
            np.add.at(raw, vectors.entry, vectors.count)
        somewhere = np.zeros(rows.devices, dtype=bool)
        for vectors in found:
            somewhere |= np.diff(vectors.start) > 0
        devices += int(somewhere.sum())
        # Everybody draws a lot; the lowest are the sample. Once there are enough, only lower ones can still enter.
        lot = rng.random(rows.devices)
        entering = np.flatnonzero(somewhere & (lot < cut))
        lots.append(lot[entering])
        for vectors, held in zip(found, parts, strict=True):
            held.append(vectors.take(entering))
        seen = np.concatenate(lots)
        if seen.size > most:
            cut = float(np.partition(seen, most - 1)[most - 1])
    drawn = np.argsort(np.concatenate([np.empty(0), *lots]))[:most]
    pieces = [
        Piece(query, total, raw, _joined(held).take(drawn))
        for query, total, raw, held in zip(queries, sums, counts, parts, strict=True)
    ]
    return Crowd(devices, drawn.size, tuple(pieces))


def _numbers(query: Query) -> int:
    return query.size if query.kept is None else query.kept.size


def vectors_in(rows: DeviceRows, query: Query) -> Vectors:
    """What each device of a bucket adds to a query."""
    device, entry = query.counted(rows)
    names = np.unique(device)
    found = vectors_of(device, entry, query.size, once=query.once)
    value = _values(found, query)
    kept = np.ones(value.size, dtype=bool)
    place = found.entry
    if query.kept is not None:
        place = np.minimum(np.searchsorted(query.kept, found.entry), max(query.kept.size - 1, 0))
        kept = query.kept[place] == found.entry if query.kept.size else np.zeros(value.size, dtype=bool)
    whose = names[found.device[kept]] if names.size else found.device[kept]
    start = np.concatenate([[0], np.cumsum(np.bincount(whose, minlength=rows.devices))]).astype(np.int64)
    return Vectors(start, place[kept], value[kept], found.count[kept])


def _values(found: DeviceVectors, query: Query) -> Integers:
    if query.squared_bound is None:
        return found.count
    return scaled(found.count, found.device, found.squared_norm, query.squared_bound)


def _joined(parts: Sequence[Vectors]) -> Vectors:
    """The devices of several parts one after another."""
    lengths = np.concatenate([np.empty(0, dtype=np.int64), *(np.diff(part.start) for part in parts)])
    start = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    none = np.empty(0, dtype=np.int64)
    columns = [np.concatenate([none, *(getattr(p, name) for p in parts)]) for name in ("entry", "value", "count")]
    return Vectors(start, *columns)
