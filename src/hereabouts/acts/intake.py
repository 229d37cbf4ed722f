"""Intake: feeds become pings that wait in their windows, and a receipt says what was taken and what was dropped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from hereabouts.acts.gates import Gates
from hereabouts.acts.purge import bring_up_to_date
from hereabouts.acts.receipt import Receipt
from hereabouts.acts.record import Said, acting, log
from hereabouts.acts.spread import Spread
from hereabouts.acts.taking import File, Progress, Taking
from hereabouts.engines.choice import chosen
from hereabouts.engines.memory import keep_freed_memory
from hereabouts.feeds.formats.readers import feed_files, open_feed
from hereabouts.feeds.profiles import load_profile
from hereabouts.feeds.profiles.identifying import sample_warnings
from hereabouts.objects import located
from hereabouts.rules.suppliers import named_if_registered, require_in_force

__all__ = ["Receipt", "intake"]


def intake(
    feeds: Sequence[Path | str],
    store: Path,
    supplier: str,
    profile: str = "canonical",
    progress: Progress | None = None,
    engine: str = "local",
    master: str | None = None,
) -> list[Receipt]:
    """Take feeds into a store: all of them or, where one cannot be, none. What was taken before is passed over.

    Each file counts from the moment in which all of it is taken: killed or interrupted, the same command goes on with
    the file that it was at.

    Parameters
    ----------
    feeds
        Files, or folders of files; on object storage addresses: ``s3://BUCKET/KEY``.
    store
        The store's folder.
    supplier
        Id of an admitted supplier.
    profile
        Name of a shipped profile, or path of a TOML file with one, that says what the columns mean.
    progress
        Told the file, how many rows have been read by now, of this file and those before it, and what share of all
        files that is.
    engine, master
        Who has the work done: see :func:`hereabouts.engines.choice.chosen`.

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
        When the profile is not known, there is no store, or the engine is none.
    """
    keep_freed_memory()
    mapping = load_profile(profile)
    refusal, said = Said(document=supplier.encode()), {"supplier": supplier}
    with acting(store, "intake", refusal) as target:
        refusal.facts = dict(named_if_registered(target.state, supplier))
        admitted = require_in_force(target.state, supplier, dt.datetime.now(dt.UTC).date())
        opened = [open_feed(file, mapping) for feed in feeds for file in feed_files(located(feed))]
        # A warning is for the operator, and changes nothing of what is taken.
        files = [File(feed, sample_warnings(feed)) for feed in opened]
        with chosen(engine, master) as cluster, target.locked():
            bring_up_to_date(target)
            # Logged before and after, and not file by file: which files count can depend on what is in them.
            log(target, "intake", said, "begun")
            given = target, Gates(target, mapping, admitted), admitted, progress or _silent
            receipts = (Taking(*given) if cluster is None else Spread(*given, cluster)).take(files)
            log(target, "intake", said, document=[receipt.to_json() for receipt in receipts])
        return receipts


def _silent(feed: str, rows: int, share: float) -> None:
    """Show no progress."""
