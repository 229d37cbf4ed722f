"""Trajectory recovery against each way of publishing: which share of hours is right, and what chance makes of it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import special

from hereabouts.estimate.measurements import PresenceLevel
from hereabouts.estimate.presence.levels import presence_estimates
from hereabouts.privacy.measure import Contribution, measure
from hereabouts.release.region import Region
from hereabouts.risk.attack import recovery
from hereabouts.risk.attack.learned import LEAST, RAW, RELEASE, THRESHOLD
from hereabouts.risk.attack.pieces import Piece
from hereabouts.risk.figures import Figure, Procedure, not_told, quantity
from hereabouts.rules.fewest import FEWEST
from hereabouts.windows import Window

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TOO_SELDOM = f"fewer than {FEWEST} devices are seen in half of the hours: there are hardly traces to put together"
_HOW = Procedure("matching of one hour's positions to the next's", "Xu et al. 2017, 'Trajectory recovery'")
_WAYS = (RAW, THRESHOLD, RELEASE)
_RUNS = 10


def recovered_shares(piece: Piece | None, region: Region, window: Window, rng: np.random.Generator) -> list[Figure]:
    """Shares of hours that are right, of each way of publishing, with chance beside each.

    One matching joins all traces, so people are no independent trials of it. Exact counts have no chance in them: the
    share is that of this group. Noise has, and so has joining by chance: both are drawn ten times, which is what their
    intervals are of.

    Parameters
    ----------
    piece
        Presence at its finest resolution, ``None`` where it was not measured.
    region, window
        Of the plan.
    """
    if piece is None or piece.query.resolution is None:
        return [not_told(way, _HOW, "presence was not measured") for way in _WAYS]
    resolution = piece.query.resolution
    domain = region.cells(resolution)
    group = recovery.group_of(piece.sample.start, piece.sample.entry, domain.size, window.hours)
    if len(group.place) < FEWEST:
        return [not_told(way, _HOW, TOO_SELDOM) for way in _WAYS]
    counts = group.counts

    def released() -> Floats:
        found = measure(Contribution(counts, piece.query.squared_sensitivity), piece.query.rho)
        level = PresenceLevel(resolution, found.values, found.scale**2)
        return presence_estimates([level], {resolution: domain}, window.day_of_hour)[resolution].hours

    ways: dict[str, tuple[Callable[[], Floats], int]] = {
        RAW: (lambda: counts.astype(float), 1),
        THRESHOLD: (lambda: np.where(counts >= LEAST, counts, 0).astype(float), 1),
        RELEASE: (released, _RUNS),
    }
    names, slot = window.hour_of_day()
    clock = np.array([int(name[-2:]) for name in names])[slot]
    told = []
    for way, (publish, runs) in ways.items():
        whole = [recovery.apportioned(publish(), len(group.place)) for _ in range(runs)]
        joined = [recovery.rates(recovery.recovered(each, domain, clock), group.place).mean() for each in whole]
        by_chance = [
            recovery.rates(recovery.shuffled(whole[run % runs], rng), group.place).mean() for run in range(_RUNS)
        ]
        chance = _share(f"{way}, joined by chance", by_chance, len(group.place))
        told.append(_share(way, joined, len(group.place), chance))
    return told


def _share(name: str, found: list[float], people: int, control: Figure | None = None) -> Figure:
    """Mean over runs, with Student's interval; where there is one run only, nothing was left to chance."""
    value, half = float(np.mean(found)), 0.0
    if len(found) > 1:
        quantile = float(special.stdtrit(len(found) - 1, 0.975))
        half = quantile * float(np.std(found, ddof=1)) / math.sqrt(len(found))
    return quantity(name, value, max(0.0, value - half), min(1.0, value + half), people, _HOW, control)
