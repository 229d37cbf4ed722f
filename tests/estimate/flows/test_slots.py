"""Flows by day and hour of the day: shares of the window's, with intervals that hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.estimate.flows.levels import Flows
from hereabouts.estimate.flows.pairs import FlowEstimate
from hereabouts.estimate.flows.slots import slot_estimates
from hereabouts.estimate.measurements import FlowSlots
from hereabouts.estimate.reconcile import parent_positions

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Domains = Mapping[int, NDArray[np.uint64]]
Disk = Callable[[int], Domains]
Coverage = Callable[[Floats, NDArray[np.bool_]], tuple[float, float]]

UNIT, SLOTS = 256, 24
HOURS = "hour-of-day"


def true_trips(rng: np.random.Generator, domains: Domains) -> Floats:
    """Trips between all cells of resolution 6 by hour of the day: a few large flows, each with its own habits."""
    cells = domains[6].size
    size = rng.lognormal(0.0, 1.2, cells)
    mean = (np.outer(size, size) * np.where(np.eye(cells), 8.0, 1.0)).ravel()
    rhythm = 1.2 + np.sin((np.arange(SLOTS) - 8.0) / SLOTS * 2.0 * np.pi)
    own = rhythm * rng.lognormal(0.0, 0.4, (mean.size, SLOTS))
    found: Floats = rng.poisson(SLOTS * mean[:, None] * own / own.sum(axis=1, keepdims=True)).astype(np.float64)
    return found


def window(trips: Floats, pairs: Integers, cells: int, sd: float, rng: np.random.Generator) -> Flows:
    """What is known of the window's flows: nearly the truth."""
    total = np.maximum(trips.sum(axis=1)[pairs] + rng.normal(0.0, sd, pairs.size), 0.0)
    variance = np.full(pairs.size, sd**2)
    return Flows(*np.divmod(pairs, cells), FlowEstimate(total, variance, total, total))


def measured(
    rng: np.random.Generator, trips: Floats, pairs: Integers, resolution: int, taken: float, sd: float
) -> FlowSlots:
    noisy = (1.0 - taken) * trips[pairs] + rng.normal(0.0, sd, (pairs.size, trips.shape[1]))
    return FlowSlots(resolution, HOURS, pairs, np.round(noisy * UNIT).astype(np.int64), (sd * UNIT) ** 2, UNIT)


def coarse_of(trips: Floats, domains: Domains) -> Floats:
    place, size = parent_positions(domains[6], domains[5], 5), domains[5].size
    origin, destination = np.divmod(np.arange(trips.shape[0]), domains[6].size)
    found = np.zeros((size**2, trips.shape[1]))
    np.add.at(found, place[origin] * size + place[destination], trips)
    return found


@pytest.mark.parametrize(("taken", "sd"), [(0.0, 2.0), (0.4, 2.0), (0.4, 10.0)])
def test_intervals_hold_the_true_flows_of_each_hour(taken: float, sd: float, disk: Disk, coverage: Coverage) -> None:
    domains = disk(6)
    values, held = [], []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        trips = true_trips(rng, domains)
        pairs = np.flatnonzero(trips.sum(axis=1) > 20.0)
        whole = {6: window(trips, pairs, domains[6].size, 3.0, rng)}
        found = slot_estimates([measured(rng, trips, pairs, 6, taken, sd)], whole, domains)[6, HOURS].estimate
        large = found.trips >= 1.0
        values.append(found.trips[large])
        held.append(((found.low <= trips[pairs]) & (trips[pairs] <= found.high))[large])
    overall, worst = coverage(np.concatenate(values), np.concatenate(held))
    assert overall >= 0.95
    assert worst >= 0.93


def test_hours_add_up_to_the_window_and_err_less_than_a_flat_day(disk: Disk) -> None:
    domains, rng = disk(6), np.random.default_rng(4)
    trips = true_trips(rng, domains)
    pairs = np.flatnonzero(trips.sum(axis=1) > 20.0)
    whole = {6: window(trips, pairs, domains[6].size, 3.0, rng)}
    found = slot_estimates([measured(rng, trips, pairs, 6, 0.4, 5.0)], whole, domains)[6, HOURS].estimate
    total = whole[6].estimate.trips
    assert found.trips.sum(axis=1) == pytest.approx(total)
    assert ((found.low >= 0.0) & (found.low <= found.trips) & (found.trips <= found.high)).all()
    flat = np.abs(total[:, None] / SLOTS - trips[pairs]).sum()
    assert np.abs(found.trips - trips[pairs]).sum() < 0.7 * flat


def test_in_every_hour_children_are_within_their_parents(disk: Disk) -> None:
    domains, rng = disk(6), np.random.default_rng(5)
    fine = true_trips(rng, domains)
    coarse = coarse_of(fine, domains)
    pairs = {6: np.flatnonzero(fine.sum(axis=1) > 20.0), 5: np.flatnonzero(coarse.sum(axis=1) > 100.0)}
    whole = {r: window(t, pairs[r], domains[r].size, 0.0, rng) for r, t in ((5, coarse), (6, fine))}
    levels = [measured(rng, t, pairs[r], r, 0.3, 5.0) for r, t in ((6, fine), (5, coarse))]
    found = slot_estimates(levels, whole, domains)
    place, size = parent_positions(domains[6], domains[5], 5), domains[5].size
    children = found[6, HOURS]
    above = place[children.origin] * size + place[children.destination]
    assert set(found) == {(5, HOURS), (6, HOURS)}
    for row, parent in enumerate(pairs[5].tolist()):
        sums = children.estimate.trips[above == parent].sum(axis=0)
        assert (sums <= found[5, HOURS].estimate.trips[row] + 1e-6).all()
    assert children.estimate.trips.sum(axis=1) == pytest.approx(whole[6].estimate.trips, rel=0.02, abs=0.1)


def test_a_pair_of_which_the_window_says_nothing_has_no_hours(disk: Disk) -> None:
    """As where a protected area took it out of the one and not of the other."""
    domains, rng = disk(3), np.random.default_rng(6)
    trips = true_trips(rng, domains)
    pairs = np.arange(trips.shape[0])
    level = measured(rng, trips, pairs, 6, 0.0, 1.0)
    known = window(trips, pairs[1::2], domains[6].size, 0.0, rng)
    found = slot_estimates([level], {6: known}, domains)[6, HOURS]
    assert np.array_equal(found.origin * domains[6].size + found.destination, pairs[1::2])
    assert slot_estimates([replace(level, pairs=pairs[:0], noisy=level.noisy[:0])], {6: known}, domains)


@pytest.mark.parametrize("value", [0, -500])
def test_where_nothing_was_measured_a_flow_is_shared_out_evenly(value: int, disk: Disk) -> None:
    domains = disk(2)
    pairs = np.arange(domains[6].size ** 2)
    level = FlowSlots(6, "P1D", pairs, np.full((pairs.size, 7), value * UNIT), 1e4 * UNIT**2, UNIT)
    whole = {6: window(np.full((pairs.size, 7), 3.0), pairs, domains[6].size, 0.0, np.random.default_rng(7))}
    found = slot_estimates([level], whole, domains)[6, "P1D"].estimate
    assert found.trips == pytest.approx(np.full((pairs.size, 7), 3.0), rel=0.05)
