"""Flows of all resolutions at once: together they add up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.estimate.flows.expand import all_pairs, pairs_below
from hereabouts.estimate.flows.levels import Flows, flow_estimates, judged_flows
from hereabouts.estimate.measurements import FlowLevel
from hereabouts.estimate.reconcile import parent_positions

Floats = NDArray[np.float64]
Cells = NDArray[np.uint64]
Integers = NDArray[np.int64]
Domains = Mapping[int, Cells]
Disk = Callable[[int], Domains]
Coverage = Callable[[Floats, NDArray[np.bool_]], tuple[float, float]]

UNIT = 256


class Travellers:
    """Devices that go between a home, a place of work and other places, some of them far more often than others."""

    def __init__(self, seed: int, domains: Domains, devices: int) -> None:
        self.rng = rng = np.random.default_rng(seed)
        self.domains = domains
        leaves = domains[7].size
        liked = rng.lognormal(0.0, 1.5, leaves)
        liked /= liked.sum()
        home = rng.choice(leaves, devices, p=liked)
        work = rng.choice(leaves, devices, p=liked[rng.permutation(leaves)])
        self.device = np.repeat(np.arange(devices), rng.geometric(1 / 8, devices))
        kind = rng.random(self.device.size)
        other = rng.choice(leaves, self.device.size, p=liked)
        at_home, at_work = home[self.device], work[self.device]
        self.origin = np.where(kind < 0.4, at_home, np.where(kind < 0.8, at_work, other))
        self.destination = np.where(kind < 0.4, at_work, np.where(kind < 0.8, at_home, other))

    def truth(self, resolution: int) -> Floats:
        """Trips between all pairs of cells."""
        return np.bincount(self._pair(resolution), minlength=self.domains[resolution].size ** 2).astype(np.float64)

    def measure(self, resolution: int, pairs: Integers, bound: float, sd: float, asked: bool = True) -> FlowLevel:
        """Trips by pair after each device's vector was scaled to a norm of `bound`, with noise of `sd` trips."""
        size = self.domains[resolution].size ** 2
        entries, count = np.unique(self.device * size + self._pair(resolution), return_counts=True)
        whose, pair = np.divmod(entries, size)
        norm = np.sqrt(np.bincount(whose, count**2))
        scaled = np.bincount(pair, count * np.minimum(1.0, bound / norm[whose]), minlength=size) * UNIT
        cells = self.domains[resolution].size
        same = pair // cells == pair % cells
        kept = count * np.minimum(1.0, bound / norm[whose])
        totals = [part[kind].sum() * UNIT for kind in (same, ~same) for part in (kept, count - kept)]
        totals += self.rng.normal(0.0, 8.0 * UNIT, 4)
        return FlowLevel(
            resolution=resolution,
            asked=asked,
            pairs=pairs,
            noisy=np.round(scaled[pairs] + self.rng.normal(0.0, sd * UNIT, pairs.size)).astype(np.int64),
            variance=(sd * UNIT) ** 2,
            unit=UNIT,
            totals=tuple(int(total) for total in totals),
            totals_variance=(8.0 * UNIT) ** 2,
        )

    def chain(self, resolutions: tuple[int, ...], bound: float, sd: float) -> list[FlowLevel]:
        """All pairs of the coarsest resolution, and of the finer ones those below what has trips."""
        levels = [self.measure(resolutions[0], all_pairs(self.domains[resolutions[0]].size), bound, sd)]
        for coarse, fine in pairwise(resolutions):
            flows = judged_flows(levels, self.domains)[coarse]
            pairs = pairs_below(flows, self.domains[coarse], self.domains[fine], coarse)
            levels.append(self.measure(fine, pairs, bound, sd))
        return levels

    def _pair(self, resolution: int) -> Integers:
        cells = self.domains[resolution]
        position = parent_positions(self.domains[7], cells, resolution)
        return position[self.origin] * cells.size + position[self.destination]


def above(found: Mapping[int, Flows], domains: Domains, fine: int, coarse: int) -> Integers:
    """For each fine pair the place of its parent among the coarse ones."""
    position = parent_positions(domains[fine], domains[coarse], coarse)
    size = domains[coarse].size
    pairs = found[coarse].origin * size + found[coarse].destination
    wanted = position[found[fine].origin] * size + position[found[fine].destination]
    place = np.searchsorted(pairs, wanted)
    assert np.array_equal(pairs[place], wanted)
    return place


@pytest.mark.parametrize("resolutions", [(5, 6), (5, 6, 7), (4, 6)])
def test_flows_of_children_add_up_to_no_more_than_their_parents(resolutions: tuple[int, ...], disk: Disk) -> None:
    domains = disk(7)
    found = flow_estimates(Travellers(1, domains, 4000).chain(resolutions, 2.0, 6.0), domains)
    assert set(found) == set(resolutions)
    for coarse, fine in pairwise(resolutions):
        place = above(found, domains, fine, coarse)
        sums = np.bincount(place, found[fine].estimate.trips, minlength=found[coarse].estimate.trips.size)
        assert (sums <= found[coarse].estimate.trips * (1.0 + 1e-6) + 1e-6).all()
        assert sums.sum() > 0.4 * found[coarse].estimate.trips.sum()
    for level in found.values():
        low, trips, high = level.estimate.low, level.estimate.trips, level.estimate.high
        assert ((low >= 0.0) & (low <= trips) & (trips <= high)).all()
        assert (level.estimate.variance >= 0.0).all()


@pytest.mark.parametrize(("devices", "bound", "sd"), [(4000, 2.0, 6.0), (12_000, 2.0, 3.0), (12_000, 4.0, 12.0)])
def test_intervals_hold_the_true_flows(devices: int, bound: float, sd: float, disk: Disk, coverage: Coverage) -> None:
    """After scaling, sharing out among pairs, and making levels agree."""
    domains = disk(8)
    values: dict[int, list[Floats]] = {5: [], 6: [], 7: []}
    held: dict[int, list[NDArray[np.bool_]]] = {5: [], 6: [], 7: []}
    for seed in range(2):
        people = Travellers(seed, domains, devices)
        levels = people.chain((5, 6, 7), bound, sd)
        for level in levels:
            estimate = flow_estimates(levels, domains)[level.resolution].estimate
            truth = people.truth(level.resolution)[level.pairs]
            large = estimate.trips >= 1.0
            values[level.resolution].append(estimate.trips[large])
            held[level.resolution].append(((estimate.low <= truth) & (truth <= estimate.high))[large])
    for resolution, parts in values.items():
        overall, worst = coverage(np.concatenate(parts), np.concatenate(held[resolution]))
        assert overall >= 0.95, resolution
        assert worst >= 0.93, resolution


def test_where_there_are_no_trips_finer_levels_are_empty(disk: Disk) -> None:
    """A quiet window: paid for like any other, and its release must come out."""
    domains = disk(4)
    levels = Travellers(2, domains, 0).chain((5, 6, 7), 1.0, 0.1)
    found = flow_estimates(levels, domains)
    assert found[5].estimate.trips.size == domains[5].size ** 2
    for resolution in (6, 7):
        assert found[resolution].origin.size == found[resolution].estimate.trips.size == 0


@pytest.mark.parametrize("totals", [(100, 0), (100, -3)])
def test_where_scaling_took_nothing_flows_are_as_measured(totals: tuple[int, ...], disk: Disk) -> None:
    domains = disk(2)
    size = domains[6].size ** 2
    noisy = np.full(size, 500 * UNIT)
    level = FlowLevel(6, True, all_pairs(domains[6].size), noisy, float(UNIT**2), UNIT, totals * 2, 1e-4)
    assert flow_estimates([level], domains)[6].estimate.trips == pytest.approx(np.full(size, 500.0))


def test_scaled_flows_are_put_back_to_whole_trips(disk: Disk) -> None:
    domains = disk(2)
    size = domains[6].size ** 2
    level = FlowLevel(
        6, True, all_pairs(domains[6].size), np.full(size, 200 * UNIT), float(UNIT**2), UNIT, (1000, 2000) * 2, 1e-4
    )
    assert flow_estimates([level], domains)[6].estimate.trips == pytest.approx(np.full(size, 600.0))


def test_the_only_cell_of_a_region_has_one_flow(disk: Disk) -> None:
    domains = disk(0)
    level = FlowLevel(7, True, all_pairs(1), np.array([90 * UNIT]), float(UNIT**2), UNIT, (1, 1, 0, 0), 0.0)
    found = flow_estimates([level], domains)[7]
    assert (found.origin.tolist(), found.destination.tolist()) == ([0], [0])
    assert found.estimate.trips == pytest.approx([180.0])


def test_nothing_measured_is_nothing_estimated(disk: Disk) -> None:
    assert flow_estimates([], disk(1)) == {}
