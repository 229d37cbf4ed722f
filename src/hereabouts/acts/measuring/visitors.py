"""Measuring visitors: lengths of vectors, what scaling takes, and then all cells of each resolution and period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from hereabouts.acts.measuring.purse import Purse
from hereabouts.catalogue.vectors import DeviceVectors, norms_contribution, taken_contribution, vectors_contribution
from hereabouts.catalogue.visitors import Level, slots_of
from hereabouts.estimate.measurements import VisitorLevel
from hereabouts.privacy.accounting import scale_of, variance_for
from hereabouts.privacy.bounding import SCALE
from hereabouts.privacy.choosing import NoisyNorms
from hereabouts.release.levels import NORMS, PAIRS, TOTALS
from hereabouts.windows import Window

NAME = "visitors"


def measure_visitors(
    vectors: Mapping[Level, Sequence[DeviceVectors]],
    shares: Mapping[Level, Fraction],
    domains: Mapping[int, NDArray[np.uint64]],
    window: Window,
    rho: Fraction,
    purse: Purse,
) -> tuple[VisitorLevel, ...]:
    """Measure the visitors of each resolution and period for exactly `rho` together.

    Parameters
    ----------
    vectors
        The devices' vectors by level, bucket by bucket.
    shares
        Share of `rho` of each level; they add up to 1.
    domains
        The region's sorted cells by resolution.
    window
        The window; a device is in at most one cell in each of its hours, so its vector has no more entries than that.
    """
    levels = list(shares)
    noisy_norms = purse.measure(
        norms_contribution([vectors[level] for level in levels]), rho * NORMS, NAME, None, "norms"
    )
    found = []
    for level, values in zip(levels, noisy_norms.values, strict=True):
        resolution, period = level
        cells, slots = domains[resolution].size, slots_of(period, window)[1]
        norms = NoisyNorms(values, noisy_norms.scale, cells * slots, window.hours)
        for_taken, for_cells = rho * TOTALS * shares[level], rho * PAIRS * shares[level]
        bound = min(norms.widest(scale_of(variance_for(1, for_cells))), window.hours)
        most = min(norms.most_taken(bound, scale_of(variance_for(1, for_taken))), window.hours)
        taken = purse.measure(
            taken_contribution(vectors[level], bound, most), for_taken, NAME, resolution, f"taken/{period}"
        )
        sums = vectors_contribution(vectors[level], cells * slots, bound)
        noisy = purse.measure(sums, for_cells, NAME, resolution, f"cells/{period}")
        found.append(
            VisitorLevel(
                resolution=resolution,
                period=period,
                noisy=noisy.values.reshape(cells, slots),
                variance=noisy.scale**2,
                unit=SCALE,
                taken=int(taken.values[0]),
                taken_variance=taken.scale**2,
                kept=int(noisy.values.sum()),
                kept_variance=noisy.scale**2 * noisy.values.size,
                spread=norms.spread(bound),
            )
        )
    return tuple(found)
