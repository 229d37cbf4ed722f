"""What is to be expected of each pair, from the noisy numbers of all the others.

Three things tell of a flow: how much else leaves its origin and reaches its destination (a gravity model whose masses
are learnt), what flows between the cells beside its ends, and what comes back. They are taken from a first round of
estimates, always without the pair itself, and joined by least squares on the noisy numbers, for each class of
distance on its own: an expectation that held some of a pair's own noise would confirm it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hereabouts.estimate.deconvolve import deconvolve

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_ROUNDS = 2
# Strata halve from the lowest expectations upward; the highest has some fifty pairs, enough to learn a prior from.
_STRATUM_PAIRS = 50


@dataclass(frozen=True)
class Pairs:
    """Pairs of cells of one resolution, and what lies around and above them.

    Attributes
    ----------
    origin, destination
        Positions of their ends among the cells, shape (pairs,).
    separation
        Class of distance between the ends, shape (pairs,): 0 for the same cell.
    neighbours
        Positions of the cells beside each cell, shape (cells, 6), -1 where the region ends.
    parent
        Position of each cell's parent in the coarser resolution; zeros where there is none, shape (cells,).
    above
        Flow of the pair's parent, in the units of what is measured, shape (pairs,).
    """

    origin: Integers
    destination: Integers
    separation: Integers
    neighbours: Integers
    parent: Integers
    above: Floats

    @property
    def apart(self) -> Integers:
        """0 for pairs of a cell with itself, 1 for all others, shape (pairs,)."""
        return np.asarray(self.origin != self.destination, dtype=np.int64)


def expected_flows(noisy: Floats, sd: float, pairs: Pairs) -> Floats:
    """The expectation of each pair, none below zero, shape (pairs,).

    Parameters
    ----------
    noisy
        Measured flows, shape (pairs,).
    sd
        Standard deviation of the noise in each.
    pairs
        Which pairs they are.
    """
    origin, destination, cells = pairs.origin, pairs.destination, pairs.parent.size
    if not noisy.size:
        return np.zeros(0)
    gravity, found = pairs.above, np.zeros(noisy.size)
    for end in (origin, destination):
        gravity = gravity * _share(_ends(noisy, sd, end, cells), found, pairs.parent, end)
    for _ in range(_ROUNDS):
        found = deconvolve(noisy, sd, strata(gravity, pairs.separation)).mean
        gravity = pairs.above
        for end in (origin, destination):
            gravity = gravity * _share(_sums(end, found, cells), found, pairs.parent, end)
    matrix = sparse.csr_matrix((found, (origin, destination)), shape=(cells, cells))
    row, place = np.nonzero(pairs.neighbours >= 0)
    beside = sparse.csr_matrix((np.ones(row.size), (row, pairs.neighbours[row, place])), shape=(cells, cells))
    around = _values(beside @ matrix, origin, destination) + _values(matrix @ beside, origin, destination)
    back = np.where(pairs.apart, _values(matrix, destination, origin), 0.0)
    signs = np.stack([gravity, around, back], axis=1)
    expected = np.zeros(noisy.size)
    for kind in np.unique(pairs.separation):
        rows = pairs.separation == kind
        expected[rows] = signs[rows] @ np.linalg.lstsq(signs[rows], noisy[rows], rcond=None)[0]
    return np.maximum(expected, 0.0)


def strata(expected: Floats, kind: Integers) -> Integers:
    """Pairs of the same kind, in groups of similar expectation: half of them lowest, a quarter next, ..."""
    label = np.zeros(expected.size, dtype=np.int64)
    first = 0
    for each in np.unique(kind):
        rows = np.flatnonzero(kind == each)
        groups = max(1, int(np.log2(max(rows.size / _STRATUM_PAIRS, 1.0))) + 1)
        edges = np.quantile(expected[rows], 1.0 - 0.5 ** np.arange(1, groups))
        label[rows] = first + np.searchsorted(edges, expected[rows])
        first += groups
    return label


def _ends(noisy: Floats, sd: float, end: Integers, cells: int) -> Floats:
    """What leaves (or reaches) each cell, from sums of noisy flows, shape (cells,)."""
    count = np.bincount(end, minlength=cells)
    used = count > 0
    root = np.sqrt(count[used])
    found = np.zeros(cells)
    found[used] = deconvolve(_sums(end, noisy, cells)[used] / root, sd).mean * root
    return found


def _share(amount: Floats, own: Floats, parent: Integers, end: Integers) -> Floats:
    """Share of each pair's end in what its parent cell has, both without the pair's `own` flow, shape (pairs,)."""
    whole = _sums(parent, amount, 0)[parent]
    return np.maximum(amount[end] - own, 0.0) / np.maximum(whole[end] - own, 1e-9)


def _sums(place: Integers, values: Floats, size: int) -> Floats:
    return np.asarray(np.bincount(place, values, size), dtype=np.float64)


def _values(matrix: sparse.csr_matrix, rows: Integers, columns: Integers) -> Floats:
    return np.asarray(matrix[rows, columns], dtype=np.float64).ravel()
