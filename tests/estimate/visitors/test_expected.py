"""What surroundings lead to expect: learnt from noisy numbers, without a number's own noise."""

from __future__ import annotations

import h3.api.numpy_int as h3
import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.estimate.visitors.expected import Level, expected
from hereabouts.hexagons import centres_of, distance, parents_of

Floats = NDArray[np.float64]
MIDDLE = h3.latlng_to_cell(48.2, 16.4, 7)
LEAVES = np.unique(np.array(list(h3.grid_disk(MIDDLE, 9)), dtype=np.uint64))
DOMAINS = {resolution: np.unique(parents_of(LEAVES, resolution)) for resolution in range(8)}
LEVELS: tuple[Level, ...] = ((6, "P1D"), (6, "P4D"), (7, "P1D"), (7, "P4D"))


def smooth(resolution: int) -> Floats:
    """A town that thins out from its middle, over four days of which the last is quiet."""
    cells = DOMAINS[resolution]
    middle = np.tile(centres_of(np.array([MIDDLE], dtype=np.uint64)), (cells.size, 1))
    density = 3000.0 * np.exp(-distance(centres_of(cells), middle) / 6000.0)
    return np.asarray(density[:, None] * np.array([1.0, 1.1, 0.9, 0.3]))


def noisy(seed: int, sd: float = 100.0) -> dict[Level, Floats]:
    rng = np.random.default_rng(seed)
    found = {}
    for level in LEVELS:
        truth = smooth(level[0])
        truth = truth if level[1] == "P1D" else 2.0 * truth.mean(axis=1, keepdims=True)
        found[level] = truth + rng.normal(0, sd, truth.shape)
    return found


def test_a_smooth_town_is_foreseen_far_below_the_noise() -> None:
    for seed in range(3):
        found = expected(noisy(seed), DOMAINS)
        error = found[7, "P1D"] - smooth(7)
        assert np.sqrt((error**2).mean()) < 0.7 * 100.0


@pytest.mark.parametrize("level", LEVELS)
def test_a_number_does_not_foresee_itself(level: Level) -> None:
    """Its own noise would be taken for what is expected, and most of all that of a large cell."""
    values = noisy(1)
    before = expected(values, DOMAINS)[level]
    for row, share in ((before.shape[0] // 2, 0.05), (int(before[:, 0].argmax()), 0.2)):
        changed = values | {level: values[level].copy()}
        changed[level][row, 0] += 100.0
        # Others learn from it as from any neighbour, and of the town's middle they learn most.
        assert abs(expected(changed, DOMAINS)[level][row, 0] - before[row, 0]) < share * 100.0


def test_what_is_unknown_is_nobodys_neighbour() -> None:
    """Whatever stood there: what is expected of all others is the same to the last bit."""
    one, other = noisy(2), noisy(2)
    for values in (one, other):
        values[7, "P1D"][5:9] = np.nan
    found, again = expected(one, DOMAINS), expected(other, DOMAINS)
    for level in LEVELS:
        assert np.isfinite(found[level]).all()
        assert np.array_equal(found[level], again[level])


def test_a_region_of_one_cell_expects_nothing() -> None:
    """There is nobody to learn from."""
    one = {resolution: parents_of(LEAVES[:1], resolution) for resolution in range(8)}
    assert expected({(7, "P4D"): np.array([[500.0]])}, one)[7, "P4D"].tolist() == [[0.0]]
