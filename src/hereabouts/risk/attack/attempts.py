"""Attacks on membership, each against its ways of publishing: who knows what, does what, and how far he gets.

Which of an attack's trials are independent decides its intervals:

- known trace, withdrawal, overlapping regions: all. Each trial of each target has noise of its own.
- learned, zero auxiliary: all, given what was learnt and of whom groups are drawn. Groups and noise are drawn anew for
  each target and trial.
- published rows: pairs of publications. The targets of a pair share its noise.
- exact counts, where all else is known: there are no trials. A device shows or it does not; devices are a sample.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hereabouts.risk.attack import differencing, known, learned
from hereabouts.risk.attack.figures import FALSE_RATE, from_exposed, from_publications, from_scores
from hereabouts.risk.attack.learned import LEAST, RAW, RELEASE, THRESHOLD
from hereabouts.risk.attack.overlapping import Overlap, exposed_by_difference, overlaps
from hereabouts.risk.attack.pieces import Crowd
from hereabouts.risk.attack.published import Publisher, published_trials
from hereabouts.risk.attack.result import Attempt, Rates
from hereabouts.risk.figures import Figure, Procedure, quantity
from hereabouts.risk.intervals import Z95

Integers = NDArray[np.int64]

PUBLICATIONS = 60
"""How often a release is published anew, in pairs whose noise is each other's opposite."""
_TARGETS, _EACH = 200, 10
_LEAST_TRIALS = 2_000
_LEARNED_TARGETS = 60
_OURS = "hereabouts, methods of attack"
_KNOWN = Procedure("likelihood ratio, all else known", f"Neyman and Pearson 1933; {_OURS}")
_PUBLISHED = Procedure("excess of published rows along the trace, all else known", _OURS)
_LEARNT = Procedure(
    "L1 logistic regression on aggregates of groups", "Pyrgelis, Troncoso and De Cristofaro 2018, 'Knock Knock'"
)
_NOTHING = Procedure("L1 logistic regression on made-up aggregates", "Guan, Guepin, Cretu and de Montjoye 2024")
_DIFFERENCE = Procedure("difference of two releases along the trace", _OURS)
_BOTH = Procedure("likelihood ratio of two releases, all else known", f"Neyman and Pearson 1933; {_OURS}")


def targets_of(crowd: Crowd, rng: np.random.Generator) -> Integers:
    """Devices that are attacked: places in the sample, at most 200."""
    return rng.permutation(crowd.sampled)[:_TARGETS].astype(np.int64)


def trials_each(targets: int) -> int:
    """How often each target is tried in, and out: 10 times, or until there are 2,000 trials; an even number."""
    return 2 * max(_EACH // 2, -(-_LEAST_TRIALS // (2 * targets)))


def known_trace(crowd: Crowd, targets: Integers, delta: float) -> Attempt:
    """The best test there is of all that was measured."""
    run = known.trials(crowd, targets, trials_each(targets.size))
    return Attempt(
        "known trace",
        "her whole trace, and what everybody else adds",
        "makes the best test there is of every number that was measured",
        (*_certain(crowd, delta, _KNOWN), from_scores(RELEASE, run.inside, run.outside, delta, _KNOWN)),
        known.ceiling(run.mu),
        known.true_rate(run.mu, FALSE_RATE),
    )


def published_rows(
    presence: Crowd, publisher: Publisher, targets: Integers, publications: int, delta: float, rng: np.random.Generator
) -> Attempt:
    """The same of what was let out of presence."""
    inside, outside = published_trials(presence, publisher, targets, publications // 2, rng)
    mu = presence.strengths(targets)
    return Attempt(
        "known trace, published rows",
        "the same",
        "compares the published rows of presence, of all periods, with what everybody else adds",
        (from_publications(RELEASE, inside, outside, delta, _PUBLISHED),),
        known.ceiling(mu),
        known.true_rate(mu, FALSE_RATE),
    )


def knock_knock(crowd: Crowd, targets: Integers, delta: float, rng: np.random.Generator) -> Attempt:
    """An attack that is learnt from groups of other people."""
    found = learned.knock_knock(crowd, targets[:_LEARNED_TARGETS], rng)
    return Attempt(
        "learned attack",
        f"her whole trace, and traces of others like her, but nobody's in the group of {learned.group_size(crowd):,}",
        "learns from aggregates of groups that he made himself",
        tuple(from_scores(way, *scores, delta, _LEARNT, swapped=True) for way, scores in found.items()),
    )


def zero_auxiliary(presence: Crowd, targets: Integers, hours: int, delta: float, rng: np.random.Generator) -> Attempt:
    """An attack that is learnt from groups of nobody."""
    found = learned.zero_auxiliary(presence, targets[:_LEARNED_TARGETS], hours, rng)
    return Attempt(
        "zero auxiliary",
        f"her whole trace, and nothing of the others in the group of {learned.group_size(presence):,}",
        "makes people up from how full cells and hours are, and learns from their aggregates",
        tuple(from_scores(way, *scores, delta, _NOTHING, swapped=True) for way, scores in found.items()),
    )


def withdrawal(crowd: Crowd, targets: Integers, delta: float) -> tuple[Figure, float, Attempt]:
    """Two releases, before and after she withdrew: the attacker's advantage, its bound, and his rates."""
    run = differencing.differences(crowd, targets, trials_each(targets.size))
    value, error = differencing.advantage(run.inside, run.outside, run.mu)
    ends = max(-1.0, value - Z95 * error), min(1.0, value + Z95 * error)
    attempt = Attempt(
        "differencing, withdrawal",
        "her whole trace, and two releases: before and after she withdrew",
        "subtracts one from the other",
        (*_certain(crowd, delta, _DIFFERENCE), from_scores(RELEASE, run.inside, run.outside, 2 * delta, _DIFFERENCE)),
        differencing.ceiling(run.mu),
    )
    figure = quantity("advantage (TPR less FPR)", value, *ends, targets.size, _DIFFERENCE)
    return figure, differencing.advantage_bound(run.mu), attempt


def overlapping_regions(both: Overlap, targets: Integers, delta: float) -> tuple[Attempt, Attempt]:
    """Two releases, of a region and of every second cell of it: one less the other, and both together."""
    less, joint = overlaps(both, targets, trials_each(targets.size))
    everybody = np.arange(both.whole.sampled)
    exact = [
        from_exposed(way, exposed_by_difference(both, everybody, least), everybody.size, delta, _DIFFERENCE)
        for way, least in ((RAW, 1), (THRESHOLD, LEAST))
    ]
    return (
        Attempt(
            "differencing, overlapping regions",
            "her whole trace, and what others add in the cells that are in one region alone",
            "subtracts the release of every second cell from the release of all of them",
            (*exact, from_scores(RELEASE, less.inside, less.outside, 2 * delta, _DIFFERENCE)),
            known.ceiling(less.mu),
        ),
        Attempt(
            "two overlapping regions, together",
            "her whole trace, and what everybody else adds",
            "makes the best test there is of both releases together: what was spent on them adds up",
            (
                *_certain(both.whole, delta, _BOTH),
                from_scores(RELEASE, joint.inside, joint.outside, 2 * delta, _BOTH),
            ),
            known.ceiling(joint.mu),
            known.true_rate(joint.mu, FALSE_RATE),
        ),
    )


def _certain(crowd: Crowd, delta: float, how: Procedure) -> list[Rates]:
    """What exact counts give away of the whole sample, to somebody who knows all else."""
    everybody = np.arange(crowd.sampled)
    return [
        from_exposed(way, known.exposed(crowd, everybody, least), crowd.sampled, delta, how)
        for way, least in ((RAW, 1), (THRESHOLD, LEAST))
    ]
