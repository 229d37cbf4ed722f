"""Errors that a model does not know of are seen in what is left beside its estimates."""

from __future__ import annotations

import numpy as np
import pytest

from hereabouts.estimate.presence.inflate import inflation


@pytest.mark.parametrize(("real", "claimed", "factor"), [(30.0, 30.0, 1.0), (30.0, 20.0, 1.5), (80.0, 20.0, 2.0)])
def test_it_finds_by_how_much_errors_are_larger(real: float, claimed: float, factor: float) -> None:
    """Shrinkage towards zero by a prior of a wrong variance, and normal truth of the right one."""
    rng = np.random.default_rng(1)
    noise = 100.0
    prior = claimed * noise / (noise - claimed)
    # The squared error of that shrinkage is `real` when the truth's variance is this.
    weight = prior / (prior + noise)
    spread = (real - weight**2 * noise) / (1.0 - weight) ** 2
    truth = rng.normal(0.0, np.sqrt(spread), (4000, 24))
    noisy = truth + rng.normal(0.0, np.sqrt(noise), truth.shape)
    found = inflation(
        (1.0 - weight) * noisy, np.full(24, noise), np.full(truth.shape, claimed), np.zeros(4000, dtype=np.int64)
    )
    assert found.shape == (4000, 1)
    assert float(found[0, 0]) == pytest.approx(factor, abs=0.1)


def test_a_few_rows_say_little_and_sizes_are_apart() -> None:
    rng = np.random.default_rng(2)
    left = np.concatenate([rng.normal(0.0, 10.0, (500, 24)), rng.normal(0.0, 14.0, (2, 24))])
    size = np.repeat([0, 1], [500, 2])
    found = inflation(left, np.full(24, 101.0), np.full(left.shape, 1.0), size)
    assert (found >= 1.0).all()
    assert found[-1, 0] < 1.9


def test_nothing_claimed_is_left_alone() -> None:
    found = inflation(np.ones((3, 2)), np.ones(2), np.zeros((3, 2)), np.zeros(3, dtype=np.int64))
    assert found.tolist() == [[1.0]] * 3
