"""All attacks on one release, step by step."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from hereabouts.catalogue.rows import DeviceRows
from hereabouts.errors import BadInputError
from hereabouts.estimate.measurements import PresenceLevel
from hereabouts.estimate.presence.levels import presence_estimates
from hereabouts.privacy.measure import Contribution, measure
from hereabouts.release.plan import Plan
from hereabouts.release.protected import Protection
from hereabouts.risk.attack import differencing, known, learned, onerun, recovery
from hereabouts.risk.attack.canaries import Planted, long, steady
from hereabouts.risk.attack.figures import from_exposed, from_scores
from hereabouts.risk.attack.learned import LEAST, RAW, RELEASE, THRESHOLD
from hereabouts.risk.attack.pieces import Crowd, Piece, Query, read_crowd
from hereabouts.risk.attack.published import Publisher, published_trials, threshold_canaries
from hereabouts.risk.attack.result import Attack, Attacked, Attempt, CanaryTest
from hereabouts.risk.figures import Figure, Procedure, not_told, quantity
from hereabouts.risk.intervals import Z95
from hereabouts.rules.fewest import FEWEST
from hereabouts.windows import Window

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Steps = Callable[[str], None]

SAMPLE = 5_000
"""Devices whose vectors are held."""
_TARGETS, _EACH = 200, 10
_LEARNED_TARGETS = 50
_RUNS = 10
_KNOWN = Procedure("likelihood ratio, all else known", "Neyman and Pearson 1933; hereabouts, methods of attack")
_PUBLISHED = Procedure("excess of published rows along the trace, all else known", "hereabouts, methods of attack")
_LEARNT = Procedure(
    "L1 logistic regression on aggregates of groups", "Pyrgelis, Troncoso and De Cristofaro 2018, 'Knock Knock'"
)
_NOTHING = Procedure("L1 logistic regression on made-up aggregates", "Guan, Guepin, Cretu and de Montjoye 2024")
_RECOVERY = Procedure("matching of one hour's positions to the next's", "Xu et al. 2017, 'Trajectory recovery'")
_DIFFERENCE = Procedure("difference of two releases along the trace", "hereabouts, methods of attack")
_ONE_RUN = "mean canary score against mu, one-sided at 1 %; one-run audit", "Steinke, Nasr and Jagielski 2023"
_RATES = "rates of rows with and without a canary, one-sided at 1 %", "Dong, Roth and Su 2022"
_LIMITS = (
    "Trials measure the same exact sums again, with fresh noise that is neither published nor kept: nothing is spent.",
    "So figures are about the way in which this release was made, not about its own draws.",
    "A device is not a person: somebody with two phones is protected as two.",
    "Attacks that are learnt may be bettered; the likelihood ratio cannot, where all else is known.",
    "Intervals hold the chance of the trials, for the devices that were drawn.",
)


@dataclass(frozen=True, repr=False)
class Attackable:
    """A release with the exact data behind it.

    Attributes
    ----------
    facts
        What the result says of it.
    crowd
        What was measured, exactly.
    plan, window, protection
        Of the release.
    store_resolution
        Of the store's cells.
    """

    facts: Attacked
    crowd: Crowd
    plan: Plan
    window: Window
    protection: Protection
    store_resolution: int

    def presence(self) -> dict[int, Piece]:
        """Presence by resolution."""
        found = [piece for piece in self.crowd.pieces if piece.query.statistic == "presence"]
        return {piece.query.resolution: piece for piece in found if piece.query.resolution is not None}

    def publisher(self) -> Publisher | None:
        """What publishes its presence; ``None`` where the plan has none, or none with dates."""
        queries = {resolution: piece.query for resolution, piece in self.presence().items()}
        made = Publisher(self.plan, self.window, self.protection, queries)
        return made if queries and made.periods else None


def sampled(buckets: Iterable[DeviceRows], queries: Sequence[Query], seed: int) -> Crowd:
    """What a release measured, exactly, and the vectors of a sample of its devices."""
    return read_crowd(buckets, queries, SAMPLE, np.random.default_rng(seed))


def attacked(release: Attackable, seed: int, tell: Steps) -> Attack:
    """Attack a release.

    Parameters
    ----------
    release
        With the exact data behind it.
    seed
        Draws targets and coins; noise has no seed.
    tell
        Told what is being done.

    Raises
    ------
    BadInputError
        When fewer than 20 devices add to it.
    """
    if release.crowd.sampled < FEWEST:
        raise BadInputError("release", f"fewer than {FEWEST} devices are in what was measured: no figure can be told")
    rng = np.random.default_rng(seed)
    targets = rng.permutation(release.crowd.sampled)[:_TARGETS].astype(np.int64)
    tell("membership, known trace")
    attempts = [_known(release, targets)]
    publisher = release.publisher()
    if publisher is not None:
        tell("membership, published rows")
        attempts.append(_published(release, publisher, targets, rng))
    tell("membership, learnt")
    attempts += _learnt(release, targets[:_LEARNED_TARGETS], rng)
    tell("canaries")
    canaries = _canaries(release, publisher, rng)
    tell("trajectories")
    tracks = _recovery(release, rng)
    tell("differences")
    difference, bound, attempt = _difference(release, targets)
    return Attack(release.facts, seed, (*attempts, attempt), tuple(canaries), tuple(tracks), difference, bound, _LIMITS)


def _known(release: Attackable, targets: Integers) -> Attempt:
    run = known.trials(release.crowd, targets, _EACH)
    delta = release.facts.delta
    exact = [(RAW, known.exposed(release.crowd, targets, 1)), (THRESHOLD, known.exposed(release.crowd, targets, LEAST))]
    rates = [from_exposed(way, shown, targets.size, delta, _KNOWN) for way, shown in exact]
    return Attempt(
        "known trace",
        "her whole trace, and what everybody else adds",
        "makes the best test there is of every number that was measured",
        (*rates, from_scores(RELEASE, run.inside, run.outside, delta, _KNOWN)),
        known.ceiling(run.mu),
        known.true_rate(run.mu, 0.01),
    )


def _published(release: Attackable, publisher: Publisher, targets: Integers, rng: np.random.Generator) -> Attempt:
    inside, outside = published_trials(release.crowd, publisher, targets, _RUNS, rng)
    mu = release.crowd.strengths(targets)
    return Attempt(
        "known trace, published rows",
        "the same",
        "compares the published rows of presence, of all periods, with what everybody else adds",
        (from_scores(RELEASE, inside, outside, release.facts.delta, _PUBLISHED),),
        known.ceiling(mu),
        known.true_rate(mu, 0.01),
    )


def _learnt(release: Attackable, targets: Integers, rng: np.random.Generator) -> list[Attempt]:
    crowd, delta = release.crowd, release.facts.delta
    size = learned.group_size(crowd)
    if size < FEWEST:
        return []
    found = learned.knock_knock(crowd, targets, rng)
    attempts = [
        Attempt(
            "learned attack",
            f"her whole trace, and traces of others like her, but nobody's in the group of {size:,}",
            "learns from aggregates of groups that he made himself",
            tuple(from_scores(way, *scores, delta, _LEARNT) for way, scores in found.items()),
        )
    ]
    if release.presence():
        found = learned.zero_auxiliary(crowd, targets, release.window.hours, rng)
        attempts.append(
            Attempt(
                "zero auxiliary",
                f"her whole trace, and nothing of the others in the group of {size:,}",
                "makes people up from how full cells and hours are, and learns from their aggregates",
                tuple(from_scores(way, *scores, delta, _NOTHING) for way, scores in found.items()),
            )
        )
    return attempts


def _canaries(release: Attackable, publisher: Publisher | None, rng: np.random.Generator) -> list[CanaryTest]:
    region, window = release.protection.region, release.window
    tests = []
    presence = release.presence()
    if presence:
        planted = steady(presence[max(presence)].query, region, window, release.store_resolution)
        finds = "noise that is too small; a device that counts twice, by two feeds that spell its id differently"
        tests.append(_mean_score("in one cell in every hour, in two feeds", finds, planted, release, rng))
    for statistic in ("visitors", "flows"):
        queries = [p.query for p in release.crowd.pieces if p.query.statistic == statistic]
        planted_in = [made for made in (long(query, region, window) for query in queries) if made is not None]
        for made in planted_in[-1:]:
            finds = "noise that is too small; a bound that is missing"
            tests.append(_mean_score(f"{statistic}, ten times the bound", finds, made, release, rng))
    minimum = math.ceil(release.plan.publish.minimum)
    if publisher is not None and minimum >= 1:
        tests.append(_threshold(publisher, minimum, rng))
    return tests


def _mean_score(name: str, finds: str, planted: Planted, release: Attackable, rng: np.random.Generator) -> CanaryTest:
    inside, outside = planted.scores(1, rng)
    canaries = inside.size + outside.size
    guesses = canaries // 5
    right = onerun.right_guesses(inside, outside, guesses)
    epsilon = onerun.epsilon_from_one_run(canaries, guesses, right, release.facts.delta) if guesses else None
    inside, outside = planted.scores(-(-onerun.needed(planted.mu) // canaries), rng)
    errors = onerun.excess_of_means(inside, outside, planted.mu)
    return CanaryTest(
        name,
        finds,
        inside.size + outside.size,
        planted.mu,
        onerun.distance(inside, outside),
        errors > -float(special.ndtri(0.01)),
        epsilon,
        *_ONE_RUN,
    )


def _threshold(publisher: Publisher, minimum: int, rng: np.random.Generator) -> CanaryTest:
    hits_in, inside, hits_out, outside = threshold_canaries(publisher, minimum, rng)
    squares = [query.squared_sensitivity / query.noise_scale**2 for query in publisher.queries.values()]
    mu = math.sqrt(sum(squares))
    return CanaryTest(
        f"the one that makes {minimum} of {minimum - 1} in a cell",
        "rows that are chosen by exact counts",
        inside + outside,
        float(special.ndtr(special.ndtri(max(hits_out, 1) / max(outside, 1)) + mu)),
        hits_in / max(inside, 1),
        inside > 0 and outside > 0 and onerun.rates_flagged(hits_in, inside, hits_out, outside, mu),
        None,
        *_RATES,
    )


def _recovery(release: Attackable, rng: np.random.Generator) -> list[Figure]:
    presence = release.presence()
    ways = (RAW, THRESHOLD, RELEASE)
    if not presence:
        return [not_told(way, _RECOVERY, "presence was not measured") for way in ways]
    resolution = max(presence)
    piece, window = presence[resolution], release.window
    domain = release.protection.region.cells(resolution)
    group = recovery.group_of(piece.sample.start, piece.sample.entry, domain.size, window.hours)
    if len(group.place) < FEWEST:
        return [not_told(way, _RECOVERY) for way in ways]
    counts = group.counts
    found = measure(Contribution(counts, piece.query.squared_sensitivity), piece.query.rho)
    level = PresenceLevel(resolution, found.values, found.scale**2)
    estimate = presence_estimates([level], {resolution: domain}, window.day_of_hour)[resolution].hours
    shares = (counts.astype(float), np.where(counts >= LEAST, counts, 0).astype(float), estimate)
    names, slot = window.hour_of_day()
    clock = np.array([int(name[-2:]) for name in names])[slot]
    told = []
    for way, each in zip(ways, shares, strict=True):
        whole = recovery.apportioned(each, len(group.place))
        chance = _share(f"{way}, joined by chance", recovery.rates(recovery.shuffled(whole, rng), group.place))
        told.append(_share(way, recovery.rates(recovery.recovered(whole, domain, clock), group.place), chance))
    return told


def _share(name: str, rates: Floats, control: Figure | None = None) -> Figure:
    value, half = float(rates.mean()), Z95 * float(rates.std(ddof=1)) / math.sqrt(rates.size)
    return quantity(name, value, max(0.0, value - half), min(1.0, value + half), rates.size, _RECOVERY, control)


def _difference(release: Attackable, targets: Integers) -> tuple[Figure, float, Attempt]:
    crowd, delta = release.crowd, release.facts.delta
    run = differencing.differences(crowd, targets, _EACH)
    exact = [(RAW, known.exposed(crowd, targets, 1)), (THRESHOLD, known.exposed(crowd, targets, LEAST))]
    rates = [from_exposed(way, shown, targets.size, delta, _DIFFERENCE) for way, shown in exact]
    value, error = differencing.advantage(run.inside, run.outside, run.mu)
    ends = max(-1.0, value - Z95 * error), min(1.0, value + Z95 * error)
    figure = quantity("advantage (TPR less FPR)", value, *ends, targets.size, _DIFFERENCE)
    attempt = Attempt(
        "differencing",
        "her whole trace, and two releases: before and after she withdrew",
        "subtracts one from the other",
        (*rates, from_scores(RELEASE, run.inside, run.outside, delta, _DIFFERENCE)),
        differencing.ceiling(run.mu),
    )
    return figure, differencing.advantage_bound(run.mu), attempt
