"""What is expected of a pair comes from the others, and from none of its own noise."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.estimate.flows.expect import Pairs, expected_flows, strata

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SIDE = 24
SD = 6.0


def ring(cells: int) -> Pairs:
    """All pairs of cells that lie in a ring, each between two others."""
    origin, destination = np.divmod(np.arange(cells**2), cells)
    place = np.arange(cells)
    beside = np.full((cells, 6), -1)
    beside[:, 0], beside[:, 1] = (place + 1) % cells, (place - 1) % cells
    same = (origin != destination).astype(np.int64)
    return Pairs(origin, destination, same, beside, np.zeros(cells, dtype=np.int64), np.full(cells**2, 40_000.0))


def town(rng: np.random.Generator, pairs: Pairs) -> Floats:
    """Trips by the sizes of both ends, which neighbours share; as many come back as go."""
    cells = pairs.parent.size
    size = np.exp(1.5 * np.sin(np.arange(cells) / 4.0) + rng.normal(0.0, 0.5, cells))
    mean = np.outer(size, size) * np.where(np.eye(cells), 30.0, 3.0)
    return rng.poisson(mean).ravel().astype(np.float64)


def test_it_tells_large_flows_from_small_ones() -> None:
    rng = np.random.default_rng(1)
    pairs = ring(SIDE)
    truth = town(rng, pairs)
    found = expected_flows(truth + rng.normal(0.0, SD, truth.size), SD, pairs)
    assert found.shape == truth.shape
    assert (found >= 0.0).all()
    for kind in (0, 1):
        rows = pairs.apart == kind
        assert np.corrcoef(found[rows], truth[rows])[0, 1] > 0.8


def test_a_pair_that_noise_has_raised_is_not_expected_to_be_large_for_it() -> None:
    """Else noise would confirm itself: what is expected of it stays nearly the same, whatever it measured."""
    rng = np.random.default_rng(2)
    pairs = ring(SIDE)
    truth = town(rng, pairs)
    noisy = truth + rng.normal(0.0, SD, truth.size)
    quiet = int(np.flatnonzero((truth == 0.0) & (pairs.apart == 1))[7])
    raised = noisy.copy()
    raised[quiet] += 4.0 * SD
    before, after = expected_flows(noisy, SD, pairs)[quiet], expected_flows(raised, SD, pairs)[quiet]
    assert abs(after - before) < 0.05 * 4.0 * SD


@pytest.mark.parametrize("cells", [1, 2])
def test_a_handful_of_pairs(cells: int) -> None:
    found = expected_flows(np.full(cells**2, 30.0), 1.0, ring(cells))
    assert found.shape == (cells**2,)
    assert np.isfinite(found).all()


def test_strata_halve_upward_and_keep_kinds_apart() -> None:
    expected, kind = np.arange(800.0), np.repeat([0, 1], 400)
    label = strata(expected, kind)
    assert not set(label[:400]) & set(label[400:])
    sizes = np.bincount(label[:400])
    assert sizes.tolist() == [200, 100, 50, 50]
    assert (np.diff(label) >= 0).all()
    assert strata(np.empty(0), np.empty(0, dtype=np.int64)).size == 0
