"""Rhythms: the region's curve, and how cells depart from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.estimate.presence.around import adjacency
from hereabouts.estimate.presence.rhythm import Departures, common_curve, departures, sizes_of, waves_of
from hereabouts.hexagons import neighbours_of

Floats = NDArray[np.float64]
Disk = Callable[[int], Mapping[int, NDArray[np.uint64]]]

WEEK = np.arange(168) // 24
DAILY = np.sin(np.arange(168) / 24.0 * 2.0 * np.pi)


def depart(truth: Floats, sd: float, disk: Disk, seed: int) -> tuple[Departures, Floats]:
    """Departures from a flat curve of cells with 100 devices each; and the same cells' true ones."""
    cells = disk(8)[7][: len(truth)]
    rest = truth + np.random.default_rng(seed).normal(0.0, sd, truth.shape)
    level, noise = np.full(len(truth), 100.0), np.full(len(truth), sd**2)
    beside = adjacency(neighbours_of(disk(8)[7]))[: cells.size][:, : cells.size]
    return departures(rest, level, np.ones(168), waves_of(WEEK), noise, beside), truth


@pytest.mark.parametrize(
    "days", [WEEK, np.zeros(23, dtype=np.int64), np.repeat(np.arange(7), [24] * 6 + [25])], ids=["week", "23", "169"]
)
def test_waves_span_all_hours(days: NDArray[np.int64]) -> None:
    waves = waves_of(days)
    assert waves.shape[0] == days.size
    assert np.linalg.matrix_rank(waves) == days.size


def test_the_common_curve_is_that_of_all_cells_and_not_of_a_feast_in_one() -> None:
    rng = np.random.default_rng(1)
    level = np.full(300, 100.0)
    truth = np.outer(level, 1.0 + 0.5 * DAILY)
    truth[7, 100:110] += 2000.0
    found = common_curve(truth + rng.normal(0.0, 50.0, truth.shape), level, 2500.0)
    assert found.curve == pytest.approx(1.0 + 0.5 * DAILY, abs=0.15)
    assert found.curve.mean() == pytest.approx(1.0)
    assert ((found.own >= 0.0) & (found.own < 0.05)).all()


def test_where_noise_drowns_all_the_common_curve_is_flat() -> None:
    noisy = np.random.default_rng(2).normal(0.0, 1e4, (50, 24))
    assert common_curve(noisy, np.full(50, 1.0), 1e8).curve == pytest.approx(np.ones(24), abs=0.3)
    assert common_curve(noisy, np.zeros(50), 1e8).curve.tolist() == [1.0] * 24


def test_what_neighbours_share_is_seen_through_noise_that_hides_one_cell(disk: Disk) -> None:
    found, truth = depart(np.outer(np.full(217, 30.0), DAILY), 150.0, disk, 3)
    assert float(((found.hours - truth) ** 2).mean()) < 0.15 * float((truth**2).mean())


def test_errors_of_departures_are_as_large_as_it_says(disk: Disk) -> None:
    rng = np.random.default_rng(4)
    truth = np.outer(rng.normal(0.0, 40.0, 217), DAILY) + np.outer(rng.normal(0.0, 20.0, 217), np.cos(WEEK))
    found, truth = depart(truth - truth.mean(axis=1, keepdims=True), 60.0, disk, 5)
    error = float(((found.hours - truth) ** 2).mean())
    assert error < 0.15 * 60.0**2
    # It allows for devices that come and go by chance, 100 of them, which this truth has none of.
    assert 0.9 * error < float(found.variance(np.eye(168)).mean()) < error + 110.0


def test_sizes_are_octaves() -> None:
    assert sizes_of(np.array([0.1, 1.9, 2.0, 3.9, 100.0])).tolist() == [0, 0, 1, 1, 6]
    assert sizes_of(np.empty(0)).size == 0
