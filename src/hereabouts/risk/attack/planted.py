"""Tests by planted canaries, of one release: each at a level for which all of them together err once in a hundred."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from scipy import special

from hereabouts.privacy.accounting import epsilon_of
from hereabouts.release.protected import Protection
from hereabouts.risk.attack import onerun
from hereabouts.risk.attack.canaries import Planted, long, steady
from hereabouts.risk.attack.pieces import Query
from hereabouts.risk.attack.published import Publisher, threshold_canaries
from hereabouts.risk.attack.result import DEVIATIONS, RIGHT, CanaryTest
from hereabouts.windows import Window

ALPHA = 0.01
"""How often a sound release is flagged by any of its canaries."""
_MOST_RUNS = 10
_MEANS = "mean canary score against mu, one-sided; one-run audit", "Steinke, Nasr and Jagielski 2023"
_GUESSES = "one-run audit of rows that appear", "Steinke, Nasr and Jagielski 2023"


def canary_tests(
    queries: Sequence[Query],
    publisher: Publisher | None,
    protection: Protection,
    window: Window,
    resolution: int,
    delta: float,
    rng: np.random.Generator,
) -> list[CanaryTest]:
    """Plant canaries in all that they can be planted in, and test what they show.

    Parameters
    ----------
    queries
        What was measured.
    publisher
        Of its presence; ``None`` where none is published.
    protection, window, delta
        Of the plan.
    resolution
        Of the store's cells.
    """
    found: list[tuple[str, str, Planted]] = []
    presence = [query for query in queries if query.statistic == "presence"]
    if presence:
        finest = max(presence, key=lambda query: query.resolution or 0)
        finds = "noise that is too small; a device that counts twice, by two feeds that spell its id differently"
        planted = steady(finest, protection.region, window, resolution)
        found.append(("in one cell in every hour, in two feeds", finds, planted))
    for statistic in ("visitors", "flows"):
        made = [long(query, protection.region, window) for query in queries if query.statistic == statistic]
        some = [each for each in made if each is not None]
        if some:
            finds = "noise that is too small; a bound that is missing"
            found.append((f"{statistic}, {some[-1].times:.3g} times the bound", finds, some[-1]))
    minimum = 0 if publisher is None else math.ceil(publisher.plan.publish.minimum)
    level = ALPHA / max(len(found) + (minimum >= 1), 1)
    tests = [mean_score(*each, level, delta, rng) for each in found]
    if publisher is not None and minimum >= 1:
        tests.append(exact_threshold(publisher, minimum, level, delta, rng))
    return tests


def mean_score(
    name: str, finds: str, planted: Planted, level: float, delta: float, rng: np.random.Generator
) -> CanaryTest:
    """Whether canaries that are in score higher than `mu` allows, wrongly so with probability `level`."""
    inside, outside = planted.scores(1, rng)
    canaries = inside.size + outside.size
    guesses = canaries // 5
    right = onerun.right_guesses(inside, outside, guesses)
    epsilon = onerun.epsilon_from_one_run(canaries, guesses, right, delta) if guesses else None
    inside, outside = planted.scores(-(-onerun.needed(planted.mu) // canaries), rng)
    apart = onerun.distance(inside, outside)
    return CanaryTest(
        name,
        finds,
        inside.size + outside.size,
        DEVIATIONS,
        planted.mu,
        apart if math.isfinite(apart) else None,
        onerun.excess_of_means(inside, outside, planted.mu) > -float(special.ndtri(level)),
        epsilon,
        *_MEANS,
    )


def exact_threshold(
    publisher: Publisher, minimum: int, level: float, delta: float, rng: np.random.Generator
) -> CanaryTest:
    """Whether rows say more often who is in than epsilon of presence allows, wrongly so with probability `level`."""
    claimed = epsilon_of(sum((query.rho for query in publisher.queries.values()), Fraction()), delta)
    right, guesses, runs = 0, 0, 0
    while runs < _MOST_RUNS and guesses < onerun.guesses_needed(claimed):
        more_right, more = threshold_canaries(publisher, minimum, rng)
        right, guesses, runs = right + more_right, guesses + more, runs + 1
    return CanaryTest(
        f"the one that makes {minimum} of {minimum - 1} in a cell",
        "rows that are chosen by exact counts",
        guesses,
        RIGHT,
        onerun.share_right(claimed),
        right / guesses,
        onerun.p_value(guesses, guesses, right, claimed, delta) <= level,
        onerun.epsilon_from_one_run(guesses, guesses, right, delta),
        *_GUESSES,
    )
