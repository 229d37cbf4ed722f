"""The transparency report: from a log's folder alone, once all of it has been verified."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from hereabouts.acts.log_source import log_source
from hereabouts.acts.place import check_place, place
from hereabouts.errors import UsageError, VerificationError
from hereabouts.log.checking import tree_faults
from hereabouts.log.reading import numbered_entries, read_checkpoint
from hereabouts.report.transparency.page import transparency_page
from hereabouts.report.transparency.report import log_of, make_report

PAGE, DOCUMENT = "transparency.html", "transparency.json"


@dataclass(frozen=True)
class ReportWritten:
    """Where a transparency report is.

    Attributes
    ----------
    page, document
        For people and for machines.
    since, until
        First and last UTC day that it is about.
    entries
        How many entries of the log these days have.
    """

    page: Path
    document: Path
    since: dt.date
    until: dt.date
    entries: int


def report_log(
    out: Path,
    store: Path | None = None,
    log: Path | None = None,
    log_key: str | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> ReportWritten:
    """Write the transparency report of a log.

    Parameters
    ----------
    out
        Folder for it; must not exist, or be empty.
    store, log, log_key
        See :func:`hereabouts.acts.log_source.log_source`. Of a store nothing but its log and its key is read.
    since, until
        First and last UTC day; by default the days of the log's first and last entry.

    Raises
    ------
    UsageError
        When not one of store and log was given, the key is none, or there are no such days.
    VerificationError
        When the log is not sound: nothing is reported from it.
    """
    if since is not None and until is not None and until < since:
        raise UsageError(f"got --since {since} and --until {until}, expected a first day and a last one")
    check_place(out)
    source = log_source(store, log, log_key)
    checkpoint, note = read_checkpoint(source.folder, source.key)
    faults = tree_faults(source.folder, checkpoint)
    if faults:
        raise VerificationError(f"the log is not sound, and nothing is reported from it: {faults[0]}")
    signers = [name for name, _, _ in note.signatures]
    told = log_of(checkpoint, None if source.key is None else str(source.key), signers)
    report = make_report(told, numbered_entries(source.folder, checkpoint.size), since, until)
    with place(out) as folder:
        (folder / PAGE).write_text(transparency_page(report), encoding="utf-8")
        (folder / DOCUMENT).write_text(report.to_json(), encoding="utf-8")
    return ReportWritten(out / PAGE, out / DOCUMENT, report.since, report.until, report.entries)
