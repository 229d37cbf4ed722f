"""What surroundings say of a cell, without its own word."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.estimate.presence.around import adjacency, expected
from hereabouts.hexagons import neighbours_of

Disk = Callable[[int], Mapping[int, NDArray[np.uint64]]]


def test_neighbours_are_mutual_and_nobody_is_its_own(disk: Disk) -> None:
    beside = adjacency(neighbours_of(disk(3)[7])).toarray()
    assert (beside == beside.T).all()
    assert not beside.diagonal().any()
    assert beside.sum(axis=1).max() == 6


def test_a_cell_has_no_say_in_what_is_expected_of_it(disk: Disk) -> None:
    """Beyond its small part in the one function that is fitted to all cells."""
    cells = disk(12)[7]
    rng = np.random.default_rng(1)
    noisy = 50.0 + rng.normal(0.0, 5.0, cells.size)
    before = expected(noisy, 5.0, neighbours_of(cells))
    noisy[200] += 500.0
    after = expected(noisy, 5.0, neighbours_of(cells))
    assert abs(after[200] - before[200]) < 5.0


def test_where_places_are_like_their_surroundings_it_finds_them_through_the_noise(disk: Disk) -> None:
    cells = disk(12)[7]
    truth = np.linspace(0.0, 100.0, cells.size)
    noisy = truth + np.random.default_rng(2).normal(0.0, 30.0, cells.size)
    guess = expected(noisy, 30.0, neighbours_of(cells))
    assert float(np.abs(guess - truth).mean()) < 0.5 * float(np.abs(noisy - truth).mean())


@pytest.mark.parametrize("rings", [0, 1])
def test_a_handful_of_cells(rings: int, disk: Disk) -> None:
    cells = disk(rings)[7]
    assert np.isfinite(expected(np.full(cells.size, 10.0), 1.0, neighbours_of(cells))).all()
