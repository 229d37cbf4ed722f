"""From scores of trials to figures: areas, rates and what they prove, each about 20 targets at least."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hereabouts.risk.attack.result import Rates
from hereabouts.risk.figures import Figure, Procedure, quantity
from hereabouts.risk.intervals import (
    Z95,
    Operating,
    area_under_curve,
    at_false_rate,
    clopper_pearson,
    epsilon_lower_bound,
    wilson,
)

Floats = NDArray[np.float64]

FALSE_RATE = 0.01
_AREA = "area under the ROC curve"
_FOUND = "found, one false alarm in a hundred let pass"
_EPSILON = "epsilon proved, at least"
_JAGIELSKI = Procedure("ln((TPR_low - delta) / FPR_high), Clopper-Pearson bounds", "Jagielski, Ullman and Oprea 2020")


def from_scores(way: str, inside: Floats, outside: Floats, delta: float, how: Procedure) -> Rates:
    """Rates of an attack whose trials gave scores.

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
    """
    targets = len(inside)
    area, error = area_under_curve(inside, outside)
    half = Z95 * error
    found = at_false_rate(inside, outside, FALSE_RATE)
    low, high = clopper_pearson(found.true, found.inside)
    return Rates(
        way,
        quantity(_AREA, area, max(0.0, area - half), min(1.0, area + half), targets, how),
        quantity(_FOUND, found.true / found.inside, low, high, targets, how),
        proved(found, delta, targets),
    )


def from_exposed(way: str, exposed: int, targets: int, delta: float, how: Procedure) -> Rates:
    """Rates of an attack that is certain of some targets and has nothing on the others: no noise, no false alarm."""
    share, (low, high) = exposed / targets, wilson(exposed, targets)
    return Rates(
        way,
        quantity(_AREA, 0.5 + share / 2, 0.5 + low / 2, 0.5 + high / 2, targets, how),
        quantity(_FOUND, share, *clopper_pearson(exposed, targets), targets, how),
        proved(Operating(exposed, targets, 0, targets), delta, targets),
    )


def proved(found: Operating, delta: float, targets: int) -> Figure:
    """The epsilon that rates prove to be exceeded, with 95 % confidence."""
    bound = epsilon_lower_bound(found, delta)
    return quantity(_EPSILON, bound, bound, bound, targets, _JAGIELSKI)
