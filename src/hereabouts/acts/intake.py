"""Intake: feeds become pings that wait in their windows, and a receipt says what was taken and what was dropped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from hereabouts.acts.gates import Gates
from hereabouts.acts.purge import bring_up_to_date
from hereabouts.acts.receipt import Receipt
from hereabouts.acts.taking import File, Progress, Taking
from hereabouts.engines.memory import keep_freed_memory
from hereabouts.feeds.formats.readers import feed_files, open_feed
from hereabouts.feeds.profiles import load_profile
from hereabouts.feeds.profiles.identifying import sample_warnings
from hereabouts.rules.suppliers import require_in_force
from hereabouts.store.store import Store

__all__ = ["Receipt", "intake"]


def intake(
    feeds: Sequence[Path],
    store: Path,
    supplier: str,
    profile: str = "canonical",
    progress: Progress | None = None,
) -> list[Receipt]:
    """Take feeds into a store: all of them or, where one cannot be, none. What was taken before is passed over.

    Each file counts from the moment in which all of it is taken: killed or interrupted, the same command goes on with
    the file that it was at.

    Parameters
    ----------
    feeds
        Files, or folders of files.
    store
        The store's folder.
    supplier
        Id of an admitted supplier.
    profile
        Name of a shipped profile, or path of a TOML file with one, that says what the columns mean.
    progress
        Told the file, how many rows have been read by now, of this file and those before it, and what share of all
        files that is.

    Returns
    -------
    list of Receipt
        One for each file. Where each file is one person's, the counts of all are in one of them: see
        :mod:`hereabouts.acts.receipt`.

    Raises
    ------
    BadInputError
        When a file cannot be read.
    MachineError
        When the machine refuses, or something of the store is missing.
    RefusedError
        When the supplier is not in force.
    UsageError
        When the profile is not known or there is no store.
    """
    keep_freed_memory()
    target = Store(store)
    mapping = load_profile(profile)
    admitted = require_in_force(target.state, supplier, dt.datetime.now(dt.UTC).date())
    opened = [open_feed(file, mapping) for feed in feeds for file in feed_files(feed)]
    # A warning is for the operator, and changes nothing of what is taken.
    files = [File(feed, sample_warnings(feed)) for feed in opened]
    with target.locked():
        bring_up_to_date(target)
        return Taking(target, Gates(target, mapping, admitted), admitted, progress or _silent).take(files)


def _silent(feed: str, rows: int, share: float) -> None:
    """Show no progress."""
