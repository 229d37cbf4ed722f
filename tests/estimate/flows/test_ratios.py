"""What scaling took is put back by a ratio for each of two kinds of pairs."""

from __future__ import annotations

import numpy as np
import pytest

from hereabouts.estimate.flows.ratios import Ratios, ratios
from hereabouts.estimate.measurements import FlowLevel

NOTHING = np.empty(0, dtype=np.int64)


def of(totals: tuple[int, ...], variance: float = 1.0) -> Ratios:
    """Of what was kept and taken of pairs of a cell with itself, and of others."""
    return ratios(FlowLevel(6, True, NOTHING, NOTHING, 1.0, 256, totals, variance))


def test_each_kind_has_its_own() -> None:
    assert of((10_000, 15_000, 20_000, 10_000)).value == pytest.approx([2.5, 1.5], abs=1e-3)


def test_a_kind_that_is_mostly_noise_follows_the_other_and_is_less_sure() -> None:
    found = of((20, 400, 20_000, 10_000), variance=100.0)
    assert found.value == pytest.approx([1.5, 1.5], abs=0.05)
    assert found.variance[0] > 50 * found.variance[1]


@pytest.mark.parametrize("totals", [(0, 0, 0, 0), (-50, 90, -70, 80), (20, 900, 10, 10)])
def test_where_there_is_nothing_but_noise_the_ratio_is_anything_that_scaling_is_known_to_do(
    totals: tuple[int, ...],
) -> None:
    found = of(totals, variance=900.0)
    for value, variance in zip(found.value.tolist(), found.variance.tolist(), strict=True):
        assert value - 1.96 * variance**0.5 < 1.2
        assert value + 1.96 * variance**0.5 > 2.5


@pytest.mark.parametrize("taken", [0, -40])
def test_where_nothing_was_taken_nothing_is_put_back(taken: int) -> None:
    assert of((10_000, taken, 20_000, taken)).value == pytest.approx([1.0, 1.0], abs=1e-3)
    assert (of((10_000, taken, 20_000, taken)).value >= 1.0).all()


def test_the_variance_is_that_of_repeated_draws() -> None:
    rng = np.random.default_rng(1)
    true = np.array([40_000, 50_000, 60_000, 30_000])
    draws = [of(tuple((true + rng.normal(0.0, 900.0, 4)).astype(int).tolist()), 900.0**2) for _ in range(2000)]
    seen = np.var([draw.value for draw in draws], axis=0)
    assert np.mean([draw.variance for draw in draws], axis=0) == pytest.approx(seen, rel=0.15)
