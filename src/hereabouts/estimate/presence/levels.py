"""Presence at all resolutions of a release: each by itself, then made to agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hereabouts.estimate.measurements import PresenceLevel
from hereabouts.estimate.presence.hours import HourlyEstimate, estimate_presence, means_over
from hereabouts.estimate.reconcile import join_upward, parent_positions, share_downward
from hereabouts.hexagons import neighbours_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Domains = Mapping[int, NDArray[np.uint64]]


def presence_estimates(
    levels: Sequence[PresenceLevel],
    domains: Domains,
    day_of_hour: Integers,
    slots: Mapping[str, Integers] | None = None,
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
    slots
        Other sets of hours whose means are wanted: by name, the number of the set of each hour, shape (hours,).
    """
    sets = slots or {}
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
    alone = {r: estimate_presence(*joined[r], day_of_hour, neighbours_of(domains[r]), sets) for r in joined}
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
        found[resolution] = _moved(alone[resolution], hours, day_of_hour, sets)
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


def _moved(
    found: HourlyEstimate, hours: Floats, day_of_hour: Integers, slots: Mapping[str, Integers]
) -> HourlyEstimate:
    """The estimate at its new place: how far a row was moved is how far it may be off, beside what was known."""
    moved = hours - found.hours
    return HourlyEstimate(
        hours,
        found.hour_variance + moved**2,
        found.day_variance + (moved @ means_over(day_of_hour)) ** 2,
        found.window_variance + moved.mean(axis=1, keepdims=True) ** 2,
        {name: found.slot_variance[name] + (moved @ means_over(slot)) ** 2 for name, slot in slots.items()},
    )
