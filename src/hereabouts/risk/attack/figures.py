"""From scores of trials to figures: areas, rates and what they prove, each about 20 targets at least."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hereabouts.risk.attack.clusters import area_together, mean_bounds, rate_together, rates_at
from hereabouts.risk.attack.result import Rates
from hereabouts.risk.figures import Figure, Procedure, not_told, quantity, rounded, share
from hereabouts.risk.intervals import (
    Z95,
    Operating,
    area_under_curve,
    at_false_rate,
    clopper_pearson,
    epsilon_lower_bound,
    epsilon_of_rates,
    wilson,
)
from hereabouts.rules.fewest import FEWEST

Floats = NDArray[np.float64]

FALSE_RATE = 0.01
_AREA = "area under the ROC curve"
_FOUND = "found, one false alarm in a hundred let pass"
_EPSILON = "epsilon proved, at least"
_JAGIELSKI = Procedure("ln((TPR_low - delta) / FPR_high), Clopper-Pearson bounds", "Jagielski, Ullman and Oprea 2020")
_SWAPPED = Procedure("the same of two devices that are swapped", "Jagielski, Ullman and Oprea 2020; group privacy")
_CLUSTERED = Procedure(
    "ln((TPR_low - delta) / FPR_high), bounds of means over publications", "Jagielski et al. 2020; Hoeffding 1963"
)


def from_scores(
    way: str, inside: Floats, outside: Floats, delta: float, how: Procedure, *, swapped: bool = False
) -> Rates:
    """Rates of an attack whose trials are independent of each other, an even number of either kind a target.

    Parameters
    ----------
    way
        What was published.
    inside, outside
        Scores with each target in and out, shapes (targets, trials).
    delta
        Of the release.
    how
        The attack, and its source.
    swapped
        Where the target is out, somebody else is in instead.
    """
    targets = len(inside)
    area, error = area_under_curve(inside, outside)
    low, high = area - Z95 * error, area + Z95 * error
    if error == 0.0:
        low, high = _alike(area, min(inside.size, outside.size))
    found = at_false_rate(inside, outside, FALSE_RATE)
    return Rates(
        way,
        quantity(_AREA, area, max(0.0, low), min(1.0, high), targets, how),
        quantity(_FOUND, found.true / found.inside, *clopper_pearson(found.true, found.inside), targets, how),
        _proved(epsilon_lower_bound(found, delta, swapped=swapped), targets, _SWAPPED if swapped else _JAGIELSKI),
    )


def from_publications(way: str, inside: Floats, outside: Floats, delta: float, how: Procedure) -> Rates:
    """Rates of an attack on publications, each of which is read for all targets: columns are independent, rows are not.

    Parameters
    ----------
    way, delta, how
        As of :func:`from_scores`.
    inside, outside
        Scores with each target in and out, shapes (targets, publications).
    """
    targets = len(inside)
    true, false = rates_at(inside, outside, FALSE_RATE)
    area, low, high = area_together(inside, outside)
    if low == high:
        low, high = _alike(area, inside.shape[1])
    epsilon = epsilon_of_rates(mean_bounds(true)[0], mean_bounds(false)[1], delta)
    return Rates(
        way,
        quantity(_AREA, area, low, high, targets, how),
        quantity(_FOUND, *rate_together(true, targets * true.size), targets, how),
        _proved(epsilon, targets, _CLUSTERED),
    )


def from_exposed(way: str, exposed: int, devices: int, delta: float, how: Procedure) -> Rates:
    """Rates of an attack that is certain of some devices and has nothing on the others: no noise, no false alarm.

    Fewer than 20 devices that are exposed, or are not, are told by a bound alone.
    """
    found = share(_FOUND, exposed, devices, how)
    if found.n is None:
        none = [not_told(name, how, found.withheld or "") for name in (_AREA, _EPSILON)]
        return Rates(way, none[0], found, none[1])
    middle, low, high = (None if each is None else 0.5 + each / 2.0 for each in (found.value, found.low, found.high))
    area = Figure(_AREA, middle, low, high, found.n, how.name, how.source, withheld=found.withheld)
    return Rates(way, area, found, _proved(_of_certainty(exposed, devices, delta), devices, _JAGIELSKI))


def _of_certainty(exposed: int, devices: int, delta: float) -> float:
    """What it proves that so many show, to 20 of them, and nobody was ever taken for another one."""
    fewest = rounded(devices) - FEWEST // 2
    sure = 0 if exposed < FEWEST else rounded(exposed) - FEWEST // 2
    if devices - exposed < FEWEST:
        sure = fewest - FEWEST + 1
    return epsilon_lower_bound(Operating(sure, fewest, 0, fewest), delta)


def _alike(area: float, trials: int) -> tuple[float, float]:
    """Ends of an area to which all trials added the same: how often another one would not is bounded as a rate is."""
    _, others = wilson(0, trials)
    return area - others * area, area + others * (1.0 - area)


def _proved(epsilon: float, targets: int, how: Procedure) -> Figure:
    """The epsilon that rates prove to be exceeded, with 95 % confidence."""
    return quantity(_EPSILON, epsilon, epsilon, epsilon, targets, how)
