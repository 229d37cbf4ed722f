"""Making distinct counts agree: whoever was in a part was in the whole, and whoever was in the whole was in a part.

So a whole (a parent, the window) has at least as many visitors as its largest part (a child, a day), and at most as
many as all parts together. First wholes and parts that contradict each other meet, by how sure each is; then parts
are cut to what their whole has, and raised until together they have it. Raised within what the wholes allow, they go
on having what they had of any other whole, so nothing has to be done twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hereabouts.estimate.reconcile import parent_positions

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Level = tuple[int, str]
Domains = Mapping[int, NDArray[np.uint64]]

_ROUNDS = 8


def agreeing(
    devices: Mapping[Level, Floats], variance: Mapping[Level, Floats], domains: Domains, window: str
) -> dict[Level, Floats]:
    """Estimates that agree, by level, shape (cells, slots); NaN, of which nothing is known, stays and binds nobody.

    Parameters
    ----------
    devices, variance
        Estimates by resolution and period, and the variances of their errors.
    domains
        The region's sorted cells by resolution.
    window
        The window's duration: the period that is one slot.
    """
    found = dict(devices)
    periods = sorted({period for _, period in devices}, key=lambda period: period != window)
    resolutions = sorted({resolution for resolution, _ in devices})
    for period in periods:
        for coarser, finer in reversed(list(pairwise(resolutions))):
            position = parent_positions(domains[finer], domains[coarser], coarser)
            level, below = (coarser, period), (finer, period)
            found[level] = _met(found[level], variance[level], found[below], variance[below], position)
    if len(periods) == 2:
        whole, part = periods
        for resolution in resolutions:
            of_day = np.repeat(np.arange(domains[resolution].size), found[resolution, part].shape[1])
            days, uncertain = (x[resolution, part].reshape(-1, 1) for x in (found, variance))
            level = resolution, whole
            found[level] = _met(found[level], variance[level], days, uncertain, of_day)
    for period in periods:
        _descend(found, variance, domains, resolutions, period, window)
    return found


def _met(whole: Floats, variance: Floats, parts: Floats, parts_variance: Floats, position: Integers) -> Floats:
    """Wholes moved towards the parts that contradict them, each by its share of what is unsure."""
    first = np.flatnonzero(np.diff(position, prepend=-1))
    # Only who knows all parts knows the sum of them.
    total, total_variance = (np.add.reduceat(x, first, axis=0) for x in (parts, parts_variance))
    filled = np.where(np.isfinite(parts), parts, -1.0)
    largest = np.maximum.reduceat(filled, first, axis=0)
    of_largest = np.where(filled == largest[position], np.nan_to_num(parts_variance), 0.0)
    largest_variance = np.maximum.reduceat(of_largest, first, axis=0)
    moved = whole.copy()
    for bound, unsure, broken in (
        (largest, largest_variance, largest > whole),
        (total, total_variance, total < whole),
    ):
        weight = np.divide(variance, variance + unsure, out=np.full(whole.shape, 0.5), where=variance + unsure > 0)
        moved = np.where(broken, whole + weight * (bound - whole), moved)
    return moved


def _descend(
    found: dict[Level, Floats],
    variance: Mapping[Level, Floats],
    domains: Domains,
    resolutions: list[int],
    period: str,
    window: str,
) -> None:
    """Cut and raise the parts of one period, from the coarsest resolution on; wholes stay as they are."""
    for place, resolution in enumerate(resolutions):
        level = resolution, period
        values, unsure = found[level], variance[level]
        most = np.full(values.shape, np.inf)
        wholes: list[tuple[Floats, Integers, int]] = []
        if place > 0:
            above = resolutions[place - 1]
            position = parent_positions(domains[resolution], domains[above], above)
            most = np.fmin(most, found[above, period][position])
            wholes.append((found[above, period], position, 0))
        if period != window and (resolution, window) in found:
            most = np.fmin(most, found[resolution, window])
            wholes.append((found[resolution, window], np.zeros(values.shape[1], dtype=np.int64), 1))
        values = np.minimum(values, most)
        for whole, position, axis in wholes:
            if axis == 0:
                values = _raised(values, whole, most, unsure, position)
            else:
                values = _raised(values.T, whole.T, most.T, unsure.T, position).T
        found[level] = values


def _raised(values: Floats, whole: Floats, most: Floats, variance: Floats, position: Integers) -> Floats:
    """Parts raised, none over its most, until together they have what their whole has; less sure ones more."""
    first = np.flatnonzero(np.diff(position, prepend=-1))
    for last in range(_ROUNDS, -1, -1):
        lack = np.maximum(whole - np.add.reduceat(values, first, axis=0), 0.0)
        lack = np.where(np.isfinite(lack), lack, 0.0)
        if not (lack > 1e-9 * (1.0 + np.nan_to_num(whole))).any():
            break
        room = np.maximum(most - values, 0.0)
        # In the end what is lacking goes wherever there is room, of which there is enough.
        able = np.where(room > 0, variance, 0.0) if last else room
        total = np.add.reduceat(np.nan_to_num(able), first, axis=0)
        step = np.divide(lack, total, out=np.zeros_like(lack), where=total > 0)
        values = np.minimum(values + able * step[position], np.maximum(most, values))
    return values
