"""Visitors of a protected parent: estimates know of it what may be published of it, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import h3.api.numpy_int as h3
import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.estimate.measurements import Measurements, VisitorLevel
from hereabouts.estimate.visitors.levels import visitor_estimates
from hereabouts.hexagons import parents_of
from hereabouts.release.coarsen import coarsened
from hereabouts.release.protected import Protection, protect
from hereabouts.release.region import Region
from hereabouts.rules.protected import ProtectedArea
from hereabouts.windows import Calendar

WINDOW = Calendar.of("Europe/Paris", "P3D", None).at(1_711_796_400)
FIVES = sorted(int(c) for c in h3.grid_disk(h3.latlng_to_cell(48.85, 2.35, 5), 1))[:3]
LEAVES = np.unique(np.concatenate([np.asarray(h3.cell_to_children(c, 7), dtype=np.uint64) for c in FIVES]))
DOMAINS = {resolution: np.unique(parents_of(LEAVES, resolution)) for resolution in range(8)}
SIX = int(h3.cell_to_children(FIVES[0], 6)[0])


def guard(period: str) -> Protection:
    area = ProtectedArea(name="area", cells=(h3.int_to_str(SIX),), finest_resolution=6, finest_period=period)
    return protect([area], Path(), Region(LEAVES), WINDOW)


def measured() -> Measurements:
    rng = np.random.default_rng(0)
    levels = []
    for resolution in (5, 6, 7):
        for period, slots in (("P1D", 3), ("P3D", 1)):
            noisy = rng.integers(-5000, 500_000, (DOMAINS[resolution].size, slots))
            kept = int(noisy.sum())
            levels.append(VisitorLevel(resolution, period, noisy, 4e8, 256, kept // 10, 1e6, kept, 1e9, 0.05))
    return Measurements((), visitors=tuple(levels))


def below(level: VisitorLevel) -> NDArray[np.bool_]:
    return np.asarray(parents_of(DOMAINS[level.resolution], 6) == np.uint64(SIX)) & (level.resolution == 7)


@pytest.mark.parametrize("period", ["PT1H", "P1D", "window"])
def test_what_may_have_no_row_is_unknown_and_all_else_is_left_alone(period: str) -> None:
    before, protection = measured(), guard(period)
    for was, now in zip(before.visitors, coarsened(before, DOMAINS, WINDOW, protection).visitors, strict=True):
        cells = DOMAINS[was.resolution]
        coarse = min(was.resolution, 6)
        touched = parents_of(cells, coarse) == h3.cell_to_parent(SIX, coarse)
        hidden = below(was) | (touched & (period == "window" and was.period == "P1D"))
        assert np.isnan(now.noisy[hidden]).all()
        assert np.array_equal(now.noisy[~hidden], was.noisy[~hidden])
        assert replace(now, noisy=was.noisy) == was


@pytest.mark.parametrize("period", ["P1D", "window"])
def test_estimates_are_the_same_whatever_was_measured_there(period: str) -> None:
    protection, one = guard(period), measured()
    rng = np.random.default_rng(5)
    levels = []
    for level in one.visitors:
        hidden = protection.withheld(DOMAINS[level.resolution], level.resolution, level.period, WINDOW)
        moved = level.noisy.copy()
        moved[hidden] = rng.integers(0, 10**7, moved[hidden].shape)
        levels.append(replace(level, noisy=moved))
    other = replace(one, visitors=tuple(levels))
    found = [
        visitor_estimates(coarsened(m, DOMAINS, WINDOW, protection).visitors, DOMAINS, "P3D") for m in (one, other)
    ]
    for key, estimate in found[0].items():
        for part in ("devices", "variance", "low", "high"):
            assert np.array_equal(getattr(estimate, part), getattr(found[1][key], part), equal_nan=True)


def test_nothing_protected_changes_nothing() -> None:
    before = measured()
    assert coarsened(before, DOMAINS, WINDOW, protect([], Path(), Region(LEAVES), WINDOW)) is before
