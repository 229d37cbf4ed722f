"""Intake: feeds become pings that wait in their windows, and a receipt says what was taken and what was dropped."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from hereabouts.engines.local import in_order
from hereabouts.errors import BadInputError, MachineError, UsageError
from hereabouts.feeds.checks import CheckedPings, Gate, check
from hereabouts.feeds.identifiers import pseudonyms
from hereabouts.feeds.profile import CANONICAL, Profile
from hereabouts.feeds.readers import Feed, feed_files, open_feed
from hereabouts.rules.suppliers import Supplier, require_in_force
from hereabouts.state import reading, writing
from hereabouts.state.tables import Intake, WindowRow
from hereabouts.store.keys import PINGS, PSEUDONYMS
from hereabouts.store.open_window import Pings, PingWriter, split_by_bucket
from hereabouts.store.store import Store
from hereabouts.windows import Window

Progress = Callable[[str, int, float], None]
PROFILES = {CANONICAL.name: CANONICAL}


@dataclass(frozen=True)
class Receipt:
    """What one intake took and dropped. Confidential.

    Attributes
    ----------
    feed
        Name of the feed's file.
    digest
        SHA-256 of its content.
    again
        The feed had been taken in before; nothing was done.
    rows, taken
        Rows read, and pings that now wait in a window (duplicates are removed when it is sealed).
    dropped
        Rows left out, by reason.
    windows
        Pings taken, by window.
    """

    feed: str
    digest: str
    supplier: str
    profile: str
    again: bool
    rows: int
    taken: int
    dropped: dict[str, int]
    windows: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """As JSON-like values."""
        return dict(vars(self))


def intake(
    feeds: Sequence[Path],
    store: Path,
    supplier: str,
    profile: str = CANONICAL.name,
    progress: Progress | None = None,
) -> list[Receipt]:
    """Take feeds into a store.

    Every file is looked at before the first is taken, so that a wrong one leaves the store as it was; each file
    is then taken whole or not at all, and a file that was taken before is not taken again.

    Parameters
    ----------
    feeds
        Files, or folders of files.
    store
        The store's folder.
    supplier
        Id of an admitted supplier.
    profile
        Name of the profile that says what the columns mean.
    progress
        Told the file, how many of its rows have been read, and what share of it that is.

    Returns
    -------
    list of Receipt
        One for each file.

    Raises
    ------
    BadInputError
        When a file cannot be read.
    RefusedError
        When the supplier is not in force.
    UsageError
        When the profile is not known or there is no store.
    """
    target = Store(store)
    if profile not in PROFILES:
        raise UsageError(f"got profile '{profile}', this version knows {', '.join(sorted(PROFILES))}")
    admitted = require_in_force(target.state, supplier, dt.datetime.now(dt.UTC).date())
    opened = [open_feed(file, PROFILES[profile]) for feed in feeds for file in feed_files(feed)]
    with target.locked():
        return [_take(target, feed, admitted, PROFILES[profile], progress or _silent) for feed in opened]


def _take(store: Store, feed: Feed, supplier: Supplier, profile: Profile, progress: Progress) -> Receipt:
    digest = _digest(feed.source.path)
    facts = {
        "feed": feed.source.path.name,
        "digest": digest,
        "supplier": supplier.id,
        "profile": profile.name,
    }
    with reading(store.state) as session:
        if session.query(Intake.id).filter_by(feed_digest=digest).first():
            return Receipt(**facts, again=True, rows=0, taken=0, dropped={}, windows={})
    now = int(time.time())
    with writing(store.state) as session:
        row = Intake(feed_digest=digest, supplier=supplier.id, profile=profile.name, started=now)
        session.add(row)
        session.flush()
        number = row.id
    writer = PingWriter(store.open_folder, str(number))
    gate = Gate(store.facts.max_accuracy, now, supplier.all_consented)
    sorter = _Sorter(store, now + 2 * 86_400)
    rows, dropped, windows = 0, Counter[str](), Counter[str]()
    try:
        batches = _with_consent(feed, supplier)
        for sorted_batch in in_order(lambda batch: sorter.sort(check(batch, profile, gate)), batches):
            rows += sorted_batch.rows
            dropped.update(sorted_batch.dropped)
            for window, buckets in sorted_batch.windows:
                writer.add(window.folder, store.keys.get(window.folder, PINGS), buckets)
                windows[window.name] += sum(len(pings) for _, pings in buckets)
            progress(feed.source.path.name, rows, feed.progress)
        writer.commit()
    except BaseException as error:
        writer.discard()
        if isinstance(error, OSError):
            raise MachineError(f"cannot write pings of {feed.source.path}: {error.strerror or error}") from error
        raise
    receipt = Receipt(
        **facts,
        again=False,
        rows=rows,
        taken=windows.total(),
        dropped={reason: count for reason, count in dropped.items() if count},
        windows=dict(windows),
    )
    with writing(store.state) as session:
        session.get_one(Intake, number).committed = int(time.time())
        session.get_one(Intake, number).receipt = receipt.to_json()
        for name in windows:
            if session.get(WindowRow, name) is None:
                window = store.calendar.named(name)
                session.add(WindowRow(name=name, start=window.start, end=window.end, status="open"))
    return receipt


@dataclass(frozen=True)
class _SortedBatch:
    rows: int
    dropped: Counter[str]
    windows: list[tuple[Window, list[tuple[int, Pings]]]]


class _Sorter:
    """Sends accepted rows to their windows, under the pseudonyms of each, and counts those that come too late."""

    def __init__(self, store: Store, until: int) -> None:
        self._store = store
        self._first, self._starts = store.calendar.starts(until)
        self._sealed = {known.window for known in store.windows() if known.status == "sealed"}

    def sort(self, checked: CheckedPings) -> _SortedBatch:
        dropped = Counter(checked.counts)
        place = np.searchsorted(self._starts, checked.time, side="right") - 1
        found = []
        for number in np.unique(place):
            window = self._store.calendar.window(self._first + int(number))
            rows = np.flatnonzero(place == number)
            if window in self._sealed:
                dropped["late"] += rows.size
                continue
            whole = rows.size == place.size
            ids = checked.device if whole else checked.device.take(pa.array(rows))
            key = self._store.keys.get(window.folder, PSEUDONYMS)
            pings = Pings(pseudonyms(ids, key), checked.time[rows], checked.latitude[rows], checked.longitude[rows])
            found.append((window, split_by_bucket(pings)))
        return _SortedBatch(checked.rows, dropped, found)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise MachineError(f"cannot read {path}: {error.strerror}") from None


def _with_consent(feed: Feed, supplier: Supplier) -> Iterator[pa.RecordBatch]:
    """The feed's batches, if consent can be told from its columns or from the supplier's record.

    JSON Lines have no columns: there each row that lacks it is dropped by itself.
    """
    columns = feed.source.format != "jsonl"
    for batch in feed.batches():
        if columns and not supplier.all_consented and feed.profile.consent not in batch.schema.names:
            raise BadInputError(
                feed.source.path,
                f"has no column '{feed.profile.consent}', and supplier '{supplier.id}' has no consent record for all "
                "its devices: add the column, or admit the supplier with --all-consented and evidence of why",
            )
        yield batch


def _silent(feed: str, rows: int, share: float) -> None:
    """Show no progress."""
