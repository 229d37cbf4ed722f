"""What a cell's surroundings say of it, its own noise left out: the one guess that noise does not spoil."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_RINGS = 3
_ROUNDS = 4


def adjacency(neighbours: Integers) -> csr_array:
    """Ones where two cells are neighbours, shape (cells, cells).

    Parameters
    ----------
    neighbours
        Positions of each cell's neighbours, -1 where it has none, shape (cells, 6).
    """
    row, column = np.nonzero(neighbours >= 0)
    size = neighbours.shape[0]
    return csr_array((np.ones(row.size), (row, neighbours[row, column])), shape=(size, size))


def expected(noisy: Floats, sd: float, neighbours: Integers) -> Floats:
    """What the rings around each cell let expect of it, shape (cells,).

    One linear function of the means of the first three rings, fitted to all cells by least squares; a cell counts by
    what noise and expected value let it scatter. No cell's own value is in its rings.

    Parameters
    ----------
    noisy
        A noisy value of each cell, shape (cells,).
    sd
        Standard deviation of their noise.
    neighbours
        Positions of each cell's neighbours, -1 where it has none, shape (cells, 6).
    """
    means = np.stack([_mean(ring, noisy) for ring in _rings(adjacency(neighbours))], axis=1)
    guess = np.zeros(noisy.size)
    for _ in range(_ROUNDS):
        # A value scatters by its own size beside the noise: what is large must not rule what is small.
        weight = 1.0 / np.sqrt(sd**2 + np.maximum(guess, 0.0) ** 2)
        guess = means @ np.linalg.lstsq(means * weight[:, None], noisy * weight, rcond=None)[0]
    return guess


def _rings(first: csr_array) -> list[csr_array]:
    """Cells at one, two and three steps of each other."""
    found = [first]
    within = eye_array(first.shape[0], format="csr") + first
    for _ in range(_RINGS - 1):
        reached = found[-1] @ first
        reached.data[:] = 1.0
        ring = reached - reached.multiply(within)
        ring.eliminate_zeros()
        found.append(csr_array(ring))
        within = within + ring
    return found


def _mean(ring: csr_array, values: Floats) -> Floats:
    return np.asarray(ring @ values / np.maximum(ring.sum(axis=1), 1.0))
