"""Differencing: two releases of the same plan, before and after somebody's data were withdrawn.

The attacker subtracts one from the other and looks along the trace that he knows. What everybody else adds cancels, so
he need not know it. Two charges pay for two noises: the difference has twice the variance, and

    T = <y1 - y2, x> / (sqrt 2 sigma |x|)

has mean ``mu / sqrt 2`` if she withdrew and 0 if nobody did: an area of ``Phi(mu / 2)``, less than two releases give
away to somebody who knows everything (``Phi(mu)``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from hereabouts.risk.attack.known import Trials, along, by_target, measured
from hereabouts.risk.attack.pieces import Crowd, Piece

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


def differences(crowd: Crowd, targets: Integers, each: int) -> Trials:
    """Scores of differences in which each target withdrew, and of those in which nobody did.

    Parameters
    ----------
    targets
        Places in the crowd's sample, shape (targets,).
    each
        Pairs of releases of either kind.
    """
    mu = crowd.strengths(targets)
    withdrew, nobody = np.zeros((targets.size, each)), np.zeros((targets.size, each))
    for piece in crowd.pieces:
        withdrew += _scores(piece, targets, each, withdrawn=True)
        nobody += _scores(piece, targets, each, withdrawn=False)
    scale = np.sqrt(2.0) * mu
    return Trials(along(withdrew, scale), along(nobody, scale), mu)


def ceiling(mu: Floats) -> float:
    """Mean over targets of the area that the difference has: ``Phi(mu / 2)``."""
    return float(special.ndtr(mu / 2.0).mean())


def advantage_bound(mu: Floats) -> float:
    """Mean over targets of the largest TPR - FPR that the difference has: ``2 Phi(mu / (2 sqrt 2)) - 1``."""
    return float((2.0 * special.ndtr(mu / np.sqrt(8.0)) - 1.0).mean())


def advantage(withdrew: Floats, nobody: Floats, mu: Floats) -> tuple[float, float]:
    """Mean over targets of TPR - FPR at the threshold half-way, and its standard error.

    Half-way between both means is where theory has the largest one; the trials had no part in choosing it.
    """
    half = (mu / np.sqrt(8.0))[:, None]
    hits, alarms = (withdrew > half).mean(axis=1), (nobody > half).mean(axis=1)
    spread = hits * (1 - hits) / max(withdrew.shape[1] - 1, 1) + alarms * (1 - alarms) / max(nobody.shape[1] - 1, 1)
    return float((hits - alarms).mean()), float(np.sqrt(spread.sum())) / mu.size


def _scores(piece: Piece, targets: Integers, each: int, *, withdrawn: bool) -> Floats:
    """``<y1 - y2, x> / sigma**2`` of one piece, shape (targets, each)."""
    own = piece.sample.take(targets)
    before = np.tile(piece.sums[own.entry], (each, 1))
    after = before - own.value if withdrawn else before
    difference = measured(piece, before) - measured(piece, after)
    weighted = difference * own.value / piece.query.noise_scale**2
    return by_target(weighted, own.start)
