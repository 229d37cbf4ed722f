"""All levels of a release at once: each is an estimate by itself, and together they add up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.estimate.intervals import interval
from hereabouts.estimate.measurements import PresenceLevel
from hereabouts.estimate.presence.hours import HourlyEstimate, means_over
from hereabouts.estimate.presence.levels import presence_estimates
from hereabouts.estimate.reconcile import parent_positions

Floats = NDArray[np.float64]
Cells = NDArray[np.uint64]
Integers = NDArray[np.int64]
Domains = Mapping[int, Cells]
Disk = Callable[[int], Domains]
Town = Callable[[np.random.Generator, Cells, int, float], Integers]
Noisy = Callable[[np.random.Generator, NDArray[np.generic], float], Integers]
Coverage = Callable[[Floats, NDArray[np.bool_]], tuple[float, float]]

WEEK = np.arange(168) // 24


def by_parent(values: NDArray[Any], domains: Domains, fine: int, coarse: int) -> NDArray[Any]:
    found: NDArray[Any] = np.zeros((domains[coarse].size, values.shape[1]), dtype=values.dtype)
    np.add.at(found, parent_positions(domains[fine], domains[coarse], coarse), values)
    return found


def measure(
    rng: np.random.Generator, truth: Integers, domains: Domains, sd: Mapping[int, float], noisy: Noisy
) -> list[PresenceLevel]:
    """Hours of every resolution with noise of its own, as one charge buys them."""
    return [
        PresenceLevel(resolution, noisy(rng, by_parent(truth, domains, 7, resolution), deviation), deviation**2)
        for resolution, deviation in sd.items()
    ]


def check_levels_agree(found: Mapping[int, HourlyEstimate], domains: Domains) -> None:
    order = sorted(found)
    for coarse, fine in pairwise(order):
        sums = by_parent(found[fine].hours, domains, fine, coarse)
        assert sums == pytest.approx(found[coarse].hours, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("resolutions", [(7,), (6, 7), (5, 6, 7), (4, 7), (5, 6)])
def test_children_add_up_to_their_parents_in_every_hour(
    resolutions: tuple[int, ...], disk: Disk, town: Town, noisy: Noisy
) -> None:
    domains = disk(5)
    rng = np.random.default_rng(1)
    truth = town(rng, domains[7], 168, 100.0)
    found = presence_estimates(measure(rng, truth, domains, dict.fromkeys(resolutions, 40.0), noisy), domains, WEEK)
    assert set(found) == set(resolutions)
    check_levels_agree(found, domains)
    for resolution, estimate in found.items():
        assert estimate.hours.shape == (domains[resolution].size, 168)
        for part in (estimate.hours, estimate.hour_variance, estimate.day_variance, estimate.window_variance):
            assert np.isfinite(part).all()
            assert (part >= 0.0).all()


def test_intervals_hold_the_truth_after_levels_were_made_to_agree(
    disk: Disk, town: Town, noisy: Noisy, coverage: Coverage
) -> None:
    domains = disk(7)
    days = means_over(WEEK)
    values: dict[tuple[int, str], list[Floats]] = {}
    held: dict[tuple[int, str], list[NDArray[np.bool_]]] = {}
    for seed in range(3):
        rng = np.random.default_rng(seed)
        truth = town(rng, domains[7], 168, 100.0)
        levels = measure(rng, truth, domains, {6: 36.0, 7: 30.0}, noisy)
        for resolution, estimate in presence_estimates(levels, domains, WEEK).items():
            exact = by_parent(truth, domains, 7, resolution)
            for period, value, variance, true in (
                ("hours", estimate.hours, estimate.hour_variance, exact),
                ("days", estimate.hours @ days, estimate.day_variance, exact @ days),
            ):
                low, high = interval(value, variance)
                large = value >= 1.0
                values.setdefault((resolution, period), []).append(value[large])
                held.setdefault((resolution, period), []).append(((low <= true) & (true <= high))[large])
    for level, parts in values.items():
        overall, worst = coverage(np.concatenate(parts), np.concatenate(held[level]))
        assert overall >= 0.95, level
        assert worst >= 0.93, level


def test_the_order_of_levels_says_nothing(disk: Disk, town: Town, noisy: Noisy) -> None:
    domains = disk(4)
    rng = np.random.default_rng(2)
    levels = measure(rng, town(rng, domains[7], 24, 100.0), domains, {5: 9.0, 6: 9.0, 7: 9.0}, noisy)
    day = np.zeros(24, dtype=np.int64)
    found, turned = presence_estimates(levels, domains, day), presence_estimates(levels[::-1], domains, day)
    for resolution in (5, 6, 7):
        assert np.array_equal(found[resolution].hours, turned[resolution].hours)


def test_a_coarse_measurement_sharpens_a_fine_one(disk: Disk, town: Town, noisy: Noisy) -> None:
    domains = disk(6)
    rng = np.random.default_rng(3)
    truth = town(rng, domains[7], 168, 200.0)
    alone = measure(rng, truth, domains, {7: 100.0}, noisy)
    joined = [*alone, *measure(rng, truth, domains, {6: 5.0}, noisy)]
    errors = [np.abs(presence_estimates(levels, domains, WEEK)[7].hours - truth).sum() for levels in (alone, joined)]
    assert errors[1] < 0.95 * errors[0]


@pytest.mark.parametrize("rings", [0, 1, 2])
@pytest.mark.parametrize("hours", [23, 24, 25])
@pytest.mark.parametrize("count", [0, 40])
def test_a_short_window_of_a_small_region(rings: int, hours: int, count: int, disk: Disk, noisy: Noisy) -> None:
    domains = disk(rings)
    rng = np.random.default_rng(4)
    truth = np.full((domains[7].size, hours), count)
    levels = measure(rng, truth, domains, {5: 5.0, 6: 5.0, 7: 5.0}, noisy)
    found = presence_estimates(levels, domains, np.zeros(hours, dtype=np.int64))
    check_levels_agree(found, domains)
    assert found[7].hours.mean() == pytest.approx(count, abs=5.0)
    assert found[5].day_variance.shape == (domains[5].size, 1)


def test_a_child_of_a_parent_that_has_something_follows_its_rhythm(disk: Disk) -> None:
    """Where a fine level saw nobody at all and the coarse one did, the coarse one's hours are shared out."""
    domains = disk(2)
    wave = np.round(200.0 + 150.0 * np.sin(np.arange(24) / 24.0 * 2.0 * np.pi)).astype(np.int64)
    coarse = np.repeat(wave[None], domains[6].size, axis=0)
    fine = np.full((domains[7].size, 24), -50)
    levels = [PresenceLevel(6, coarse, 1.0), PresenceLevel(7, fine, 10_000.0)]
    found = presence_estimates(levels, domains, np.zeros(24, dtype=np.int64))
    check_levels_agree(found, domains)
    for row in found[7].hours[found[7].hours.sum(axis=1) > 1.0]:
        assert np.corrcoef(row, wave)[0, 1] > 0.99


def test_nothing_measured_is_nothing_estimated(disk: Disk) -> None:
    assert presence_estimates([], disk(1), WEEK) == {}
