"""Visitors from end to end of the estimates: near the truth, agreeing with each other, and honest about it."""

from __future__ import annotations

import h3.api.numpy_int as h3
import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.estimate.measurements import VisitorLevel
from hereabouts.estimate.visitors.levels import visitor_estimates
from hereabouts.hexagons import parents_of

Floats = NDArray[np.float64]
LEAVES = np.unique(np.array(list(h3.grid_disk(h3.latlng_to_cell(48.2, 16.4, 7), 11)), dtype=np.uint64))
DOMAINS = {resolution: np.unique(parents_of(LEAVES, resolution)) for resolution in range(8)}
DAYS, UNIT = 4, 256


def town(seed: int) -> dict[tuple[int, str], Floats]:
    """Exact visitors of 3,000 devices that go about the middle of the town more than elsewhere."""
    rng = np.random.default_rng(seed)
    popular = rng.pareto(1.1, LEAVES.size) + 0.01
    device = np.repeat(np.arange(3000), 20)
    cell = rng.choice(LEAVES.size, device.size, p=popular / popular.sum())
    day = rng.integers(DAYS, size=device.size)
    exact = {}
    for resolution in (6, 7):
        position = np.searchsorted(DOMAINS[resolution], parents_of(LEAVES[cell], resolution))
        for period, slot, slots in (("P1D", day, DAYS), ("P4D", 0 * day, 1)):
            rows = np.unique(np.column_stack([position, slot, device]), axis=0)
            exact[resolution, period] = np.zeros((DOMAINS[resolution].size, slots))
            np.add.at(exact[resolution, period], (rows[:, 0], rows[:, 1]), 1.0)
    return exact


def measured(exact: dict[tuple[int, str], Floats], sd: float, seed: int) -> list[VisitorLevel]:
    """As if every device had been scaled by 0.8."""
    rng = np.random.default_rng(seed)
    levels = []
    for (resolution, period), truth in exact.items():
        noisy = np.round(UNIT * (0.8 * truth + rng.normal(0, sd, truth.shape))).astype(np.int64)
        taken = int(UNIT * 0.2 * truth.sum())
        levels.append(
            VisitorLevel(
                resolution, period, noisy, (UNIT * sd) ** 2, UNIT, taken, 1e6, int(noisy.sum()),
                (UNIT * sd) ** 2 * noisy.size, 0.05,
            )
        )  # fmt: skip
    return levels


@pytest.mark.parametrize("sd", [15.0, 60.0])
def test_intervals_hold_the_truth_and_estimates_are_better_than_what_was_measured(sd: float) -> None:
    for seed in range(2):
        exact = town(seed)
        levels = measured(exact, sd, seed)
        found = visitor_estimates(levels, DOMAINS, "P4D")
        for level in levels:
            key = level.resolution, level.period
            estimate, truth = found[key], exact[key]
            shown = estimate.devices >= 1.0
            held = (estimate.low <= truth) & (truth <= estimate.high)
            assert held[shown].mean() > 0.93
            raw = 1.25 * np.maximum(level.noisy / UNIT, 0.0)
            if level.period == "P1D":
                assert np.abs(estimate.devices - truth).sum() < 0.8 * np.abs(raw - truth).sum()


def test_levels_agree_and_intervals_hold_their_values() -> None:
    found = visitor_estimates(measured(town(0), 40.0, 5), DOMAINS, "P4D")
    for resolution in (6, 7):
        days, whole = found[resolution, "P1D"].devices, found[resolution, "P4D"].devices[:, 0]
        assert (days.max(axis=1) <= whole + 1e-6).all()
        assert (whole <= days.sum(axis=1) + 1e-6).all()
    for estimate in found.values():
        assert (estimate.low >= 0).all()
        assert (estimate.low <= estimate.devices).all()
        assert (estimate.devices <= estimate.high).all()


def test_what_is_hidden_is_unknown_and_nothing_of_it_shows() -> None:
    """Whatever had been measured there, all the rest is the same to the last bit."""
    hidden = parents_of(LEAVES, 6) == DOMAINS[6][7]
    seen = []
    for offset in (0, 10**6):
        levels = measured(town(0), 40.0, 5)
        for place, level in enumerate(levels):
            if level.resolution == 7:
                noisy = np.where(hidden[:, None], np.nan, level.noisy + offset * hidden[:, None])
                levels[place] = VisitorLevel(**(vars(level) | {"noisy": noisy}))
        seen.append(visitor_estimates(levels, DOMAINS, "P4D"))
    for key, one in seen[0].items():
        assert np.array_equal(one.devices, seen[1][key].devices, equal_nan=True)
        assert np.array_equal(one.high, seen[1][key].high, equal_nan=True)
        assert np.isnan(one.devices).any() == (key[0] == 7)


def test_an_empty_region_has_nobody() -> None:
    nobody = {key: np.zeros_like(values) for key, values in town(0).items()}
    found = visitor_estimates(measured(nobody, 20.0, 1), DOMAINS, "P4D")
    assert all(np.median(estimate.devices) < 2.0 for estimate in found.values())
