"""Intervals of trials that share their noise: one publication is read for all targets, so trials come in clusters.

One publication is one draw of noise. However many targets are scored in it, their scores are no more independent than
the numbers that they are made of; publications are. So what varies is looked at from publication to publication:

- an **area** is a mean over targets; by what each publication adds to it (its placements, DeLong et al. 1988; clustered
  as by Obuchowski 1997) its error is estimated between publications, with Student's quantile;
- a **rate** is a mean of each publication's own rate, with the same interval, and never a narrower one than if all
  trials had been independent (Clopper and Pearson), for where few or none hit there is hardly anything to see vary;
- what is to be a **proof** leans on nothing but that publications are independent and rates lie between 0 and 1:
  ``P[mean >= x] <= exp(-n KL(x, p))`` (Hoeffding 1963, theorem 1). With few publications little can be proved.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import special

from hereabouts.risk.intervals import clopper_pearson, placements

Floats = NDArray[np.float64]
Interval = tuple[float, float, float]
"""A value and its ends."""

_BEYOND = 0.025
"""Chance beyond each end."""


def area_together(inside: Floats, outside: Floats) -> Interval:
    """Mean over targets of the area under the ROC curve, and the ends of its 95 % interval.

    Parameters
    ----------
    inside, outside
        Scores with each target in and out, shapes (targets, publications): a column is independent of the others, and
        what is within one need not be.

    Raises
    ------
    ValueError
        If there are fewer than two columns, or not as many in as out.
    """
    if inside.shape != outside.shape or inside.shape[1] < 2:
        raise ValueError(f"got scores of shapes {inside.shape} and {outside.shape}, expected as many in as out, from 2")
    above = np.array([placements(ins, outs) for ins, outs in zip(inside, outside, strict=True)])
    below = np.array([placements(outs, ins) for ins, outs in zip(inside, outside, strict=True)])
    area = float(above.mean())
    half = _half_width(above.mean(axis=0) - below.mean(axis=0))
    return area, max(0.0, area - half), min(1.0, area + half)


def rate_together(rates: Floats, trials: int) -> Interval:
    """Mean of the rates of publications, and the ends of its 95 % interval.

    Parameters
    ----------
    rates
        One of each publication, shape (publications,).
    trials
        How many there are in all, as if they were independent.
    """
    rate, half = float(rates.mean()), _half_width(rates)
    hits = rate * trials
    low, _ = clopper_pearson(math.floor(hits), trials)
    _, high = clopper_pearson(math.ceil(hits), trials)
    return rate, max(0.0, min(low, rate - half)), min(1.0, max(high, rate + half))


def rates_at(inside: Floats, outside: Floats, false_rate: float) -> tuple[Floats, Floats]:
    """How often a test says "in" that does so too often by `false_rate`: of each publication, with targets in and out.

    The threshold is set on every other publication, and the rest are counted: they share no noise with it.
    """
    threshold = np.quantile(outside[:, ::2], 1.0 - false_rate, method="higher")
    return (inside[:, 1::2] > threshold).mean(axis=0), (outside[:, 1::2] > threshold).mean(axis=0)


def mean_bounds(values: Floats, beyond: float = _BEYOND) -> tuple[float, float]:
    """Bounds of the mean of independent numbers from 0 to 1, however they are spread; each wrong with chance `beyond`.

    Parameters
    ----------
    values
        Independent of each other, shape (n,).
    """
    mean, most = float(values.mean()), -math.log(beyond) / values.size
    return 1.0 - _highest(1.0 - mean, most), _highest(mean, most)


def _highest(mean: float, most: float) -> float:
    """The largest p for which ``KL(mean, p)`` is at most `most`, rounded up."""
    low, high = mean, 1.0
    for _ in range(60):
        middle = (low + high) / 2.0
        if middle < 1.0 and special.rel_entr(mean, middle) + special.rel_entr(1.0 - mean, 1.0 - middle) <= most:
            low = middle
        else:
            high = middle
    return high


def _half_width(values: Floats) -> float:
    quantile = float(special.stdtrit(values.size - 1, 1.0 - _BEYOND))
    return quantile * float(values.std(ddof=1)) / math.sqrt(values.size)
