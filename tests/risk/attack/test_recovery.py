"""Trajectory recovery: tracks from counts, where they tell, and where they do not."""

from __future__ import annotations

import numpy as np
import pytest

from hereabouts.hexagons import neighbours_of
from hereabouts.release.region import Region
from hereabouts.risk.attack.recovery import Group, apportioned, group_of, rates, recovered, shuffled

HOURS = 48
CLOCK = np.arange(HOURS) % 24


def walkers(region: Region, people: int, seed: int = 1) -> Group:
    """People far apart, who are in one cell by night and in the one beside it by day."""
    rng = np.random.default_rng(seed)
    beside = neighbours_of(region.leaves)
    inner = np.flatnonzero((beside >= 0).all(axis=1))
    cells = rng.choice(inner, people, replace=False)
    place = np.where(CLOCK[None, :] < 9, cells[:, None], beside[cells, :1])
    return Group(place, region.leaves.size)


def test_lonely_people_are_found_from_counts_alone(region: Region) -> None:
    truth = walkers(region, 40)
    found = recovered(truth.counts, region.leaves, CLOCK)
    assert rates(found, truth.place).mean() > 0.6
    assert rates(shuffled(truth.counts, np.random.default_rng(2)), truth.place).mean() < 0.3


def test_tracks_add_up_to_the_counts_they_are_made_of(region: Region) -> None:
    truth = walkers(region, 30)
    again = Group(recovered(truth.counts, region.leaves, CLOCK), truth.cells)
    assert (again.counts == truth.counts).all()


def test_the_right_tracks_are_right_in_any_order() -> None:
    truth = np.arange(12).reshape(4, 3)
    assert rates(truth[::-1], truth) == pytest.approx(np.ones(4))
    assert rates(np.full((4, 3), -1), truth) == pytest.approx(np.zeros(4))


def test_positions_add_up_to_the_people(region: Region) -> None:
    rng = np.random.default_rng(3)
    found = apportioned(rng.normal(0, 5, (30, HOURS)), 17)
    assert (found.sum(axis=0) == 17).all()
    assert found.min() == 0
    assert (apportioned(np.zeros((5, 2)), 10) == 2).all()
    exact = rng.integers(0, 4, (6, 3)).astype(float)
    exact[0] += 20 - exact.sum(axis=0)
    assert (apportioned(exact, 20) == exact).all()


def test_a_gap_has_the_last_place_and_rare_devices_are_left_out() -> None:
    # Two devices, four hours: cell 1 at hours 0 and 2, then cell 2; the other one is seen once.
    entry = np.array([1 * 4 + 0, 1 * 4 + 2, 2 * 4 + 3, 0 * 4 + 1])
    found = group_of(np.array([0, 3, 4]), entry, 3, 4)
    assert found.place.tolist() == [[1, 1, 1, 2]]
    assert found.counts.sum() == 4
