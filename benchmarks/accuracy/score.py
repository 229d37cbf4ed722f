"""How far published rows are from the truth: one yardstick for us and for every peer."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WITHIN = 0.2
HOLDS_FROM = 0.93  # of nominal 95 % intervals, less the one-sided 99 % binomial allowance
ALLOWANCE = 2.326
FEWEST = 50  # rows that say something about a share


@dataclass(frozen=True)
class Intervals:
    """How often 95 % intervals held the truth, over rows with a value of 1 or more.

    Parameters
    ----------
    inside, of
        Rows whose interval held, and all of them: for all rows, then for the lowest, middle and highest third.
    """

    inside: tuple[int, int, int, int]
    of: tuple[int, int, int, int]

    def __add__(self, other: Intervals) -> Intervals:
        a, b, c, d = (x + y for x, y in zip(self.inside, other.inside, strict=True))
        e, f, g, h = (x + y for x, y in zip(self.of, other.of, strict=True))
        return Intervals((a, b, c, d), (e, f, g, h))

    @property
    def shares(self) -> list[float]:
        return [inside / of if of else math.nan for inside, of in zip(self.inside, self.of, strict=True)]

    @property
    def holds(self) -> bool:
        return all(held(inside, of) for inside, of in zip(self.inside, self.of, strict=True))


@dataclass(frozen=True)
class Score:
    """One release of one level, held against the truth.

    Parameters
    ----------
    rows
        Published rows.
    share
        Share of all device-hours (trips, visitors) that lies in published rows.
    cover20
        The same, of rows within 20 % of the truth alone.
    wmae
        Sum of absolute errors, and of the truth that is not published, over all of the truth.
    winkler
        Sum of interval scores (width + 40 × miss) and of 40 × the truth that is not published, over all of the truth.
    intervals
        Whether they say what they mean.
    """

    rows: int
    share: float
    cover20: float
    wmae: float
    winkler: float = math.nan
    intervals: Intervals | None = None


def held(inside: int, of: int) -> bool:
    """Whether so many of so many intervals agree with 95 %."""
    return of < FEWEST or inside >= HOLDS_FROM * of - ALLOWANCE * math.sqrt(of * HOLDS_FROM * (1 - HOLDS_FROM))


def score(
    truth: NDArray[np.float64],
    keys: NDArray[np.int64],
    values: NDArray[np.float64],
    bounds: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
) -> Score:
    """Hold published rows against the truth.

    Parameters
    ----------
    truth
        Of every key of the domain.
    keys
        The keys of the published rows, each once.
    values
        Their values.
    bounds
        Low and high ends of their 95 % intervals, for who publishes them.

    Raises
    ------
    ValueError
        When a key is published twice.
    """
    if np.unique(keys).size != keys.size:
        raise ValueError(f"{keys.size} rows have {np.unique(keys).size} different keys; each key may have one row")
    total, there = truth.sum(), truth[keys]
    errors = np.abs(values - there)
    missing = total - there.sum()
    good = there[errors <= WITHIN * there].sum()
    plain = (keys.size, there.sum() / total, good / total, (errors.sum() + missing) / total)
    if bounds is None:
        return Score(*plain)
    low, high = bounds
    miss = np.clip(low - there, 0, None) + np.clip(there - high, 0, None)
    winkler = ((high - low + 40 * miss).sum() + 40 * missing) / total
    counted = np.flatnonzero(values >= 1)
    counted = counted[np.argsort(values[counted], kind="stable")]
    inside = ((low <= there) & (there <= high))[counted]
    third = max(inside.size // 3, 1)
    a, b, c, d = (inside, inside[:third], inside[third : 2 * third], inside[2 * third :])
    sums = (int(a.sum()), int(b.sum()), int(c.sum()), int(d.sum()))
    return Score(*plain, winkler, Intervals(sums, (a.size, b.size, c.size, d.size)))


def best_cut(truth: NDArray[np.float64], values: NDArray[np.float64]) -> tuple[float, float]:
    """The threshold under which values are best left out, and the wmae that this gives.

    It is chosen on the truth, which no release may do: peers are given it as a present.
    """
    above = np.flatnonzero(values > 0)
    order = above[np.argsort(-values[above], kind="stable")]
    gain = np.cumsum(np.abs(values[order] - truth[order]) - truth[order])
    if not gain.size or gain.min() >= 0:
        return math.inf, 1.0
    best = int(gain.argmin())
    return float(values[order[best]]), float(1 + gain[best] / truth.sum())
