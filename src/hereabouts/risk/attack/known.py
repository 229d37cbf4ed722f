"""Membership inference by somebody who knows a person's whole trace, and what everybody else adds.

Nobody can do better: of two worlds that differ by one known vector ``x`` in Gaussian noise, the likelihood ratio

    T = <y - E[y | out], x> / (sigma |x|)

is the best test there is (Neyman and Pearson), of mean ``mu = |x| / sigma`` with the target in, 0 with it out, and
deviation 1 in both. Pieces with noise of their own add up to ``mu**2 = sum of |x|**2 / sigma**2``. The area under its
ROC curve is ``Phi(mu / sqrt 2)``, and whoever reads only the published files, which are made of ``y``, has less.

Only the numbers that the target adds to bear on T. So a trial asks for noise there alone: noise is independent from
number to number, and what the others would have got changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from hereabouts.privacy.measure import Contribution, Measurement, measure
from hereabouts.risk.attack.pieces import Crowd, Piece

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Door = Callable[..., Measurement]

# So many numbers are measured at once: some 100 MB with what is computed of them.
_AT_ONCE = 1 << 21


@dataclass(frozen=True, repr=False)
class Trials:
    """Scores of trials with each target in and out, shapes (targets, trials), and each one's mu, shape (targets,)."""

    inside: Floats
    outside: Floats
    mu: Floats


def trials(crowd: Crowd, targets: Integers, each: int) -> Trials:
    """Measure again and again with each target in and out, and score it by the likelihood ratio.

    Every trial goes through :func:`hereabouts.privacy.measure.measure`, on exact sums in memory: fresh noise, which is
    neither published nor kept, so that nothing is spent.

    Parameters
    ----------
    targets
        Places in the crowd's sample, shape (targets,).
    each
        Trials with a target in, and as many with it out.
    """
    mu = crowd.strengths(targets)
    inside, outside = np.zeros((targets.size, each)), np.zeros((targets.size, each))
    for piece in crowd.pieces:
        inside += _scores(piece, targets, each, present=True)
        outside += _scores(piece, targets, each, present=False)
    return Trials(along(inside, mu), along(outside, mu), mu)


def along(scores: Floats, mu: Floats) -> Floats:
    """Scores of targets, shape (targets, trials), in deviations; 0 for a target that adds nothing."""
    length = mu[:, None]
    return np.divide(scores, length, out=np.zeros_like(scores), where=length > 0)


def _scores(piece: Piece, targets: Integers, each: int, *, present: bool) -> Floats:
    """``<y - E[y | out], x> / sigma**2`` of one piece, shape (targets, each)."""
    own = piece.sample.take(targets)
    if not own.entry.size:
        return np.zeros((targets.size, each))
    without = piece.sums[own.entry] - own.value
    truth = without + own.value if present else without
    weight = own.value / piece.query.noise_scale**2
    found = np.empty((targets.size, each))
    rows = max(1, _AT_ONCE // own.entry.size)
    for begin in range(0, each, rows):
        many = min(rows, each - begin)
        noisy = measured(piece, np.tile(truth, (many, 1)))
        found[:, begin : begin + many] = by_target((noisy - without) * weight, own.start)
    return found


def by_target(parts: Floats, start: Integers) -> Floats:
    """Add up what each target's entries give in each trial: from shape (trials, entries) to (targets, trials)."""
    # Where a target has no entry, a plain sum by stretches would take the next one's first: cumulative sums know none.
    total = np.concatenate([np.zeros((len(parts), 1)), np.cumsum(parts, axis=1)], axis=1)
    return np.asarray((total[:, start[1:]] - total[:, start[:-1]]).T)


def measured(piece: Piece, sums: Integers) -> Integers:
    """Exact sums, any shape, through the one door to the noise, at what was paid for the piece."""
    return measure(Contribution(sums, piece.query.squared_sensitivity), piece.query.rho).values


def ceiling(mu: Floats) -> float:
    """Mean over targets of the area that the best test has: ``Phi(mu / sqrt 2)``."""
    return float(special.ndtr(mu / np.sqrt(2.0)).mean())


def true_rate(mu: Floats, false_rate: float) -> float:
    """Mean over targets of how often the best test finds them, at this rate of false alarms."""
    return float(special.ndtr(mu + special.ndtri(false_rate)).mean())


def worst_area(rho: float) -> float:
    """The area that nobody can exceed, of any device: ``Phi(sqrt rho)``, for none moves all pieces by more."""
    return float(special.ndtr(np.sqrt(rho)))


def exposed(crowd: Crowd, targets: Integers, threshold: int) -> int:
    """How many targets show for certain where exact counts are published, those under `threshold` left out.

    To somebody who knows what everybody else adds, one published number that a target adds to says whether it is in.
    A target of which no such number is published (or appears, or vanishes) does not show at all.
    """
    shows = np.zeros(targets.size, dtype=bool)
    for piece in crowd.pieces:
        own = piece.sample.take(targets)
        published = piece.counts[own.entry] >= max(threshold, 1)
        shows |= np.bincount(own.whose, published, minlength=targets.size) > 0
    return int(shows.sum())
