"""Measuring distributions: at once where the bound is natural, in three steps where it is not."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from hereabouts.acts.measuring.distributions import measure_distributions
from hereabouts.acts.measuring.purse import Purse
from hereabouts.catalogue.distributions import Histograms
from hereabouts.catalogue.vectors import vectors_of
from hereabouts.estimate.correction import correction
from hereabouts.estimate.measurements import Histogram
from hereabouts.privacy.accounting import compose
from hereabouts.privacy.bins import BINS
from hereabouts.privacy.bounding import SCALE
from hereabouts.privacy.measure import Contribution

ENOUGH = Fraction(10**13)  # buys numbers without any noise, for looking at what is measured
SIZE = len(BINS["trip-lengths"].edges)


def natural() -> Histograms:
    counts = np.arange(len(BINS["radius-of-gyration"].edges), dtype=np.int64)
    return Histograms("radius-of-gyration", Contribution(counts, squared_sensitivity=1), [])


def scaled(busy: int = 0) -> Histograms:
    """Ten thousand trips of a thousand devices, and so many devices that make a thousand each in one bin."""
    rng = np.random.default_rng(3)
    device = np.concatenate([np.repeat(np.arange(1000), 10), np.repeat(1000 + np.arange(busy), 1000)])
    entry = np.concatenate([rng.integers(SIZE, size=10_000), np.full(1000 * busy, 2)])
    return Histograms("trip-lengths", None, [vectors_of(device, entry, SIZE)])


def measured(*each: Histograms, rho: Fraction = ENOUGH) -> tuple[tuple[Histogram, ...], Purse]:
    purse = Purse()
    return measure_distributions(each, {one.statistic: rho for one in each}, purse), purse


@pytest.mark.parametrize("rho", [Fraction(1, 3), Fraction(7, 10**6)])
def test_the_parts_of_each_add_up_to_what_it_is_paid(rho: Fraction) -> None:
    _, purse = measured(natural(), scaled(), rho=rho)
    for name in ("radius-of-gyration", "trip-lengths"):
        assert compose(payment.rho for payment in purse.payments if payment.statistic == name) == rho
    assert [payment.part for payment in purse.payments] == ["counts", "norms", "taken", "bins"]


def test_a_natural_bound_takes_nothing() -> None:
    (found,), _ = measured(natural())
    assert found.noisy.tolist() == list(range(len(found.noisy)))
    assert (found.unit, found.taken, found.taken_variance, found.spread) == (1, 0, 0.0, 0.0)
    assert correction(found) == (1.0, 0.0)


def test_with_enough_paid_it_is_the_count_of_trips() -> None:
    each = scaled()
    (found,), _ = measured(each)
    (vectors,) = each.vectors
    expected = np.zeros(SIZE, dtype=np.int64)
    np.add.at(expected, vectors.entry, vectors.count)
    assert np.array_equal(found.noisy, SCALE * expected)
    assert (found.unit, found.taken) == (SCALE, 0)


def test_what_is_taken_of_the_busiest_is_put_back_in_all() -> None:
    """Noise as of a small share of epsilon 1: three devices with a thousand trips raise no bound, and are cut."""
    each = scaled(busy=3)
    ratios = []
    for _ in range(10):
        (found,), purse = measured(each, rho=Fraction(1, 50))
        bins = next(payment for payment in purse.payments if payment.part == "bins")
        assert bins.squared_sensitivity <= 256 * SCALE**2
        ratios.append(correction(found).ratio)
    assert 1.0 <= np.mean(ratios) < 1.35
