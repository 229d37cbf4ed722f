"""Intervals and bounds of what was counted: of rates, of areas under curves, of epsilon."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

Z95 = 1.959963984540054
"""Standard normal quantile at 97.5 %."""


def wilson(hits: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Give the score interval of a rate (Wilson 1927): it covers well, also where the rate is near 0 or 1.

    Parameters
    ----------
    hits, n
        How many of how many; at least one was tried.
    z
        Standard normal quantile; 95 % by default.

    Raises
    ------
    ValueError
        If there is no such rate.

    >>> [round(end, 4) for end in wilson(9, 10)]
    [0.5958, 0.9821]
    """
    _check(hits, n)
    rate, spread = hits / n, z * z / n
    middle = rate + spread / 2
    half = z * math.sqrt(rate * (1 - rate) / n + spread / (4 * n))
    low, high = (middle - half) / (1 + spread), (middle + half) / (1 + spread)
    return (0.0 if hits == 0 else low), (1.0 if hits == n else high)


def clopper_pearson(hits: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Give the exact interval of a rate (Clopper and Pearson 1934): it holds no less often than it says.

    Raises
    ------
    ValueError
        If there is no such rate.
    """
    _check(hits, n)
    beyond = (1.0 - confidence) / 2
    low = float(special.betaincinv(hits, n - hits + 1, beyond)) if hits else 0.0
    high = float(special.betaincinv(hits + 1, n - hits, 1.0 - beyond)) if hits < n else 1.0
    return low, high


def quantile(confidence: float) -> float:
    """Give how many deviations from its mean a normal figure's interval of this confidence reaches."""
    return float(-special.ndtri((1.0 - confidence) / 2))


def area_under_curve(inside: Floats, outside: Floats) -> tuple[float, float]:
    """Mean over targets of the area under the ROC curve, and its standard error (DeLong et al. 1988).

    The area is the chance that a score with the target in is larger than one with it out, ties counting a half. The
    error is that of the trials, for these very targets.

    Parameters
    ----------
    inside, outside
        Scores of trials with each target in and out, shapes (targets, trials).

    Raises
    ------
    ValueError
        If a target has fewer than two trials in or out.
    """
    targets, m = inside.shape
    n = outside.shape[1]
    if min(m, n) < 2:
        raise ValueError(f"got {m} and {n} trials a target, expected at least 2 in and 2 out")
    areas, variances = np.empty(targets), np.empty(targets)
    for row in range(targets):
        above, below = placements(inside[row], outside[row]), placements(outside[row], inside[row])
        areas[row] = above.mean()
        variances[row] = above.var(ddof=1) / m + below.var(ddof=1) / n
    return float(areas.mean()), math.sqrt(float(variances.sum())) / targets


def placements(scores: Floats, others: Floats) -> Floats:
    """Give the share of `others` below each score, ties counting a half; shape of `scores`."""
    ordered = np.sort(others)
    left, right = np.searchsorted(ordered, scores, "left"), np.searchsorted(ordered, scores, "right")
    return np.asarray((left + right) / (2.0 * others.size))


class Operating(NamedTuple):
    """How often a test that was fixed beforehand said "in", of trials with targets in and out."""

    true: int
    inside: int
    false: int
    outside: int


def at_false_rate(inside: Floats, outside: Floats, rate: float) -> Operating:
    """What a test finds that says "in" too often by `rate`: its threshold is set on every other out-trial.

    The other half of the out-trials, and all in-trials, count: they had no part in choosing the threshold.

    Parameters
    ----------
    inside, outside
        Scores of trials, any shapes, in no order that has to do with them.
    """
    scores = outside.ravel()
    threshold = np.quantile(scores[::2], 1.0 - rate, method="higher")
    counted = scores[1::2]
    return Operating(int((inside > threshold).sum()), inside.size, int((counted > threshold).sum()), counted.size)


def epsilon_lower_bound(found: Operating, delta: float, confidence: float = 0.95, *, swapped: bool = False) -> float:
    """The epsilon that a test proves to be exceeded, by exact bounds of both rates that hold together.

    As :func:`epsilon_of_rates`, of independent trials.
    """
    true, _ = clopper_pearson(found.true, found.inside, confidence)
    _, false = clopper_pearson(found.false, found.outside, confidence)
    return epsilon_of_rates(true, false, delta, swapped=swapped)


def epsilon_of_rates(true: float, false: float, delta: float, *, swapped: bool = False) -> float:
    """Give the least epsilon for which such rates can be: ``ln((true - delta) / false)``, or 0.

    Parameters
    ----------
    true, false
        How often "in" is said with the target in, at least, and with it out, at most (Jagielski et al. 2020).
    delta
        Of what was attacked.
    swapped
        Where the target is out, somebody else is in instead. That is one device removed and another one added:
        ``true <= exp(epsilon) (exp(epsilon) false + delta) + delta``.
    """
    if true <= delta or false <= 0.0:
        return 0.0 if true <= delta else math.inf
    if swapped:
        return max(0.0, math.log((math.sqrt(delta**2 + 4.0 * false * (true - delta)) - delta) / (2.0 * false)))
    return max(0.0, math.log((true - delta) / false))


def _check(hits: int, n: int) -> None:
    if not 0 <= hits <= n or n < 1:
        raise ValueError(f"expected 0 <= hits <= n and n >= 1, got {hits} of {n}")
