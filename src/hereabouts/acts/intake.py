"""Intake: feeds become pings that wait in their windows, and a receipt says what was taken and what was dropped."""

from __future__ import annotations

import contextlib
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
from hereabouts.state import writing
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
    """Take feeds into a store: all of them or, where one cannot be, none. What was taken before is passed over.

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
        taking = _Taking(target, admitted, PROFILES[profile], progress or _silent)
        try:
            receipts = [taking.take(feed) for feed in opened]
        except BaseException:
            taking.discard()
            raise
        taking.register()
    return receipts


class _Taking:
    """Takes feeds one after another; their pings count when all of them are registered at once, at the end."""

    def __init__(self, store: Store, supplier: Supplier, profile: Profile, progress: Progress) -> None:
        self._store = store
        self._supplier = supplier
        self._profile = profile
        self._progress = progress
        known = store.intakes()
        self._digests = set(known.values())
        self._next = max(known, default=0) + 1
        self._rows: list[Intake] = []
        self._writers: list[PingWriter] = []
        self._windows: set[str] = set()
        self._now = int(time.time())
        self._gate = Gate(store.facts.max_accuracy, self._now, supplier.all_consented)
        self._sorter = _Sorter(store, self._now + 2 * 86_400)

    def take(self, feed: Feed) -> Receipt:
        """Write a feed's pings into the buckets of their windows, unless it was taken before."""
        started = int(time.time())
        digest = _digest(feed.source.path)
        facts = {
            "feed": feed.source.path.name,
            "digest": digest,
            "supplier": self._supplier.id,
            "profile": self._profile.name,
        }
        if digest in self._digests:
            return Receipt(**facts, again=True, rows=0, taken=0, dropped={}, windows={})
        self._digests.add(digest)
        number = self._next + len(self._rows)
        writer = PingWriter(self._store.open_folder, str(number))
        self._writers.append(writer)
        rows, dropped, windows = 0, Counter[str](), Counter[str]()
        with contextlib.closing(in_order(self._sorted, _with_consent(feed, self._supplier))) as batches:
            for batch in batches:
                rows += batch.rows
                dropped.update(batch.dropped)
                for window, key, buckets in batch.windows:
                    writer.add(window.folder, key, buckets)
                    windows[window.name] += sum(len(pings) for _, pings in buckets)
                self._progress(feed.source.path.name, rows, feed.progress)
        writer.commit()
        receipt = Receipt(
            **facts,
            again=False,
            rows=rows,
            taken=windows.total(),
            dropped={reason: count for reason, count in dropped.items() if count},
            windows=dict(windows),
        )
        self._windows |= windows.keys()
        self._rows.append(
            Intake(
                id=number,
                feed_digest=digest,
                supplier=self._supplier.id,
                profile=self._profile.name,
                started=started,
                receipt=receipt.to_json(),
            )
        )
        return receipt

    def register(self) -> None:
        """Make what was taken count: all of it, in one transaction."""
        with writing(self._store.state) as session:
            for row in self._rows:
                row.committed = int(time.time())
                session.add(row)
            for name in sorted(self._windows):
                if session.get(WindowRow, name) is None:
                    window = self._store.calendar.named(name)
                    session.add(WindowRow(name=name, start=window.start, end=window.end, status="open"))

    def discard(self) -> None:
        """Take back what was written; once it may be registered, that is for the store to do, which looks."""
        for writer in self._writers:
            writer.discard()

    def _sorted(self, batch: pa.RecordBatch) -> _SortedBatch:
        return self._sorter.sort(check(batch, self._profile, self._gate))


@dataclass(frozen=True, repr=False)
class _SortedBatch:
    rows: int
    dropped: Counter[str]
    windows: list[tuple[Window, bytes, list[tuple[int, Pings]]]]
    """Each with the key that encrypts its pings."""


class _Sorter:
    """Sends accepted rows to their windows, under the pseudonyms of each, and counts those that come too late."""

    def __init__(self, store: Store, until: int) -> None:
        self._store = store
        self._first, self._starts = store.calendar.starts(until)
        self._sealed_until = store.sealed_until()
        self._known = {known.window for known in store.windows()}
        self._keys = store.keys  # one object for all threads: it is what keeps two from making one key each

    def sort(self, checked: CheckedPings) -> _SortedBatch:
        dropped = Counter(checked.counts)
        place = np.searchsorted(self._starts, checked.time, side="right") - 1
        found = []
        for number in np.unique(place):
            window = self._store.calendar.window(self._first + int(number))
            rows = np.flatnonzero(place == number)
            if window.end <= self._sealed_until:
                dropped["late"] += rows.size
                continue
            whole = rows.size == place.size
            ids = checked.device if whole else checked.device.take(pa.array(rows))
            # A window that has pings has its keys too: a second one would make two devices of one.
            key = self._keys.get if window in self._known else self._keys.get_or_make
            names = pseudonyms(ids, key(window.folder, PSEUDONYMS))
            pings = Pings(names, checked.time[rows], checked.latitude[rows], checked.longitude[rows])
            found.append((window, key(window.folder, PINGS), split_by_bucket(pings)))
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
