"""Retain: the store's retention schedule is kept to (RETAIN).

Windows that were over for long and never sealed are sealed, so that precise positions go; pseudonym keys past their
time are destroyed, after which no two of these windows can be joined by an identifier; and so are tables, where the
schedule ends them. Which windows that concerns follows from the schedule and the clock, not from who was in them.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from hereabouts.acts.purge import bring_up_to_date
from hereabouts.acts.record import acting
from hereabouts.acts.seal import Sealed, seal
from hereabouts.rules.policy import Retention
from hereabouts.store.keys import PSEUDONYMS
from hereabouts.store.store import Store
from hereabouts.windows import Window

Progress = Callable[[Window, int, int], None]
_DAY = 86_400


@dataclass(frozen=True)
class Schedule:
    """The public retention schedule of a store: how many days after a window's end each thing ends.

    Attributes
    ----------
    pseudonym_key_days, open_days, sealed_days
        As in the policy; of the last, 0 means that tables are kept.
    digest
        SHA-256 of the schedule, by which runs of it can be told.
    """

    pseudonym_key_days: int
    open_days: int
    sealed_days: int
    digest: str


@dataclass(frozen=True)
class Retained:
    """What one run did; confidential, as it names windows that somebody was in.

    Attributes
    ----------
    run
        Its number.
    schedule
        What it went by.
    keys_until, tables_until
        Instants (ISO 8601) up to which windows now have no pseudonym key, and no tables; ``None`` where tables are
        kept.
    sealed
        Windows that were sealed because they were overdue.
    keys_destroyed, tables_deleted
        Windows that had them until now.
    """

    run: int
    schedule: Schedule
    keys_until: str
    tables_until: str | None
    sealed: list[Sealed]
    keys_destroyed: list[str]
    tables_deleted: list[str]


def retention_schedule(store: Path) -> Schedule:
    """The schedule of a store; nothing is done.

    Parameters
    ----------
    store
        The store's folder.
    """
    return _schedule(Store(store).policy.retention)


def retain(store: Path, progress: Progress | None = None) -> Retained:
    """Keep to the retention schedule: seal, destroy and delete what is past its time, and file what was done.

    Cut off at any moment, what it had decided is done by the next command, and the rest by the next run.

    Parameters
    ----------
    store
        The store's folder.
    progress
        Told which window is being sealed, and how many of its buckets are done.

    Raises
    ------
    MachineError
        When pings or keys are missing or damaged.
    """
    with acting(store, "retain") as target:
        return _retain(target, store, progress)


def _retain(target: Store, store: Path, progress: Progress | None) -> Retained:
    days, now = target.policy.retention, int(time.time())
    overdue = dt.datetime.fromtimestamp(now - days.open_days * _DAY, ZoneInfo(target.facts.timezone)).date()
    sealed = seal(store, until=overdue, progress=progress)
    keys_until = now - days.pseudonym_key_days * _DAY
    tables_until = now - days.sealed_days * _DAY if days.sealed_days else 0
    with target.locked():
        bring_up_to_date(target)
        keys, tables = _due(target, keys_until, tables_until)
        told = {"sealed": [window.window for window in sealed], "keys_destroyed": keys, "tables_deleted": tables}
        run = target.retention.register(days.digest, keys_until, tables_until, told)
        target.retention.enforce()
    ends = _instant(tables_until) if tables_until else None
    return Retained(run, _schedule(days), _instant(keys_until), ends, sealed, keys, tables)


def _due(store: Store, keys_until: int, tables_until: int) -> tuple[list[str], list[str]]:
    """Windows that still have a pseudonym key, or tables, and are to lose them."""
    windows = [known.window for known in store.windows()]
    keys = [w.name for w in windows if w.end <= keys_until and store.keys.has(w.folder, PSEUDONYMS)]
    tables = [w.name for w in windows if w.end <= tables_until and store.sealed_folder(w).exists()]
    return keys, tables


def _schedule(days: Retention) -> Schedule:
    return Schedule(days.pseudonym_key_days, days.open_days, days.sealed_days, days.digest)


def _instant(second: int) -> str:
    return dt.datetime.fromtimestamp(second, dt.UTC).isoformat()
