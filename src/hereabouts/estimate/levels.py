"""Estimates of all levels of a release at once: each resolution by itself, then made to agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hereabouts.estimate.deconvolve import Z95
from hereabouts.estimate.flows import FlowEstimate, estimate_flows
from hereabouts.estimate.measurements import FlowLevel, PresenceLevel
from hereabouts.estimate.presence import HourlyEstimate, day_means, estimate_presence
from hereabouts.estimate.reconcile import join_upward, parent_positions, share_downward
from hereabouts.hexagons import centres_of, distance, neighbours_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Domains = Mapping[int, NDArray[np.uint64]]

# Distances between the ends of a flow, in widths of a cell, that divide pairs into classes: the same cell,
# a neighbour, near, far.
_SEPARATIONS = (0.3, 1.3, 2.8, 6.0)


def presence_estimates(
    levels: Sequence[PresenceLevel], domains: Domains, day_of_hour: Integers
) -> dict[int, HourlyEstimate]:
    """Presence by resolution, children adding up to their parents in every hour.

    Parameters
    ----------
    levels
        Noisy hourly counts, one for each resolution.
    domains
        The region's sorted cells by resolution.
    day_of_hour
        Number of the local day of each hour, shape (hours,).
    """
    ordered = sorted(levels, key=lambda level: -level.resolution)
    joined: dict[int, tuple[Floats, float]] = {}
    finer: int | None = None
    for level in ordered:
        noisy, variance = level.noisy.astype(np.float64), level.variance
        if finer is not None:
            below, below_variance = joined[finer]
            position = parent_positions(domains[finer], domains[level.resolution], level.resolution)
            sums = np.zeros_like(noisy)
            np.add.at(sums, position, below)
            noisy, variance = join_upward(noisy, variance, sums, below_variance, finer - level.resolution)
        joined[level.resolution] = noisy, variance
        finer = level.resolution
    alone = {r: estimate_presence(*joined[r], day_of_hour, neighbours_of(domains[r])) for r in joined}
    wanted = _meeting_levels(alone, domains)
    found: dict[int, HourlyEstimate] = {}
    coarser: int | None = None
    for resolution in sorted(alone):
        hours = _at_level(alone[resolution].hours, wanted[resolution])
        if coarser is not None:
            position = parent_positions(domains[resolution], domains[coarser], coarser)
            parent = found[coarser].hours
            # A cell that was given what it had nothing of follows its parent's rhythm.
            borrowed = _at_level(parent[position], wanted[resolution])
            hours = np.where(hours.any(axis=1, keepdims=True), hours, borrowed)
            hours = share_downward(parent, hours, alone[resolution].hour_variance, position)
        found[resolution] = _moved(alone[resolution], hours, day_of_hour)
        coarser = resolution
    return found


def _meeting_levels(alone: Mapping[int, HourlyEstimate], domains: Domains) -> dict[int, Floats]:
    """Levels (means over the window, shape (cells, 1)) on which all resolutions agree.

    Upward a cell meets the sum of its children half way, by how sure each is: a coarse resolution has few cells
    to learn from, and may have taken for empty what a finer one knows is not. Downward children add up.
    """
    level = {r: estimate.hours.mean(axis=1, keepdims=True) for r, estimate in alone.items()}
    variance = {r: estimate.window_variance for r, estimate in alone.items()}
    descending = sorted(alone, reverse=True)
    for finer, coarser in pairwise(descending):
        position = parent_positions(domains[finer], domains[coarser], coarser)
        below, below_variance = np.zeros_like(level[coarser]), np.zeros_like(level[coarser])
        np.add.at(below, position, level[finer])
        np.add.at(below_variance, position, variance[finer])
        weight = below_variance / (variance[coarser] + below_variance)
        level[coarser] = weight * level[coarser] + (1.0 - weight) * below
    for coarser, finer in pairwise(descending[::-1]):
        position = parent_positions(domains[finer], domains[coarser], coarser)
        level[finer] = share_downward(level[coarser], level[finer], variance[finer], position)
    return level


def _at_level(hours: Floats, level: Floats) -> Floats:
    """Rows of hours scaled so that their means are `level`, shape (rows, 1); empty rows stay empty."""
    mean = hours.mean(axis=1, keepdims=True)
    return np.asarray(hours * np.divide(level, mean, out=np.zeros_like(level), where=mean > 0))


def _moved(found: HourlyEstimate, hours: Floats, day_of_hour: Integers) -> HourlyEstimate:
    """The estimate at its new place: how far a row was moved is how far it may be off, beside what was known."""
    moved = hours - found.hours
    return HourlyEstimate(
        hours,
        found.hour_variance + moved**2,
        found.day_variance + (moved @ day_means(day_of_hour)) ** 2,
        found.window_variance + moved.mean(axis=1, keepdims=True) ** 2,
    )


@dataclass(frozen=True)
class Flows:
    """Estimated flows of one resolution: positions of origins and destinations in its domain, and the trips."""

    origin: Integers
    destination: Integers
    estimate: FlowEstimate


def flow_estimates(levels: Sequence[FlowLevel], domains: Domains) -> dict[int, Flows]:
    """Flows by resolution, those asked for and those that only showed the way, children adding up to their parents.

    Parameters
    ----------
    levels
        Noisy scaled trips, one for each resolution.
    domains
        The region's sorted cells by resolution.
    """
    found: dict[int, Flows] = {}
    coarser: int | None = None
    for level in sorted(levels, key=lambda each: each.resolution):
        cells = domains[level.resolution]
        origin, destination = np.divmod(level.pairs, cells.size)
        above: Integers | None = None
        expected = np.zeros(level.pairs.size)
        if coarser is not None:
            position = parent_positions(cells, domains[coarser], coarser)
            size = domains[coarser].size
            pairs = found[coarser].origin * size + found[coarser].destination
            above = np.searchsorted(pairs, position[origin] * size + position[destination])
            expected = found[coarser].estimate.trips[above]
        noisy = level.noisy / level.unit
        ratio, ratio_variance = _ratio(level)
        separation = _separation(cells, origin, destination)
        estimate = estimate_flows(noisy, level.variance / level.unit**2, ratio, ratio_variance, expected, separation)
        if above is not None and coarser is not None:
            estimate = _add_up(estimate, found[coarser].estimate.trips, above)
        found[level.resolution] = Flows(origin, destination, estimate)
        coarser = level.resolution
    return found


def _ratio(level: FlowLevel) -> tuple[float, float]:
    """All trips over all scaled trips, at least 1, and the variance of the error of that."""
    before, after = (float(total) for total in level.totals)
    if before <= after or after <= level.totals_variance**0.5:
        return 1.0, 0.0  # nothing was taken, or there is nothing but noise to tell it from
    ratio = before / after
    return ratio, level.totals_variance * (1.0 + ratio**2) / after**2


def _add_up(estimate: FlowEstimate, parents: Floats, above: Integers) -> FlowEstimate:
    """Move children so that they add up to their parents.

    A row may be off by as far as it was moved, too, and what its own interval held it still may be.
    """
    order = np.argsort(above, kind="stable")
    used, position = np.unique(above[order], return_inverse=True)
    columns = (parents[used, None], estimate.trips[order, None], estimate.variance[order, None])
    trips = np.empty_like(estimate.trips)
    trips[order] = share_downward(*columns, position)[:, 0]
    moved = trips - estimate.trips
    return FlowEstimate(
        trips,
        estimate.variance + moved**2,
        np.clip(trips - np.hypot(estimate.trips - estimate.low, Z95 * moved), 0.0, estimate.low),
        np.maximum(trips + np.hypot(estimate.high - estimate.trips, Z95 * moved), estimate.high),
    )


def _separation(cells: NDArray[np.uint64], origin: Integers, destination: Integers) -> Integers:
    """Class of the distance between centres, in widths of a cell, shape (pairs,)."""
    centre = centres_of(cells)
    apart = distance(centre[origin], centre[destination])
    near = apart[origin != destination]
    width = float(near.min()) if near.size else 1.0
    return np.asarray(np.searchsorted(_SEPARATIONS, apart / width), dtype=np.int64)
