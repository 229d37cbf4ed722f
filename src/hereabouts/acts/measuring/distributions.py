"""Measuring distributions: at once where there is a natural bound; else lengths, what scaling takes, and the bins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from hereabouts.acts.measuring.purse import Purse
from hereabouts.catalogue.distributions import Histograms
from hereabouts.catalogue.vectors import norms_contribution, taken_contribution, vectors_contribution
from hereabouts.estimate.measurements import Histogram
from hereabouts.privacy.accounting import scale_of, variance_for
from hereabouts.privacy.bounding import SCALE
from hereabouts.privacy.choosing import NoisyNorms
from hereabouts.privacy.measure import Contribution, Measurement
from hereabouts.release.levels import HISTOGRAM_BINS, HISTOGRAM_NORMS, HISTOGRAM_TAKEN


def measure_distributions(
    found: Sequence[Histograms], rho: Mapping[str, Fraction], purse: Purse
) -> tuple[Histogram, ...]:
    """Measure distributions, each for exactly its own `rho`."""
    return tuple(
        _scaled(each, rho[each.statistic], purse)
        if each.natural is None
        else _natural(each.statistic, each.natural, rho[each.statistic], purse)
        for each in found
    )


def _natural(name: str, contribution: Contribution, rho: Fraction, purse: Purse) -> Histogram:
    noisy = purse.measure(contribution, rho, name, None, "counts")
    return _histogram(name, noisy, 1, (0, 0.0), 0.0)


def _scaled(each: Histograms, rho: Fraction, purse: Purse) -> Histogram:
    name, size = each.statistic, each.size
    noisy_norms = purse.measure(norms_contribution([each.vectors]), rho * HISTOGRAM_NORMS, name, None, "norms")
    for_bins, for_taken = rho * HISTOGRAM_BINS, rho * HISTOGRAM_TAKEN
    norms = NoisyNorms(noisy_norms.values[0], noisy_norms.scale, size)
    bound = norms.least_error(scale_of(variance_for(1, for_bins)))
    most = norms.most_taken(bound, scale_of(variance_for(1, for_taken)))
    taken = purse.measure(taken_contribution(each.vectors, bound, most), for_taken, name, None, "taken")
    noisy = purse.measure(vectors_contribution(each.vectors, size, bound), for_bins, name, None, "bins")
    return _histogram(name, noisy, SCALE, (int(taken.values[0]), taken.scale**2), norms.spread(bound))


def _histogram(name: str, noisy: Measurement, unit: int, taken: tuple[int, float], spread: float) -> Histogram:
    kept, variance = int(noisy.values.sum()), noisy.scale**2
    return Histogram(name, noisy.values, variance, unit, *taken, kept, variance * noisy.values.size, spread)
