"""From noisy hourly counts of one resolution to estimates of presence, with the variance of their error.

A cell's hours are modelled as ``level x (common curve + departure)``, in steps that are each an empirical-Bayes
shrinkage, with noise of known size and a strength that is learnt from all cells:

1. the region's *common curve* over the window's hours;
2. the cell's *level*: its hours along that curve, among cells of which the surroundings say the same;
3. its *departures* from the curve (``rhythm.py``);
4. *events*: single hours that stand far out of all that.

Everything here sees noisy numbers and public facts alone, so none of it costs privacy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from hereabouts.estimate.deconvolve import Posterior, deconvolve
from hereabouts.estimate.presence.around import adjacency, expected
from hereabouts.estimate.presence.inflate import inflation
from hereabouts.estimate.presence.rhythm import Departures, common_curve, departures, sizes_of, waves_of
from hereabouts.estimate.presence.shrink import shrink

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# A level's prior is learnt from at least so many cells.
_STRATUM_CELLS = 40
# A cell has a rhythm of its own to look for when its window's sum, or an hour, may be more than noise.
_FAINT, _FAR = 0.25, 5.0
# Events start where chance ends: its variance, by size, is counted before.
_EVENT = 1.0
# A value so many deviations of the noise from zero is no accident of it, wherever it is.
_CLEAR = 4.0


@dataclass(frozen=True)
class HourlyEstimate:
    """Estimated devices by cell and hour, and how uncertain they are at each period.

    Attributes
    ----------
    hours
        Estimates, shape (cells, hours), never negative.
    hour_variance, day_variance, window_variance
        Error variance of the mean over each hour, each day and the window: shapes (cells, hours),
        (cells, days) and (cells, 1).
    slot_variance
        The same for other sets of hours, by their name, each of shape (cells, slots).
    """

    hours: Floats
    hour_variance: Floats
    day_variance: Floats
    window_variance: Floats
    slot_variance: Mapping[str, Floats] = field(default_factory=dict)


def estimate_presence(
    noisy: Floats,
    variance: float,
    day_of_hour: Integers,
    neighbours: Integers,
    slots: Mapping[str, Integers] | None = None,
) -> HourlyEstimate:
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
    slots
        Other sets of hours whose means are wanted: by name, the number of the set of each hour, shape (hours,).
    """
    hours = noisy.shape[1]
    first = _level(noisy.mean(axis=1), variance / hours, neighbours)
    common = common_curve(noisy, first.mean, variance)
    power = float(common.curve @ common.curve)
    level = _level(noisy @ common.curve / power, variance / power, neighbours)
    estimate = level.mean[:, None] * common.curve
    live = np.flatnonzero(
        (level.mean * np.sqrt(hours) > _FAINT * np.sqrt(variance)) | (noisy.max(axis=1) > _FAR * np.sqrt(variance))
    )
    size = np.maximum(level.mean[live], 1e-6)
    # What the common curve took from a cell itself, noise and rhythm, is no longer in what is left beside it.
    apart = 1.0 - common.own[live]
    noise = variance * apart
    found = departures(
        noisy[live] - estimate[live],
        size * np.sqrt(apart),
        common.curve,
        waves_of(day_of_hour),
        noise,
        adjacency(neighbours)[live][:, live],
    )
    estimate[live] += found.hours
    # Single hours that stand out, of what is left of the noise.
    left = np.maximum(noise[:, None] - found.variance(np.eye(hours)), 1e-9)
    above = np.maximum(estimate[live], 0.0)
    event, spread = shrink(noisy[live] - estimate[live], left, _EVENT * above, above)
    estimate[live] += event
    # What noise takes below zero is cut, and the rest scaled so that the window's mean does not grow by it.
    mean = np.maximum(estimate.mean(axis=1, keepdims=True), 0.0)
    np.maximum(estimate, 0.0, out=estimate)
    cut = estimate.mean(axis=1, keepdims=True)
    estimate *= np.divide(mean, cut, out=np.zeros_like(cut), where=cut > 0)

    def of(means: Floats) -> Floats:
        known = _prior(level, found, means)
        squares = (means**2).sum(axis=0)
        known[live] = found.variance(means) + spread @ means**2 + np.outer(common.own[live] * variance, squares)
        known += np.outer(level.variance, (common.curve @ means) ** 2)
        if not live.size:
            return known
        if means.shape[1] > 1:
            # Cells are of a size by their mean over the window, which is why that itself cannot be checked so.
            left = (noisy[live] - estimate[live]) @ means
            known[live] *= inflation(left, variance * squares, known[live], sizes_of(size))
        # Learnt from few cells that are as large, variances are unsure themselves, as in a t distribution; an
        # estimate that leans on nothing errs by the noise.
        cells = live.size - np.searchsorted(np.sort(size), size / 2.0)[:, None]
        wider = known[live] * (cells + 2.0) / np.maximum(cells - 2.0, 1.0)
        known[live] = np.maximum(known[live], np.minimum(wider, variance * squares))
        return known

    return HourlyEstimate(
        estimate,
        of(np.eye(hours)),
        of(means_over(day_of_hour)),
        of(np.full((hours, 1), 1.0 / hours)),
        {name: of(means_over(slot)) for name, slot in (slots or {}).items()},
    )


def means_over(slot_of_hour: Integers) -> Floats:
    """The matrix, shape (hours, slots), that takes hourly values to their means by slot (a day, an hour of the day)."""
    matrix = np.zeros((slot_of_hour.size, int(slot_of_hour.max()) + 1))
    matrix[np.arange(slot_of_hour.size), slot_of_hour] = 1.0
    return np.asarray(matrix / matrix.sum(axis=0))


def _prior(level: Posterior, found: Departures, means: Floats) -> Floats:
    """Variance of departures, in means over hours, before a cell's own hours are seen."""
    chance = np.outer(level.mean, (means**2).sum(axis=0))
    return np.outer(level.mean**2 + level.variance, found.unseen(means)) + chance


def _level(noisy: Floats, variance: float, neighbours: Integers) -> Posterior:
    """Levels, each among the cells of which the surroundings let expect the same."""
    deviation = float(np.sqrt(variance))
    around = expected(noisy, deviation, neighbours)
    # Most cells of a region are empty: finer groups at the top, each half of the one below it.
    groups = max(1, int(np.log2(max(noisy.size / _STRATUM_CELLS, 1.0))) + 1)
    shares = 1.0 - 0.5 ** np.arange(1, groups)
    strata = np.searchsorted(np.quantile(around, shares), around).astype(np.int64)
    found = deconvolve(noisy, deviation, strata)
    # A prior was learnt from the cell itself as much as from each of those that are like it.
    itself = 1.0 / _alike(noisy, 2.0 * deviation, strata)
    known = found.variance + itself * np.maximum(variance - found.variance, 0.0)
    # One that stands far out of the noise owes nothing to what is like it: it errs by the noise.
    clear = np.minimum((found.mean / (_CLEAR * deviation)) ** 2, 1.0)
    return replace(found, variance=np.maximum(known, clear * variance))


def _alike(noisy: Floats, reach: float, strata: Integers) -> Integers:
    """How many cells of each one's stratum have a noisy value within `reach` of its own, itself among them."""
    count = np.empty(noisy.size, dtype=np.int64)
    for label in np.unique(strata):
        rows = strata == label
        ordered = np.sort(noisy[rows])
        above = np.searchsorted(ordered, noisy[rows] + reach, side="right")
        count[rows] = above - np.searchsorted(ordered, noisy[rows] - reach, side="left")
    return count
