"""What a cell's surroundings lead to expect of it: a line through numbers that have none of its own noise.

Around a cell, on other days, in the other period and at the next resolutions the same crowd was counted with noise
of its own. How much each of these says is learnt from all cells by least squares, from noisy numbers alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hereabouts.estimate.reconcile import parent_positions
from hereabouts.hexagons import neighbours_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Level = tuple[int, str]
Noisy = Mapping[Level, Floats]


def expected(noisy: Noisy, domains: Mapping[int, NDArray[np.uint64]]) -> dict[Level, Floats]:
    """An expectation of each number, in the shape of the noisy ones; 0 of what is unknown.

    Parameters
    ----------
    noisy
        Noisy numbers by level, shape (cells, slots); NaN where nothing may be known.
    domains
        The region's sorted cells by resolution.
    """
    found = {}
    for level, values in noisy.items():
        columns = [np.ones(values.shape), *_around(values, domains[level[0]]), *_other_slots(values)]
        columns += _other_periods(noisy, level) + _other_resolutions(noisy, level, domains)
        design = np.stack([np.nan_to_num(column).ravel() for column in columns], axis=1)
        found[level] = _without_itself(design, values.ravel()).reshape(values.shape)
    return found


def _without_itself(design: Floats, target: Floats) -> Floats:
    """What least squares over all other known numbers leads to expect of each, 0 where there are too few; shape (n,).

    A few large cells decide where the line lies: a number that had a share in its own expectation would look surer
    than it is. Leaving each out needs no further fit (the PRESS residual: Allen 1974).
    """
    known = np.isfinite(target)
    found = np.zeros(target.size)
    if known.sum() < 2 * design.shape[1]:
        return found
    basis, strengths, _ = np.linalg.svd(design[known], full_matrices=False)
    basis = basis[:, strengths > 1e-9 * strengths[0]]
    own = np.minimum((basis**2).sum(axis=1), 1.0 - 1e-6)
    fitted = basis @ (basis.T @ target[known])
    found[known] = (fitted - own * target[known]) / (1.0 - own)
    return found


def _around(values: Floats, cells: NDArray[np.uint64]) -> list[Floats]:
    """Means of the ring of neighbours and of the ring around that."""
    near = neighbours_of(cells)
    beyond = np.where(near[:, :, None] >= 0, near[near], -1).reshape(cells.size, -1)
    itself = np.arange(cells.size)[:, None]
    inner = (beyond == itself) | (beyond[:, :, None] == near[:, None, :]).any(axis=2)
    return [_mean(values, near), _mean(values, np.where(inner, -1, beyond))]


def _mean(values: Floats, rows: Integers) -> Floats:
    """Mean of the rows at these places, of those that are there and known; 0 where none is. Shape of `values`."""
    total, count = np.zeros(values.shape), np.zeros(values.shape)
    for column in rows.T:
        there = (column >= 0)[:, None] & np.isfinite(values[column])
        total += np.where(there, values[column], 0.0)
        count += there
    return np.divide(total, count, out=np.zeros_like(total), where=count > 0)


def _other_slots(values: Floats) -> list[Floats]:
    """The mean of the cell's other days."""
    if values.shape[1] == 1:
        return []
    filled = np.nan_to_num(values)
    return [(filled.sum(axis=1, keepdims=True) - filled) / (values.shape[1] - 1)]


def _other_periods(noisy: Noisy, level: Level) -> list[Floats]:
    """The cell's mean in other periods of the same resolution."""
    others = [values for other, values in noisy.items() if other[0] == level[0] and other != level]
    return [np.broadcast_to(values.mean(axis=1, keepdims=True), noisy[level].shape) for values in others]


def _other_resolutions(noisy: Noisy, level: Level, domains: Mapping[int, NDArray[np.uint64]]) -> list[Floats]:
    """What the parent has, and what the children have together, at the next resolutions of the same period."""
    resolution, period = level
    others = sorted(r for r, p in noisy if p == period)
    place = others.index(resolution)
    found = []
    if place > 0:
        above = others[place - 1]
        position = parent_positions(domains[resolution], domains[above], above)
        found.append(noisy[above, period][position])
    if place + 1 < len(others):
        below = others[place + 1]
        position = parent_positions(domains[below], domains[resolution], resolution)
        sums = np.zeros(noisy[level].shape)
        np.add.at(sums, position, np.nan_to_num(noisy[below, period]))
        found.append(sums)
    return found
