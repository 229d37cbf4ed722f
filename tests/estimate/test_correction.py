"""What scaling took is put back on average, and what is not known of it is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hereabouts.estimate.correction import correction
from hereabouts.estimate.measurements import Histogram
from hereabouts.privacy.choosing import PLACES_APART

SCALED = Histogram(
    "trip-lengths",
    np.array([600, 400]),
    4.0,
    256,
    taken=250,
    taken_variance=9.0,
    kept=1000,
    kept_variance=8.0,
    spread=0.0,
)


def test_the_ratio_is_all_over_what_was_left() -> None:
    assert correction(SCALED).ratio == pytest.approx(1.25)


def test_where_nothing_was_taken_nothing_is_put_back() -> None:
    found = correction(replace(SCALED, taken=0, taken_variance=0.0))
    assert found == (1.0, 0.0)


def test_noise_below_zero_takes_nothing_away() -> None:
    assert correction(replace(SCALED, taken=-30)).ratio == 1.0


@pytest.mark.parametrize("spread", [0.0, 0.1])
def test_its_variance_is_that_of_many_draws(spread: float) -> None:
    """Of the ratio's relative error, and of the factors' spread between numbers."""
    rng = np.random.default_rng(1)
    sd = 30.0
    noisy = replace(SCALED, taken_variance=sd**2, kept_variance=sd**2, spread=spread)
    taken, kept = 250 + rng.normal(0, sd, 20_000), 1000 + rng.normal(0, sd, 20_000)
    seen = float((np.log((1 + taken / kept) / 1.25) ** 2).mean())
    assert correction(noisy).variance - (PLACES_APART * spread) ** 2 == pytest.approx(seen, rel=0.05)


def test_where_all_is_noise_the_ratio_may_be_anything() -> None:
    lost = correction(replace(SCALED, kept=3, kept_variance=1e6, taken=5, taken_variance=1e6))
    assert lost.variance > 0.5
