"""Visitors at all resolutions and periods of a release: each judged among what is alike, then made to agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hereabouts.estimate.correction import Correction, correction
from hereabouts.estimate.deconvolve import Z95, deconvolve
from hereabouts.estimate.intervals import interval
from hereabouts.estimate.measurements import VisitorLevel
from hereabouts.estimate.presence.shrink import shrink
from hereabouts.estimate.visitors.agree import agreeing
from hereabouts.estimate.visitors.expected import Level, expected

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_STRATUM_CELLS = 400
# Expectations of this many deviations of the noise know more of a number than the strata do.
_CLEAR_SD = 2.0
# Distinct devices depart from what is expected at least as independent arrivals do.
_LEAST = 1.0


@dataclass(frozen=True)
class Visitors:
    """Estimated visitors with the variance of their error and 95 % intervals, shape (cells, slots).

    NaN where nothing may be known of a cell.
    """

    devices: Floats
    variance: Floats
    low: Floats
    high: Floats


def visitor_estimates(
    levels: Sequence[VisitorLevel], domains: Mapping[int, NDArray[np.uint64]], window: str
) -> dict[Level, Visitors]:
    """Visitors by resolution and period.

    A parent has at least as many as its largest child and at most as many as all; the window at least as many as its
    largest day, and at most as many as all.

    Parameters
    ----------
    levels
        Noisy scaled counts.
    domains
        The region's sorted cells by resolution.
    window
        The window's duration: the period that is one slot.
    """
    noisy = {(x.resolution, x.period): x.noisy / x.unit for x in levels}
    looked_for = expected(noisy, domains)
    alone = {}
    for each in levels:
        level = each.resolution, each.period
        put_back = correction(each)
        alone[level] = _alone(noisy[level], each.variance**0.5 / each.unit, looked_for[level], put_back)
    devices = agreeing(
        {level: found.devices for level, found in alone.items()},
        {level: found.variance for level, found in alone.items()},
        domains,
        window,
    )
    return {level: _moved(alone[level], devices[level]) for level in alone}


def _alone(noisy: Floats, sd: float, looked_for: Floats, put_back: Correction) -> Visitors:
    """One level by itself."""
    known = np.isfinite(noisy)
    mean, variance, low, high = _sharpened(noisy[known], sd, looked_for[known])
    ratio = put_back.ratio
    devices = ratio * mean
    off = Z95 * np.sqrt(put_back.variance) * devices
    parts = (
        devices,
        ratio**2 * variance + put_back.variance * devices**2,
        np.maximum(devices - np.hypot(ratio * (mean - low), off), 0.0),
        devices + np.hypot(ratio * (high - mean), off),
    )
    found = np.full((4, *noisy.shape), np.nan)
    for part, values in zip(found, parts, strict=True):
        part[known] = values
    return Visitors(*found)


def _sharpened(noisy: Floats, sd: float, looked_for: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean, variance and ends of the interval of scaled numbers of one level, shape (n,) each.

    Where an expectation stands out of the noise, the departure from it is shrunk; elsewhere a number is judged among
    those of similar expectation.
    """
    among = deconvolve(noisy, sd, _strata(looked_for))
    mean, variance = among.mean.copy(), among.variance.copy()
    clear = np.flatnonzero(looked_for > _CLEAR_SD * sd)
    if clear.size:
        shift, spread = shrink(noisy[clear] - looked_for[clear], sd**2, _LEAST * looked_for[clear], looked_for[clear])
        mean[clear], variance[clear] = np.maximum(looked_for[clear] + shift, 0.0), spread
    low, high = interval(mean, variance)
    unclear = np.ones(noisy.size, dtype=bool)
    unclear[clear] = False
    return (
        mean,
        variance,
        np.where(unclear, np.minimum(low, among.low), low),
        np.where(unclear, np.maximum(high, among.high), high),
    )


def _strata(looked_for: Floats) -> Integers:
    """Numbers of similar expectation: half of them lowest, a quarter next, and so on, as most cells are empty."""
    groups = max(1, int(np.log2(max(looked_for.size / _STRATUM_CELLS, 1.0))) + 1)
    edges = np.quantile(looked_for, 1.0 - 0.5 ** np.arange(1, groups)) if looked_for.size else np.empty(0)
    return np.asarray(np.searchsorted(edges, looked_for), dtype=np.int64)


def _moved(found: Visitors, devices: Floats) -> Visitors:
    """The estimate at its new place: it may be off by as far as it was moved, too."""
    moved = devices - found.devices
    return Visitors(
        devices,
        found.variance + moved**2,
        np.clip(devices - np.hypot(found.devices - found.low, Z95 * moved), 0.0, found.low),
        np.maximum(devices + np.hypot(found.high - found.devices, Z95 * moved), found.high),
    )
