"""Flows by day and by hour of the day: the window's flows, told apart by what was measured in each slot.

A flow follows the rhythm of all flows (of those within cells, or of the others) as far as its own noisy numbers do not
show otherwise. How far they may be from it is learnt from all pairs. Slots add up to the window's flow, which is better
known than any of them, so nothing has to be put back for what scaling took: only shares are measured here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from hereabouts.estimate.flows.levels import Domains, Flows
from hereabouts.estimate.flows.pairs import ALIKE, FlowEstimate
from hereabouts.estimate.flows.within import fit_within
from hereabouts.estimate.intervals import interval
from hereabouts.estimate.measurements import FlowSlots
from hereabouts.estimate.reconcile import parent_positions

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


# Trips come in ones, and no two flows have quite the same rhythm: departures vary by no less.
_LEAST = np.array([0.5, 0.05])
_DOUBTS = 0.5


@dataclass(frozen=True)
class SlotFlows:
    """Flows of some pairs by slot: ends as positions in the domain, shape (pairs,), and estimates (pairs, slots)."""

    origin: Integers
    destination: Integers
    estimate: FlowEstimate


def slot_estimates(
    levels: Sequence[FlowSlots], flows: Mapping[int, Flows], domains: Domains
) -> dict[tuple[int, str], SlotFlows]:
    """Flows by slot at each resolution and period, children adding up to no more than their parents in every slot.

    Parameters
    ----------
    levels
        Noisy scaled trips of some pairs by slot.
    flows
        Estimated flows over the window; a pair that is not among these has no slots.
    domains
        The region's sorted cells by resolution.
    """
    found: dict[tuple[int, str], SlotFlows] = {}
    coarser: dict[str, int] = {}
    for level in sorted(levels, key=lambda each: each.resolution):
        cells = domains[level.resolution]
        whole = flows[level.resolution]
        known = whole.origin * cells.size + whole.destination
        row = np.minimum(np.searchsorted(known, level.pairs), max(known.size - 1, 0))
        kept = known[row] == level.pairs if known.size else np.zeros(level.pairs.size, dtype=bool)
        row = row[kept]
        origin, destination = whole.origin[row], whole.destination[row]
        trips, variance = whole.estimate.trips[row], whole.estimate.variance[row]
        value, error = _by_slot(level, kept, trips, variance, origin != destination)
        if level.period in coarser:
            above = coarser[level.period]
            place = _parents(origin, destination, found[above, level.period], domains, level.resolution, above)
            fitted = fit_within(value, trips, found[above, level.period].estimate.trips, place)
            value, error = fitted, error + (fitted - value) ** 2
        low, high = interval(value, error)
        found[level.resolution, level.period] = SlotFlows(origin, destination, FlowEstimate(value, error, low, high))
        coarser[level.period] = level.resolution
    return found


def _by_slot(
    level: FlowSlots, kept: NDArray[np.bool_], trips: Floats, variance: Floats, other: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Trips by slot that add up to `trips`, and the variance of their error, shape (pairs, slots)."""
    noisy, noise = level.noisy[kept] / level.unit, level.variance / level.unit**2
    value, error = np.zeros(noisy.shape), np.zeros(noisy.shape)
    for kind in (False, True):
        rows = np.flatnonzero(other == kind)
        if rows.size:
            value[rows], error[rows] = _shares(noisy[rows], noise, trips[rows])
    error = trips[:, None] ** 2 * error + value**2 * variance[:, None]
    return trips[:, None] * value, error


def _shares(noisy: Floats, noise: float, trips: Floats) -> tuple[Floats, Floats]:
    """Each pair's shares by slot, which add up to 1, and the variance of their error without that of `trips`."""
    slots = noisy.shape[1]
    common = np.maximum(trips @ noisy, 0.0)
    common = common / common.sum() if common.sum() > 0.0 else np.full(slots, 1.0 / slots)
    # Scaled trips for each trip, by least squares: that of large flows counts most, and noise least.
    power = float(trips @ trips)
    scale = min(float(trips @ noisy.sum(axis=1)) / power, 1.0) if power > 0.0 else 1.0
    level = np.maximum(scale, 1e-6) * trips
    expected = level[:, None] * common
    rest = noisy - expected
    likely, most = _spread(rest, expected, noise)
    weight = likely / (likely + noise)
    shape = np.maximum(expected + weight * rest, 0.0)
    sums = shape.sum(axis=1, keepdims=True)
    share = np.where(sums > 0.0, shape / np.maximum(sums, 1e-9), common)
    # What scaling took of a slot's trips is as uncertain as it is of the window's.
    counted = np.maximum(trips, 1.0)[:, None] * share
    taken = counted * (1.0 - min(scale, 1.0)) * (1.0 + ALIKE * counted) / np.maximum(trips, 1.0)[:, None] ** 2
    known = ((1.0 - weight) ** 2 * most + weight**2 * noise) / np.maximum(level, 1e-6)[:, None] ** 2
    return share, np.minimum(known + taken, 1.0)


def _spread(rest: Floats, expected: Floats, noise: float) -> tuple[Floats, Floats]:
    """Prior variance of departures, what it likely is and what it may well be, each of the shape of `rest`.

    It has a part that grows with the flow, as of counts, and one that grows with its square, as of habits. Both are
    fitted to the squares of all departures, less the noise.
    """
    signs = np.stack([expected.ravel(), expected.ravel() ** 2], axis=1)
    weight = 1.0 / (noise + expected.ravel())[:, None]
    parts, _ = nnls(signs * weight, (rest.ravel() ** 2 - noise) * weight[:, 0])
    # The square of a normal value has twice its squared variance: the weighted ones have a variance of some 2.
    doubt = np.sqrt(2.0 * np.linalg.pinv((signs * weight).T @ (signs * weight)).diagonal())
    likely, most = (signs @ each for each in (parts, np.maximum(parts, _LEAST) + _DOUBTS * doubt))
    return likely.reshape(expected.shape), most.reshape(expected.shape)


def _parents(
    origin: Integers, destination: Integers, parents: SlotFlows, domains: Domains, fine: int, coarse: int
) -> Integers:
    """Place of each pair's parent among those that have slots, or -1, shape (pairs,)."""
    position, size = parent_positions(domains[fine], domains[coarse], coarse), domains[coarse].size
    known = parents.origin * size + parents.destination
    wanted = position[origin] * size + position[destination]
    place = np.minimum(np.searchsorted(known, wanted), max(known.size - 1, 0))
    there = known[place] == wanted if known.size else np.zeros(wanted.size, dtype=bool)
    return np.where(there, place, -1).astype(np.int64)
