"""Unicity for one to eight points, by grain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from hereabouts.risk.audit.unicity import RESOLUTIONS, SAMPLE, STRETCHES, Sample, unicity
from hereabouts.risk.figures import FEW_HITS, FEW_OTHERS
from hereabouts.risk.traces import Traces
from hereabouts.windows import HOUR

if TYPE_CHECKING:
    from tests.risk.conftest import TracesOf


def test_more_points_single_out_more(town: Traces) -> None:
    told: list[float] = []
    grains = unicity(town, 1, told.append)
    assert [(grain.resolution, grain.period) for grain in grains] == [(r, p) for r in RESOLUTIONS for p in STRETCHES]
    assert told[-1] == 1.0
    for grain in grains:
        # Devices with fewer points are left out, so that a share need not grow with every point.
        values = [figure.about for figure in grain.figures]
        assert values[0] is not None
        assert values[7] is not None
        assert values[7] >= values[0] - 0.05
    coarse, fine = grains[-1].figures[1].about, grains[0].figures[1]
    assert coarse is not None
    assert coarse < 0.9
    assert fine.withheld == FEW_OTHERS


def test_twins_are_never_alone(traces_of: TracesOf) -> None:
    rows = [(d, 1_709_510_400 + 7200 * k, 52.0 + 0.1 * (d // 2), -1.0 + 0.1 * k) for d in range(60) for k in range(9)]
    for grain in unicity(traces_of(rows), 1, lambda _: None):
        assert {figure.withheld for figure in grain.figures if figure.n is not None} == {FEW_HITS}


def test_devices_with_fewer_points_are_not_counted(traces_of: TracesOf) -> None:
    """Of a hundred devices, sixty have two points, and forty one alone: nothing is said of three."""
    rows = [(d, 1_709_510_400 + 3600 * d, 52.0 + 0.01 * d, -1.0) for d in range(100)]
    rows += [(d, 1_710_000_000 + 3600 * d, 52.0 + 0.01 * d, -1.5) for d in range(60)]
    (grain,) = [g for g in unicity(traces_of(rows), 1, lambda _: None) if (g.resolution, g.period) == (8, "1 h")]
    assert [figure.n for figure in grain.figures] == [100, 60, *[None] * 6]
    assert grain.figures[2].withheld is not None


def test_a_sealed_window_has_no_finer_grains(traces_of: TracesOf) -> None:
    rows = [(d, 1_709_510_400 + 3600 * k, 52.0 + 0.1 * d, -1.0 + 0.1 * k) for d in range(30) for k in range(9)]
    grains = unicity(traces_of(rows, 8, HOUR), 1, lambda _: None)
    assert {grain.resolution for grain in grains} == {8, 7, 6, 5}
    assert {grain.period for grain in grains} == {"1 h", "4 h", "1 day"}


def test_the_same_seed_gives_the_same_figures_and_another_one_others(town: Traces) -> None:
    first, again, other = (unicity(town, seed, lambda _: None) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_sample_is_of_distinct_devices() -> None:
    sample = Sample.of(np.arange(50_000), SAMPLE, 1)
    assert len(np.unique(sample.devices)) == SAMPLE
    assert sample.devices.mean() == pytest.approx(25_000, rel=0.03)
    assert Sample.of(np.arange(30), SAMPLE, 1).devices.tolist() == list(range(30))
