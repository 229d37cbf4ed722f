"""What tests of estimates share: a made-up town whose truth is known, and how often intervals hold it.

Noise comes from seeds here, so that a test says the same every time. No real row is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import h3.api.numpy_int as h3
import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.hexagons import centres_of, distance, parents_of

Floats = NDArray[np.float64]
Cells = NDArray[np.uint64]
Integers = NDArray[np.int64]
Domains = Mapping[int, Cells]


@pytest.fixture(scope="session")
def coverage() -> Callable[[Floats, NDArray[np.bool_]], tuple[float, float]]:
    """Share of rows whose interval holds the truth: over all, and in the worst third by size of the estimate."""

    def found(estimate: Floats, held: NDArray[np.bool_]) -> tuple[float, float]:
        thirds = np.array_split(np.argsort(estimate, kind="stable"), 3)
        return float(held.mean()), min(float(held[rows].mean()) for rows in thirds)

    return found


@pytest.fixture(scope="session")
def disk() -> Callable[[int], Domains]:
    """The cells within so many rings of the middle of Paris, by resolution from 0 to 7, each sorted."""

    def found(rings: int) -> Domains:
        leaves = np.unique(np.asarray(h3.grid_disk(h3.latlng_to_cell(48.85, 2.35, 7), rings), dtype=np.uint64))
        return {resolution: np.unique(parents_of(leaves, resolution)) for resolution in range(8)}

    return found


@pytest.fixture(scope="session")
def town() -> Callable[[np.random.Generator, Cells, int, float], Integers]:
    """Devices by cell and hour: six centres of very different size, empty land, working and living places, good and
    bad days. The last argument is how many are in a middling centre."""

    def found(rng: np.random.Generator, cells: Cells, hours: int, devices: float) -> Integers:
        centres = centres_of(cells)
        level = np.zeros(cells.size)
        for _ in range(6):
            middle = np.repeat(centres[rng.integers(cells.size)][None], cells.size, axis=0)
            kilometres = distance(centres, middle) / 1000.0
            level += devices * rng.lognormal(0.0, 0.8) * np.exp(-kilometres / rng.uniform(2.0, 6.0))
        level *= rng.lognormal(0.0, 0.6, cells.size)
        level[rng.random(cells.size) < 0.3] = 0.0
        hour = np.arange(hours)
        daylight = np.clip(np.sin((hour % 24 - 7) / 24 * 2 * np.pi), 0.0, None)
        work = daylight * np.where(hour // 24 < 5, 1.0, 0.4)
        share = rng.random(cells.size)[:, None]
        rhythm = share * work + (1.0 - share) * (1.2 - daylight) + 0.05
        days = rng.gamma(20.0, 1 / 20, (cells.size, -(-hours // 24)))[:, hour // 24]
        return np.asarray(rng.poisson(level[:, None] * rhythm * days), dtype=np.int64)

    return found


@pytest.fixture(scope="session")
def noisy() -> Callable[[np.random.Generator, NDArray[np.generic], float], Integers]:
    """Whole numbers with noise of that standard deviation."""

    def found(rng: np.random.Generator, values: NDArray[np.generic], sd: float) -> Integers:
        return np.asarray(values + np.round(rng.normal(0.0, sd, values.shape)), dtype=np.int64)

    return found
