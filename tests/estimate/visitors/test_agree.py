"""Distinct counts that agree: wholes between their largest part and the sum of their parts."""

from __future__ import annotations

from collections.abc import Mapping

import h3.api.numpy_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.estimate.reconcile import parent_positions
from hereabouts.estimate.visitors.agree import agreeing
from hereabouts.hexagons import parents_of

Floats = NDArray[np.float64]
Level = tuple[int, str]

LEAVES = np.unique(np.array(list(h3.grid_disk(h3.latlng_to_cell(48.2, 16.4, 7), 4)), dtype=np.uint64))
DOMAINS = {resolution: np.unique(parents_of(LEAVES, resolution)) for resolution in range(8)}
DAYS = 3
CHAINS = [(4, 5, 6, 7), (5, 7), (7,), (4, 6)]


def made_up(seed: int, resolutions: tuple[int, ...], periods: tuple[str, ...]) -> tuple[dict[Level, Floats], ...]:
    """Estimates of every size that contradict each other, and variances, some of them zero."""
    rng = np.random.default_rng(seed)
    devices, variance = {}, {}
    for resolution in resolutions:
        for period in periods:
            shape = DOMAINS[resolution].size, DAYS if period == "P1D" else 1
            devices[resolution, period] = rng.exponential(10.0 ** rng.integers(0, 4, shape)) * (rng.random(shape) < 0.7)
            variance[resolution, period] = rng.exponential(100.0, shape) * (rng.random(shape) < 0.8)
    return devices, variance


def broken(found: Mapping[Level, Floats]) -> list[str]:
    """Every whole that is less than a part or more than all parts; a part that is unknown says nothing of the sum."""
    wrong = []
    for (resolution, period), whole in found.items():
        finer = [r for r, p in found if p == period and r > resolution]
        parts = []
        if finer:
            position = parent_positions(DOMAINS[min(finer)], DOMAINS[resolution], resolution)
            parts = [found[min(finer), period][position == row] for row in range(len(whole))]
        if period == "P3D" and (resolution, "P1D") in found:
            parts += [day[:, None] for day in found[resolution, "P1D"]]
        for row, part in enumerate(parts):
            value = whole[row % len(whole)]
            if (np.nan_to_num(part, nan=-1.0).max(axis=0) > value + 1e-6).any():
                wrong.append(f"{resolution}/{period}: a part is more than all")
            if (part.sum(axis=0) < value * (1 - 1e-6) - 1e-6).any():
                wrong.append(f"{resolution}/{period}: all parts are less")
    return wrong


@given(
    seed=st.integers(0, 2**32 - 1),
    resolutions=st.sampled_from(CHAINS),
    periods=st.sampled_from([("P1D", "P3D"), ("P3D",), ("P1D",)]),
)
@settings(max_examples=100, deadline=None)
def test_whatever_contradicts_itself_is_made_to_agree(
    seed: int, resolutions: tuple[int, ...], periods: tuple[str, ...]
) -> None:
    devices, variance = made_up(seed, resolutions, periods)
    found = agreeing(devices, variance, DOMAINS, "P3D")
    assert broken(found) == []
    assert all((values >= 0).all() for values in found.values())


def test_what_agrees_is_left_alone() -> None:
    """Visits of 50 devices, counted exactly."""
    rng = np.random.default_rng(4)
    cell, day, device = rng.integers([LEAVES.size, DAYS, 50], size=(400, 3)).T
    exact = {}
    for resolution in (5, 6, 7):
        position = parent_positions(LEAVES, DOMAINS[resolution], resolution)[cell]
        for period, slot, slots in (("P1D", day, DAYS), ("P3D", 0 * day, 1)):
            rows = np.unique(np.column_stack([position, slot, device]), axis=0)
            exact[resolution, period] = np.zeros((DOMAINS[resolution].size, slots))
            np.add.at(exact[resolution, period], (rows[:, 0], rows[:, 1]), 1.0)
    assert broken(exact) == []
    found = agreeing(exact, {level: np.ones_like(values) for level, values in exact.items()}, DOMAINS, "P3D")
    for level, values in exact.items():
        assert np.allclose(found[level], values)


def test_a_sure_child_moves_an_unsure_parent_and_not_the_other_way_round() -> None:
    children = np.zeros((DOMAINS[7].size, 1))
    children[0] = 1000.0
    parents = np.full((DOMAINS[6].size, 1), 10.0)
    devices = {(7, "P3D"): children, (6, "P3D"): parents}
    for sure, expected in ((7, 1000.0), (6, 10.0)):
        variance = {(r, "P3D"): np.full_like(devices[r, "P3D"], 1e-6 if r == sure else 1e6) for r in (6, 7)}
        found = agreeing(devices, variance, DOMAINS, "P3D")
        position = parent_positions(DOMAINS[7], DOMAINS[6], 6)[0]
        assert found[6, "P3D"][position, 0] == pytest.approx(expected, rel=0.01)
        assert found[7, "P3D"][0, 0] == pytest.approx(expected, rel=0.01)


def test_what_is_unknown_stays_so_and_binds_nobody() -> None:
    """A hidden child may have had anything: its parent is not cut down to what the others have."""
    devices, variance = made_up(1, (6, 7), ("P3D",))
    hidden = parent_positions(DOMAINS[7], DOMAINS[6], 6) == 3
    devices[7, "P3D"][hidden] = variance[7, "P3D"][hidden] = np.nan
    devices[6, "P3D"][3] = 1e6
    found = agreeing(devices, variance, DOMAINS, "P3D")
    assert np.isnan(found[7, "P3D"][hidden]).all()
    assert np.isfinite(found[7, "P3D"][~hidden]).all()
    assert found[6, "P3D"][3, 0] == 1e6
    assert broken(found) == []
