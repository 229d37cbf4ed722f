"""Flows at all resolutions of a release: each judged below the next coarser one, then made to add up to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hereabouts.estimate.deconvolve import Z95
from hereabouts.estimate.flows.pairs import FlowEstimate, estimate_flows
from hereabouts.estimate.measurements import FlowLevel
from hereabouts.estimate.reconcile import parent_positions, share_downward
from hereabouts.hexagons import centres_of, distance

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Domains = Mapping[int, NDArray[np.uint64]]

# Distances between the ends of a flow, in widths of a cell, that divide pairs into classes: the same cell,
# a neighbour, near, far.
_SEPARATIONS = (0.3, 1.3, 2.8, 6.0)


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
