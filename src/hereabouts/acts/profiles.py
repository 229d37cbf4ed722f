"""Profiles: propose one for a feed, see whether one fits, show those that are shipped. None of it takes data in."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from hereabouts.errors import UsageError
from hereabouts.feeds.checks import Gate, check
from hereabouts.feeds.formats.readers import open_feed
from hereabouts.feeds.formats.sample import ROWS
from hereabouts.feeds.formats.source import source_of
from hereabouts.feeds.profile import Profile
from hereabouts.feeds.profiles import load_profile, shipped, shipped_toml
from hereabouts.feeds.profiles.identifying import sample_warnings
from hereabouts.feeds.profiles.proposal import Proposal, propose

MAX_ACCURACY = 500.0
"""The limit of a store that was made without another."""


@dataclass(frozen=True)
class ProfileCheck:
    """How a profile fits a file, as far as its first rows show.

    Attributes
    ----------
    profile
        The profile's name.
    accepted
        Share of the first rows that would be taken.
    dropped
        Shares of those that would be left out, by reason.
    has_consent
        Whether there is a column that says who consented; without one, the supplier's record must cover all devices,
        and the shares are told as if it did.
    warnings
        What the first rows have of direct identifiers.
    """

    profile: str
    accepted: float
    dropped: dict[str, float]
    has_consent: bool
    warnings: list[str]


def propose_profile(sample: Path) -> Proposal:
    """Propose a profile for a feed, from its first rows, for a person to confirm.

    Parameters
    ----------
    sample
        One of the feed's files, or its beginning.

    Raises
    ------
    BadInputError
        When it cannot be read.
    """
    return propose(source_of(sample))


def check_profile(sample: Path, profile: str) -> ProfileCheck:
    """See whether a profile fits a file, from the file's columns and its first rows.

    Parameters
    ----------
    sample
        One of the feed's files, or its beginning.
    profile
        Name of a shipped profile, or path of a TOML file.

    Raises
    ------
    BadInputError
        When the file cannot be read, or has other columns than the profile.
    UsageError
        When the profile is not known or not one.
    """
    known = load_profile(profile)
    feed = open_feed(sample, known, batch_rows=ROWS, threads=False)
    said = sample_warnings(feed)
    counts, taken, has_consent = Counter[str](), 0, False
    for batch in feed.batches():
        here = known.consent in batch.schema.names
        has_consent |= here
        checked = check(batch, known, Gate(MAX_ACCURACY, int(time.time()), consent_by_supplier=not here))
        counts.update(checked.counts)
        taken += len(checked.time)
        if taken + counts.total() >= ROWS:
            break
    rows = taken + counts.total()
    dropped = {reason: count / rows for reason, count in counts.items() if count}
    if feed.unknown_columns:
        said.append(
            f"{len(feed.unknown_columns)} names in its rows are unknown to the profile; rows with one are left out"
        )
    return ProfileCheck(known.name, taken / rows, dropped, has_consent, said)


def list_profiles() -> list[Profile]:
    """Give the shipped profiles, the canonical one first."""
    return list(shipped().values())


def show_profile(name: str) -> str:
    """Give a shipped profile's TOML, to be copied and changed.

    Raises
    ------
    UsageError
        When there is none of that name.
    """
    if name not in shipped_toml():
        raise UsageError(f"got profile '{name}'; the shipped ones are {', '.join(shipped_toml())}")
    return shipped_toml()[name]
