"""Presence from noisy hours, held against a made-up town whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.estimate.intervals import interval
from hereabouts.estimate.presence.hours import HourlyEstimate, estimate_presence, means_over
from hereabouts.hexagons import neighbours_of

Floats = NDArray[np.float64]
Cells = NDArray[np.uint64]
Integers = NDArray[np.int64]
Disk = Callable[[int], Mapping[int, Cells]]
Town = Callable[[np.random.Generator, Cells, int, float], Integers]
Noisy = Callable[[np.random.Generator, NDArray[np.generic], float], Integers]
Coverage = Callable[[Floats, NDArray[np.bool_]], tuple[float, float]]

WEEK = np.arange(168) // 24
DAYS = {
    "a day": np.zeros(24, dtype=np.int64),
    "a spring day": np.zeros(23, dtype=np.int64),
    "an autumn day": np.zeros(25, dtype=np.int64),
    "a week": WEEK,
    "a spring week": np.repeat(np.arange(7), [24] * 6 + [23]),
    "an autumn week": np.repeat(np.arange(7), [24] * 6 + [25]),
}


def periods(found: HourlyEstimate, truth: Integers, day_of_hour: Integers) -> dict[str, tuple[Floats, Floats, Floats]]:
    """Estimate, variance and truth of hours, days and the window."""
    days = means_over(day_of_hour)
    return {
        "hours": (found.hours, found.hour_variance, truth.astype(np.float64)),
        "days": (found.hours @ days, found.day_variance, truth @ days),
        "window": (
            found.hours.mean(axis=1, keepdims=True), found.window_variance, truth.mean(axis=1, keepdims=True)
        ),
    }  # fmt: skip


def estimate(noisy: NDArray[np.generic], sd: float, day_of_hour: Integers, cells: Cells) -> HourlyEstimate:
    return estimate_presence(noisy.astype(np.float64), sd**2, day_of_hour, neighbours_of(cells))


def check_sound(found: HourlyEstimate, cells: int, day_of_hour: Integers) -> None:
    hours, days = day_of_hour.size, int(day_of_hour[-1]) + 1
    assert found.hours.shape == found.hour_variance.shape == (cells, hours)
    assert found.day_variance.shape == (cells, days)
    assert found.window_variance.shape == (cells, 1)
    for part in (found.hours, found.hour_variance, found.day_variance, found.window_variance):
        assert np.isfinite(part).all()
        assert (part >= 0.0).all()


@pytest.mark.parametrize(
    ("rings", "devices", "sd"),
    [(9, 300.0, 50.0), (9, 300.0, 10.0), (9, 30.0, 50.0)],
    ids=["noisy", "clear", "nearly empty"],
)
def test_intervals_hold_the_truth_at_every_period(
    rings: int, devices: float, sd: float, disk: Disk, town: Town, noisy: Noisy, coverage: Coverage
) -> None:
    """Of rows with an estimate of at least 1: over all, and in the worst third by size."""
    cells = disk(rings)[7]
    held: dict[str, list[tuple[Floats, NDArray[np.bool_]]]] = {"hours": [], "days": [], "window": []}
    for seed in range(3):
        rng = np.random.default_rng(seed)
        truth = town(rng, cells, 168, devices)
        found = estimate(noisy(rng, truth, sd), sd, WEEK, cells)
        for period, (value, variance, exact) in periods(found, truth, WEEK).items():
            low, high = interval(value, variance)
            large = value >= 1.0
            held[period].append((value[large], ((low <= exact) & (exact <= high))[large]))
    # Means over days and the window have few rows here: some hundreds in a third.
    least = {"hours": (0.95, 0.93), "days": (0.94, 0.91), "window": (0.93, 0.90)}
    for period, parts in held.items():
        values, inside = (np.concatenate(part) for part in zip(*parts, strict=True))
        overall, worst = coverage(values, inside)
        assert overall >= least[period][0], period
        assert worst >= least[period][1], period


def test_it_errs_far_less_than_the_noise(disk: Disk, town: Town, noisy: Noisy) -> None:
    cells = disk(10)[7]
    rng = np.random.default_rng(1)
    truth = town(rng, cells, 168, 100.0)
    measured = noisy(rng, truth, 50.0)
    found = estimate(measured, 50.0, WEEK, cells)
    error = np.abs(found.hours - truth).sum()
    assert error < 0.2 * np.abs(np.maximum(measured, 0) - truth).sum()
    assert error < 0.8 * np.abs(measured.mean(axis=1, keepdims=True) - truth).sum(), "it sees rhythms, not levels alone"


def test_it_finds_the_rhythm_of_the_region_and_of_its_kinds_of_places(disk: Disk) -> None:
    """Half of the cells are busy by day and half by night; noise is as large as the counts."""
    cells = disk(10)[7]
    rng = np.random.default_rng(2)
    wave = 40.0 * np.sin(np.arange(168) / 24.0 * 2.0 * np.pi)
    by_day = np.arange(cells.size) % 2 == 0
    truth = 60.0 + np.where(by_day[:, None], wave, -wave)
    found = estimate(np.round(truth + rng.normal(0, 60, truth.shape)), 60.0, WEEK, cells)
    for row in range(cells.size):
        assert np.corrcoef(found.hours[row], wave)[0, 1] * (1 if by_day[row] else -1) > 0.9


def test_hours_average_to_the_level_that_intervals_speak_of(disk: Disk, town: Town, noisy: Noisy) -> None:
    """Cut at zero or not, a cell's mean over the window is its posterior level; no hour makes one up."""
    cells = disk(8)[7]
    rng = np.random.default_rng(3)
    truth = town(rng, cells, 168, 50.0)
    measured = noisy(rng, truth, 20.0)
    found = estimate(measured, 20.0, WEEK, cells)
    level, raw = found.hours.mean(axis=1), measured.mean(axis=1)
    deviation = 20.0 / np.sqrt(168)
    clear = raw > 35.0 * deviation
    assert clear.any()
    assert level[clear] == pytest.approx(raw[clear], abs=deviation), "far above the noise, it is what was measured"
    assert (np.abs(level - np.maximum(raw, 0.0)) < 5.0 * deviation).all()


@pytest.mark.parametrize("days", DAYS.values(), ids=DAYS.keys())
@pytest.mark.parametrize("rings", [0, 4])
def test_days_of_23_24_and_25_hours_in_small_regions(
    days: Integers, rings: int, disk: Disk, town: Town, noisy: Noisy
) -> None:
    cells = disk(rings)[7]
    rng = np.random.default_rng(4)
    truth = town(rng, cells, days.size, 200.0)
    found = estimate(noisy(rng, truth, 10.0), 10.0, days, cells)
    check_sound(found, cells.size, days)
    for value, variance, exact in periods(found, truth, days).values():
        low, high = interval(value, variance)
        assert float(((low <= exact) & (exact <= high)).mean()) > 0.85


def test_hours_of_seven_cells_over_a_week_err_no_more_than_the_noise(disk: Disk, town: Town, noisy: Noisy) -> None:
    cells = disk(1)[7]
    for seed in range(4):
        rng = np.random.default_rng(seed)
        truth = town(rng, cells, 168, 200.0)
        found = estimate(noisy(rng, truth, 10.0), 10.0, WEEK, cells)
        low, high = interval(found.hours, found.hour_variance)
        assert float(np.sqrt(((found.hours - truth) ** 2).mean())) < 11.0
        assert float(((low <= truth) & (truth <= high)).mean()) > 0.93


@pytest.mark.parametrize("number", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 500])
def test_a_handful_of_cells(number: int, count: int, disk: Disk) -> None:
    """Too few to learn a rhythm from, with counts that are all alike."""
    cells = disk(2)[7][:number]
    found = estimate(np.full((number, 24), count), 2.0, DAYS["a day"], cells)
    check_sound(found, number, DAYS["a day"])
    assert found.hours == pytest.approx(np.full((number, 24), float(count)), abs=1.0)


@pytest.mark.parametrize("sd", [1.0, 100.0])
def test_where_nobody_was_it_says_so(sd: float, disk: Disk, noisy: Noisy) -> None:
    cells = disk(5)[7]
    nobody = np.zeros((cells.size, 168), dtype=np.int64)
    for measured in (nobody, noisy(np.random.default_rng(5), nobody, sd)):
        found = estimate(measured, sd, WEEK, cells)
        check_sound(found, cells.size, WEEK)
        assert float(found.hours.max()) < 3.0 * sd
        for value, variance, _ in periods(found, nobody, WEEK).values():
            low, _ = interval(value, variance)
            assert float((low < 0.1 * sd).mean()) > 0.98


def test_counts_far_below_zero_are_nobody(disk: Disk) -> None:
    """Noise may come out badly for all cells at once."""
    cells = disk(3)[7]
    found = estimate(np.full((cells.size, 24), -40), 10.0, DAYS["a day"], cells)
    check_sound(found, cells.size, DAYS["a day"])
    assert float(found.hours.max()) < 1.0


def test_a_feast_is_seen_on_its_day(disk: Disk, noisy: Noisy) -> None:
    cells = disk(6)[7]
    rng = np.random.default_rng(6)
    truth = np.full((cells.size, 168), 30)
    truth[100, 5 * 24 + 12 : 5 * 24 + 20] = 900
    found = estimate(noisy(rng, truth, 20.0), 20.0, WEEK, cells)
    feast = found.hours[100, 5 * 24 + 12 : 5 * 24 + 20]
    assert (np.abs(feast - 900.0) < 150.0).all()
    ordinary = np.delete(found.hours, 100, axis=0)
    assert float((np.abs(ordinary - 30.0) < 25.0).mean()) > 0.999, "and nowhere else"
    assert float(np.abs(ordinary - 30.0).mean()) < 6.0


def test_means_over_slots_are_as_sure_as_they_say(disk: Disk, town: Town, noisy: Noisy, coverage: Coverage) -> None:
    """Sets of hours that are no span of time: every hour of the day, over all days."""
    cells = disk(9)[7]
    clock = np.arange(168) % 24
    values, inside = [], []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        truth = town(rng, cells, 168, 300.0)
        measured = noisy(rng, truth, 30.0).astype(np.float64)
        found = estimate_presence(measured, 900.0, WEEK, neighbours_of(cells), {"hour-of-day": clock})
        value, exact = (hours @ means_over(clock) for hours in (found.hours, truth))
        low, high = interval(value, found.slot_variance["hour-of-day"])
        large = value >= 1.0
        values.append(value[large])
        inside.append(((low <= exact) & (exact <= high))[large])
    overall, worst = coverage(np.concatenate(values), np.concatenate(inside))
    assert overall >= 0.94
    assert worst >= 0.91


def test_means_by_day_use_the_hours_that_a_day_has() -> None:
    days = np.repeat(np.arange(3), [23, 24, 25])
    hours = np.concatenate([np.full(23, 1.0), np.full(24, 2.0), np.full(25, 3.0)])
    assert hours @ means_over(days) == pytest.approx([1.0, 2.0, 3.0])
    assert means_over(days).sum(axis=0) == pytest.approx(np.ones(3))
