"""Flows at all resolutions of a release: each judged below the next coarser one, then made to agree with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hereabouts.estimate.deconvolve import Z95, deconvolve
from hereabouts.estimate.flows.expect import Pairs
from hereabouts.estimate.flows.pairs import FlowEstimate, Judged, judge_flows
from hereabouts.estimate.flows.ratios import ratios
from hereabouts.estimate.measurements import FlowLevel
from hereabouts.estimate.reconcile import parent_positions, share_downward
from hereabouts.hexagons import centres_of, distance, neighbours_of

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


@dataclass(frozen=True)
class JudgedFlows:
    """Flows of one resolution that were not made to agree with those of others."""

    origin: Integers
    destination: Integers
    judged: Judged


def flow_estimates(levels: Sequence[FlowLevel], domains: Domains) -> dict[int, Flows]:
    """Flows by resolution, of those that were asked for, children adding up to no more than their parents.

    Parameters
    ----------
    levels
        Noisy scaled trips, one for each resolution.
    domains
        The region's sorted cells by resolution.
    """
    apart = judged_flows(levels, domains)
    found: dict[int, Flows] = {}
    coarser: int | None = None
    for resolution in sorted(level.resolution for level in levels if level.asked):
        origin, destination = apart[resolution].origin, apart[resolution].destination
        estimate = apart[resolution].judged.settled()
        if coarser is not None:
            parents = found[coarser]
            above = _above(origin, destination, parents, domains, resolution, coarser)
            estimate = _capped(estimate, parents.estimate.trips, above)
        found[resolution] = Flows(origin, destination, estimate)
        coarser = resolution
    return found


def judged_flows(levels: Sequence[FlowLevel], domains: Domains) -> dict[int, JudgedFlows]:
    """Flows by resolution, also of those that only show the way, each judged below the next coarser one.

    Parameters
    ----------
    levels
        Noisy scaled trips, one for each resolution.
    domains
        The region's sorted cells by resolution.
    """
    found: dict[int, JudgedFlows] = {}
    coarser: int | None = None
    for level in sorted(levels, key=lambda each: each.resolution):
        cells = domains[level.resolution]
        origin, destination = np.divmod(level.pairs, cells.size)
        noisy, variance = level.noisy / level.unit, level.variance / level.unit**2
        ratio = ratios(level)
        if coarser is None:
            parent = np.zeros(cells.size, dtype=np.int64)
            whole = np.full(level.pairs.size, deconvolve(noisy, variance**0.5).mean.sum())
        else:
            parent = parent_positions(cells, domains[coarser], coarser)
            above = _above(origin, destination, found[coarser], domains, level.resolution, coarser)
            whole = found[coarser].judged.mean[above] / ratio.value[(origin != destination).astype(np.int64)]
        apart = _separation(cells, origin, destination)
        pairs = Pairs(origin, destination, apart, neighbours_of(cells), parent, whole)
        found[level.resolution] = JudgedFlows(origin, destination, judge_flows(noisy, variance, ratio, pairs))
        coarser = level.resolution
    return found


def _above(
    origin: Integers, destination: Integers, parents: Flows | JudgedFlows, domains: Domains, fine: int, coarse: int
) -> Integers:
    """Place of each pair's parent among the `parents`, shape (pairs,)."""
    position = parent_positions(domains[fine], domains[coarse], coarse)
    size = domains[coarse].size
    return np.searchsorted(
        parents.origin * size + parents.destination, position[origin] * size + position[destination]
    ).astype(np.int64)


def _capped(estimate: FlowEstimate, parents: Floats, above: Integers) -> FlowEstimate:
    """Make children smaller where they add up to more than their parents.

    What a parent has more than its children is left to it: nothing says in which of them it is. A row may be off by
    as far as it was moved, too, and what its own interval held it still may be.
    """
    order = np.argsort(above, kind="stable")
    used, position = np.unique(above[order], return_inverse=True)
    most = np.minimum(parents[used], np.bincount(position, estimate.trips[order], used.size))
    columns = (most[:, None], estimate.trips[order, None], estimate.variance[order, None])
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
