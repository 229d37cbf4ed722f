"""All attacks on one release, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hereabouts.catalogue.rows import DeviceRows
from hereabouts.errors import BadInputError
from hereabouts.release.plan import Plan
from hereabouts.release.protected import Protection
from hereabouts.risk.attack import attempts
from hereabouts.risk.attack.learned import group_size
from hereabouts.risk.attack.overlapping import Overlap
from hereabouts.risk.attack.pieces import Crowd, Piece, Query, read_crowd
from hereabouts.risk.attack.planted import canary_tests
from hereabouts.risk.attack.published import Publisher
from hereabouts.risk.attack.queries import name_of
from hereabouts.risk.attack.result import Attack, Attacked, Attempt
from hereabouts.risk.attack.tracks import recovered_shares
from hereabouts.rules.fewest import FEWEST
from hereabouts.windows import Window

Integers = NDArray[np.int64]
Steps = Callable[[str], None]

SAMPLE = 5_000
"""Devices whose vectors are held."""
_LIMITS = (
    "Trials measure the same exact sums again, with fresh noise that is neither published nor kept: nothing is spent.",
    "So figures are about the way in which this release was made, not about its own draws.",
    "A device is not a person: somebody with two phones is protected as two.",
    "Attacks that are learnt may be bettered; the likelihood ratio cannot, where all else is known.",
    "Intervals hold the chance of the trials, for the devices that were drawn and what was learnt.",
    "Those of published rows are over publications: all targets of one share its noise.",
    "What exact counts show is told to the nearest 20 devices.",
)


@dataclass(frozen=True, repr=False)
class Attackable:
    """A release with the exact data behind it.

    Attributes
    ----------
    facts
        What the result says of it.
    both
        What was measured, exactly; and the same of every second cell of its region.
    plan, window, protection
        Of the release.
    store_resolution
        Of the store's cells.
    """

    facts: Attacked
    both: Overlap
    plan: Plan
    window: Window
    protection: Protection
    store_resolution: int

    def publisher(self) -> Publisher | None:
        """What publishes its presence; ``None`` where the plan has none, or none with dates."""
        queries = {
            query.resolution: query
            for query in self.queries
            if query.statistic == "presence" and query.resolution is not None
        }
        made = Publisher(self.plan, self.window, self.protection, queries)
        return made if queries and made.periods else None

    @property
    def queries(self) -> list[Query]:
        """What was measured."""
        return [piece.query for piece in self.both.whole.pieces]


def sampled(buckets: Iterable[DeviceRows], queries: Sequence[Query], part: Sequence[Query], seed: int) -> Overlap:
    """What a release measured, exactly, and the vectors of a sample of its devices.

    Parameters
    ----------
    buckets
        Rows of the tables that the queries read.
    queries, part
        What was measured; and the same of a part of its region.
    seed
        Draws the sample.
    """
    found = read_crowd(buckets, [*queries, *part], SAMPLE, np.random.default_rng(seed))
    first, second = found.pieces[: len(queries)], found.pieces[len(queries) :]
    return Overlap(Crowd(found.devices, found.sampled, first), Crowd(found.devices, found.sampled, second))


def attacked(release: Attackable, seed: int, publications: int, tell: Steps) -> Attack:
    """Attack a release.

    Parameters
    ----------
    release
        With the exact data behind it.
    seed
        Draws targets and coins; noise has no seed.
    publications
        How often the release is published anew in memory; even.
    tell
        Told what is being done.

    Raises
    ------
    BadInputError
        When fewer than 20 devices add to anything that was measured.
    """
    pieces, who = release.both.whole.told(lambda _: True)
    both = Overlap(release.both.whole.only(pieces, who), release.both.part.only(pieces, who))
    if both.whole.sampled < FEWEST:
        raise BadInputError(
            "release", f"fewer than {FEWEST} devices are in anything that was measured: no figure can be told"
        )
    few = [piece.query for number, piece in enumerate(release.both.whole.pieces) if number not in pieces]
    rng, delta = np.random.default_rng(seed), release.facts.delta
    targets = attempts.targets_of(both.whole, rng)
    tell("membership, known trace")
    made = [attempts.known_trace(both.whole, targets, delta)]
    untried = [f"{name_of(query)}: fewer than {FEWEST} devices in it" for query in few]
    presence = both.whole.only(*both.whole.told(lambda query: query.statistic == "presence"))
    made += _of_presence(release, presence, publications, untried, rng, tell)
    tell("membership, learnt")
    if group_size(both.whole) >= FEWEST:
        made.append(attempts.knock_knock(both.whole, targets, delta, rng))
    else:
        untried.append("learned attack: too few devices for groups of 20")
    tell("canaries")
    canaries = canary_tests(
        release.queries, release.publisher(), release.protection, release.window, release.store_resolution, delta, rng
    )
    tell("trajectories")
    tracks = recovered_shares(_finest(presence), release.protection.region, release.window, rng)
    tell("differences")
    advantage, bound, withdrawal = attempts.withdrawal(both.whole, targets, delta)
    made += [withdrawal, *attempts.overlapping_regions(both, targets, delta)]
    return Attack(
        release.facts, seed, tuple(made), tuple(untried), tuple(canaries), tuple(tracks), advantage, bound, _LIMITS
    )


def _of_presence(
    release: Attackable,
    presence: Crowd,
    publications: int,
    untried: list[str],
    rng: np.random.Generator,
    tell: Steps,
) -> list[Attempt]:
    """Attacks that are on presence alone, of targets that add to it."""
    publisher, delta, made = release.publisher(), release.facts.delta, list[Attempt]()
    if publisher is None:
        untried.append("known trace, published rows: no presence with dates is published")
    if not presence.pieces:
        return made
    targets = attempts.targets_of(presence, rng)
    if publisher is not None and len(presence.pieces) == len(publisher.queries):
        tell("membership, published rows")
        made.append(attempts.published_rows(presence, publisher, targets, publications, delta, rng))
    tell("membership, zero auxiliary")
    if group_size(presence) >= FEWEST:
        made.append(attempts.zero_auxiliary(presence, targets, release.window.hours, delta, rng))
    else:
        untried.append("zero auxiliary: too few devices for groups of 20")
    return made


def _finest(presence: Crowd) -> Piece | None:
    return max(presence.pieces, key=lambda piece: piece.query.resolution or 0, default=None)
