"""Small data sets as traces."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from hereabouts.movement.cells import cells_of
from hereabouts.risk.traces import FINEST, Gathering, Traces

Row = tuple[int, int, float, float]
"""Device, UTC second, latitude, longitude."""
TracesOf = Callable[..., Traces]

MONDAY = 1_709_510_400
"""2024-03-04, 0:00 UTC."""


def _traces_of(rows: Sequence[Row], resolution: int = FINEST, step: int = 1) -> Traces:
    device, time, latitude, longitude = (np.array(column) for column in zip(*rows, strict=True))
    gathering = Gathering(resolution, step)
    gathering.add(device.astype(np.uint64) + 1, time.astype(np.int64), cells_of(latitude, longitude, resolution))
    return gathering.traces()


@pytest.fixture
def traces_of() -> TracesOf:
    """Traces of rows (device, UTC second, latitude, longitude)."""
    return _traces_of


def wandering(devices: int, points: int, seed: int, width: float = 0.05, days: int = 7) -> list[Row]:
    """Rows of devices that are here and there in a small town, some of them seldom."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for device in range(devices):
        around = rng.normal(0, width, 2)
        for _ in range(rng.integers(1, points + 1)):
            latitude, longitude = around * rng.integers(0, 2) + rng.normal(0, width / 4, 2)
            rows.append((device, int(MONDAY + rng.integers(days * 86_400)), 52.0 + latitude, -1.0 + longitude))
    return rows


@pytest.fixture
def town(traces_of: TracesOf) -> Traces:
    """Three hundred devices in a town, a week long."""
    return traces_of(wandering(300, 60, 8))
