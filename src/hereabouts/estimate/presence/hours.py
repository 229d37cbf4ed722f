"""From noisy hourly counts of one resolution to estimates of presence, with the variance of their error.

A cell's hours are modelled as ``level x rhythm``, in four steps, each an empirical-Bayes shrinkage whose
strength is learnt from all cells, with noise of known size:

1. the cell's *level*, its mean over the window (non-parametric prior, strata by what its neighbours say);
2. the *common rhythm*, the region's own curve over the window's hours, times the level;
3. *rhythms of kind*: the few curves along which cells differ from the common one (principal components
   that stand out of the noise), each cell's share shrunk;
4. what is left, by day and by hour, shrunk by a variance that grows with the expected count.

Everything here sees noisy numbers and public facts alone, so none of it costs privacy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hereabouts.estimate.deconvolve import deconvolve
from hereabouts.estimate.presence.shrink import shrink

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_MAX_RHYTHMS = 8
# A level is learnt per stratum of at least so many cells.
_STRATUM_CELLS = 400
# Counts of devices that come and go scatter at least as independent arrivals do: by their mean within a day,
# and by a part of it from day to day, as devices stay for hours.
_LEAST_HOUR, _LEAST_DAY = 1.0, 0.2
# Curves, shares and priors are learnt from the numbers that they are used on, which makes them look surer than they
# are. By how much was measured on real and made-up pings (docs/architecture.md): a quarter of the variance.
_UNSURE = 1.25


@dataclass(frozen=True)
class HourlyEstimate:
    """Estimated devices by cell and hour, and how uncertain they are at each period.

    Attributes
    ----------
    hours
        Estimates, shape (cells, hours), never negative.
    variance
        Error variance of the mean over each hour, each day and the window: shapes (cells, hours),
        (cells, days) and (cells, 1).
    """

    hours: Floats
    hour_variance: Floats
    day_variance: Floats
    window_variance: Floats


def estimate_presence(noisy: Floats, variance: float, day_of_hour: Integers, neighbours: Integers) -> HourlyEstimate:
    """Estimate presence from one noisy hourly measurement.

    Parameters
    ----------
    noisy
        Measured counts, shape (cells, hours).
    variance
        Variance of the noise of each of them.
    day_of_hour
        Number of the local day of each hour, 0 for the first, shape (hours,).
    neighbours
        Positions of each cell's neighbours, -1 where it has none, shape (cells, 6).
    """
    hours = noisy.shape[1]
    to_days = day_means(day_of_hour)
    mean = noisy.mean(axis=1)
    level = deconvolve(mean, np.sqrt(variance / hours), _strata(mean, neighbours))
    rhythm, own = _common_rhythm(noisy, level.mean, variance)
    shape = level.mean[:, None] * rhythm
    hour_variance = level.variance[:, None] * rhythm**2 + own[:, None] * variance
    day_noise = variance * (to_days**2).sum(axis=0)
    day_variance = level.variance[:, None] * (rhythm @ to_days) ** 2 + own[:, None] * day_noise

    # From here on only departures from the level are estimated: their mean over the window is zero.
    rest = noisy - shape
    rest -= rest.mean(axis=1, keepdims=True)
    left = np.broadcast_to(1.0 - own[:, None], noisy.shape).copy()
    for kind in _rhythms_of_kind(rest, level.mean, variance):
        shape += kind.share[:, None] * kind.curve
        rest -= kind.share[:, None] * kind.curve
        left -= kind.own[:, None] + (kind.weight[:, None] * kind.curve**2)
        hour_variance += kind.variance[:, None] * kind.curve**2 + kind.own[:, None] * variance
        day_variance += kind.variance[:, None] * (kind.curve @ to_days) ** 2 + kind.own[:, None] * day_noise
    left = np.clip(left, 0.0, 1.0)
    size = np.maximum(shape, 0.0)

    day_rest = rest @ to_days
    shift, spread = shrink(day_rest, day_noise * (left @ to_days), size @ to_days, _LEAST_DAY)
    days = np.maximum((shape @ to_days) + shift, 0.0)
    day_variance += spread
    hour_variance += spread[:, day_of_hour]

    # The shape's hours follow their days, before what departs from it by the hour is looked at.
    scaled = shape * _ratio(days, size @ to_days)[:, day_of_hour]
    departure = shape + rest - scaled
    departure -= (departure @ to_days)[:, day_of_hour]
    shift, spread = shrink(departure, variance * left, np.maximum(scaled, 0.0), _LEAST_HOUR)
    estimate = np.maximum(scaled + shift, 0.0)
    hour_variance += spread
    hours_at_level = _fit(estimate, days, level.mean, to_days, day_of_hour)
    return HourlyEstimate(hours_at_level, _UNSURE * hour_variance, _UNSURE * day_variance, level.variance[:, None])


def _fit(hours: Floats, days: Floats, level: Floats, to_days: Floats, day_of_hour: Integers) -> Floats:
    """Scale hours to their day's mean, and days to the window's level: cutting at zero moved both."""
    length = np.bincount(day_of_hour) / day_of_hour.size
    days = days * _ratio(level, days @ length)[:, None]
    return hours * _ratio(days, hours @ to_days)[:, day_of_hour]


def _ratio(wanted: Floats, got: Floats) -> Floats:
    return np.divide(wanted, got, out=np.zeros_like(wanted), where=got > 0)


def day_means(day_of_hour: Integers) -> Floats:
    """The matrix, shape (hours, days), that takes hourly values to their means by day."""
    matrix = np.zeros((day_of_hour.size, int(day_of_hour[-1]) + 1))
    matrix[np.arange(day_of_hour.size), day_of_hour] = 1.0
    return np.asarray(matrix / matrix.sum(axis=0))


def _strata(noisy_level: Floats, neighbours: Integers) -> Integers:
    """Cells grouped by the noisy mean level of their neighbours, whose noise is not their own."""
    there = neighbours >= 0
    around = np.where(there, noisy_level[neighbours], 0.0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    # Most cells of a region are empty: finer groups at the top, each half of the one below it.
    groups = max(1, int(np.log2(max(noisy_level.size / _STRATUM_CELLS, 1.0))) + 1)
    shares = 1.0 - 0.5 ** np.arange(1, groups)
    return np.asarray(np.searchsorted(np.quantile(around, shares), around), dtype=np.int64)


def _common_rhythm(noisy: Floats, level: Floats, variance: float) -> tuple[Floats, Floats]:
    """The region's curve over the window's hours, mean 1, shrunk towards a flat one.

    Also how much of each cell's own noise is in its share of that curve, a number from 0 to 1, shape (cells,).
    """
    power = float((level**2).sum())
    if power <= 0.0:
        return np.ones(noisy.shape[1]), np.zeros(noisy.shape[0])
    departure = level @ noisy / power - 1.0
    departure -= departure.mean()
    spread = float((departure**2).mean())
    keep = max(0.0, 1.0 - (variance / power) / spread) if spread > 0 else 0.0
    return np.maximum(1.0 + keep * departure, 0.0), keep * level**2 / power


@dataclass(frozen=True)
class _Rhythm:
    """A curve (hours,), and for each cell its share of it, with that share's variance and weight.

    `own` says how much of the cell's own noise is in the curve.
    """

    curve: Floats
    share: Floats
    variance: Floats
    weight: Floats
    own: Floats


def _rhythms_of_kind(rest: Floats, level: Floats, variance: float) -> list[_Rhythm]:
    """Curves along which cells differ, each with the cells' shrunk shares.

    A cell's share of a curve has prior variance ``lambda x level**2``. A component counts when its singular
    value is above the edge that noise alone reaches, ``sd (sqrt(n) + sqrt(hours))``.
    """
    hours = rest.shape[1]
    # Cells in which noise drowns everything would only blur the curves.
    clear = np.flatnonzero(level * np.sqrt(hours) > np.sqrt(variance))
    if clear.size < 8 or hours < 8:
        return []
    strengths, curves = _components(rest[clear])
    edge = np.sqrt(variance) * (np.sqrt(clear.size) + np.sqrt(hours))
    found = []
    for strength, curve in zip(strengths[: min(_MAX_RHYTHMS, int((strengths > edge).sum()))], curves, strict=False):
        along = rest @ curve
        spread = max(0.0, float((along[clear] ** 2 - variance).sum() / (level[clear] ** 2).sum()))
        share, share_variance = shrink(along, variance, level**2, spread / 16.0)
        found.append(
            _Rhythm(
                curve,
                share,
                share_variance,
                np.minimum(share_variance / variance, 1.0),
                np.minimum(share**2 / strength**2, 1.0),
            )
        )
    return found


def _components(matrix: Floats) -> tuple[Floats, Floats]:
    """Singular values, the largest first, and their right vectors, one a row.

    From the eigenvectors of the small square ``matrix.T @ matrix``: what squaring costs in digits is lost in values
    far below those that stand out of the noise, and it is twenty times faster.
    """
    eigenvalues, vectors = np.linalg.eigh(matrix.T @ matrix)
    return np.sqrt(np.maximum(eigenvalues[::-1], 0.0)), vectors.T[::-1]
