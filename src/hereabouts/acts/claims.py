"""Claims: what somebody said of a data set, held against what is measured of it, for its owner."""

from __future__ import annotations

import time
from pathlib import Path

from hereabouts.acts.data_set import Progress, chosen_window, opened, part, write_report
from hereabouts.acts.place import check_place, place
from hereabouts.acts.purge import bring_up_to_date
from hereabouts.acts.record import Said, acting, log
from hereabouts.engines.memory import keep_freed_memory
from hereabouts.errors import UsageError
from hereabouts.release.manifest import NAME
from hereabouts.report.confidential.claims import claims_page
from hereabouts.risk.claims.evidence import Evidence, of_feeds, of_release, of_window
from hereabouts.risk.claims.result import ReportCard
from hereabouts.risk.claims.run import judged
from hereabouts.risk.claims.stated import example as example_claims
from hereabouts.risk.claims.stated import load_claims
from hereabouts.store.looks import look
from hereabouts.store.store import STATE

_READING = 0.5
"""Share of the work that reading is, about."""

__all__ = ["claims", "example_claims"]


def claims(
    claims: Path,
    source: Path,
    out: Path,
    profile: str = "canonical",
    window: str | None = None,
    progress: Progress | None = None,
) -> ReportCard:
    """Test claims about a data set, and write the report card: ``claims.html`` and ``claims.json``.

    Both are confidential: they are computed on exact data and not differentially private. They hold figures about the
    whole data set alone, none about fewer than 20 devices, and numbers of devices to the nearest 20: no verdict turns
    on one of them.

    Parameters
    ----------
    claims
        A TOML file of who claims what; :func:`example_claims` gives one.
    source
        A store's folder, a release's folder, or a feed: a file, or a folder of files.
    out
        Folder of the report card; must not exist, or be empty.
    profile
        Of a feed: name of a shipped profile, or path of a TOML file with one.
    window
        Of a store: which sealed window, ``FIRST/AFTER``; by default the last one that has pings.
    progress
        Told what is being done, how many rows were read, and what share of all that is.

    Returns
    -------
    ReportCard
        What ``claims.json`` says.

    Raises
    ------
    BadInputError
        When the feed cannot be read, there are fewer than 20 devices, or the release is none.
    MachineError
        When the machine refuses, or something of the store is missing.
    RefusedError
        When the window's data have changed since they were looked at (:mod:`hereabouts.store.looks`).
    UsageError
        When the claims are not in order, the place is taken, or there is no such profile or sealed window.
    VerificationError
        When a release's manifest cannot be checked at all.
    """
    check_place(out)
    stated = load_claims(claims)
    keep_freed_memory()
    then = part(progress, _READING, 1.0)
    with place(out) as folder:
        evidence = _evidence(source, profile, window, progress)
        result = judged(stated, evidence, lambda doing, share: then(doing, 0, share))
        write_report(folder, "claims", result.to_json(), claims_page(result))
    return result


def _evidence(source: Path, profile: str, window: str | None, progress: Progress | None) -> Evidence:
    if (source / STATE).exists():
        read = part(progress, 0.0, _READING)
        said = Said()
        with acting(source, "claims", said) as store, store.locked():
            bring_up_to_date(store)
            chosen = chosen_window(store, window)
            said.facts = {} if window is None else {"window": chosen.name}
            log(store, "claims", said.facts, "begun")
            look(store, chosen)
            return of_window(store, chosen, int(time.time()), lambda rows, share: read("read", rows, share))
    if window is not None:
        raise UsageError(f"got window '{window}', and {source} is no store: only a store has windows")
    if (source / NAME).exists():
        return of_release(source)
    read = part(progress, 0.0, _READING, rows=True)
    return of_feeds(opened([source], profile), int(time.time()), lambda rows, share: read("read", rows, share))
