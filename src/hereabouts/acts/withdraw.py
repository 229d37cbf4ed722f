"""Withdraw: devices whose consent was withdrawn are removed, and kept out from then on (WITHDRAW, DELETE, DROP-SYNC).

From the ids come keyed names alone: a token each, by which intake knows them again, and a pseudonym for each window
that can still be reached, by which they are removed. The ids themselves are written nowhere.

A receipt on a few devices would tell where these persons were, and outlive what it tells of: what was found of fewer
than FEWEST devices is not told, only that it is gone.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hereabouts.acts.purge import Progress, bring_up_to_date, has_names
from hereabouts.acts.record import acting
from hereabouts.errors import MachineError, UsageError
from hereabouts.feeds.ids.id_list import IdList, read_ids
from hereabouts.feeds.ids.identifiers import pseudonyms
from hereabouts.rules.fewest import FEWEST
from hereabouts.state.tables import Withdrawal
from hereabouts.store.keys import PSEUDONYMS
from hereabouts.store.store import Store, WindowState
from hereabouts.store.suppression import distinct

_PROOF = ("files_read_again", "found_again")


@dataclass(frozen=True)
class WithdrawalReceipt:
    """What one withdrawal did. Confidential; it holds no id, and nothing made of one.

    Attributes
    ----------
    version
        Its number.
    source
        Who handed the ids in, in the operator's words.
    requested, finished
        When it was asked for; when all was removed (``None`` while that is under way).
    latency_days
        Days from the one to the other.
    given, invalid, distinct, again
        Lines with something in them, those of them without a usable id, devices, and how many of the devices had been
        withdrawn before.
    found_nowhere
        How many of the devices had no row in any window that could be searched, when the search began; many are a
        sign that the list names others than it should. ``None`` where it is not told: of fewer than
        FEWEST devices, or where a file could not be read.
    windows
        For each window that was searched the rows that went, by table (not told of fewer than
        FEWEST devices), how many files were read again after that, and how many rows of these devices
        were found then: none.
    unreachable
        Windows with rows in which the devices cannot be found, as the window's pseudonym key is gone.
    last_import
        When the last list of the same source was done with.
    """

    version: int
    source: str
    requested: dt.date
    finished: str | None
    latency_days: int | None
    given: int
    invalid: int
    distinct: int
    again: int
    found_nowhere: int | None
    windows: dict[str, dict[str, int]]
    unreachable: list[str]
    last_import: str | None
    confidential: bool = True


def withdraw(
    store: Path,
    ids: Path,
    requested: dt.date | None = None,
    source: str = "",
    progress: Progress | None = None,
) -> WithdrawalReceipt:
    """Remove devices from a store's windows, and keep them out from then on.

    Cut off at any moment, it is finished by the next command. Ids that were withdrawn before are fine.

    Parameters
    ----------
    store
        The store's folder.
    ids
        A file with an id a line, in any spelling that a feed may give it.
    requested
        Day on which it was asked for, today by default.
    source
        Who handed the ids in, for the receipt: never an id or a name of one of the persons.
    progress
        Told the window, and how many of its files are done.

    Raises
    ------
    BadInputError
        When the file cannot be read, is no list of ids, or holds none.
    UsageError
        When the day is yet to come.
    MachineError
        When a key or a file that is needed is missing.
    VerificationError
        When something of the devices is found after their removal.
    """
    today = dt.datetime.now(dt.UTC).date()
    if requested is not None and requested > today:
        raise UsageError(f"got requested {requested}, expected a day that has begun (today is {today})")
    found = read_ids(ids)
    with acting(store, "withdraw") as target, target.locked():
        bring_up_to_date(target, progress)
        version = _begin(target, found, requested or today, source)
        bring_up_to_date(target, progress)
        return _receipt(target.withdrawals.get(version))


def list_withdrawals(store: Path) -> list[WithdrawalReceipt]:
    """The receipts that are filed in a store, oldest first.

    Parameters
    ----------
    store
        The store's folder.
    """
    return [_receipt(row) for row in Store(store).withdrawals.all()]


def _begin(store: Store, found: IdList, requested: dt.date, source: str) -> int:
    tokens = distinct(pseudonyms(found.ids, store.withdrawals.key()))
    windows = store.windows()
    searched = [known for known in windows if has_names(store, known.window)]
    reached = [known.window.folder for known in searched]
    last = store.withdrawals.last_finished(source)
    facts = {
        "given": found.given,
        "invalid": found.invalid,
        "distinct": len(tokens),
        "again": int(store.suppressed().among(tokens).sum()),
        "found_nowhere": None if _is_few(len(tokens)) else _found_nowhere(store, found, searched),
        "unreachable": [k.window.name for k in windows if _was_used(k) and k.window.folder not in reached],
        "last_import": None if last is None else _instant(last),
    }
    # One window after the other: the pseudonyms of all of them need not be in memory at once.
    names = ((folder, distinct(pseudonyms(found.ids, store.keys.get(folder, PSEUDONYMS)))) for folder in reached)
    return store.withdrawals.begin(tokens, names, requested, source, facts)


def _found_nowhere(store: Store, found: IdList, searched: list[WindowState]) -> int | None:
    """How many devices have no row in any of these windows; ``None`` where one of them cannot be read."""
    # Imported here: most commands look for nobody.
    from hereabouts.engines.seek import found_in  # noqa: PLC0415

    tokens = pseudonyms(found.ids, store.withdrawals.key())
    met = np.zeros(len(tokens), np.bool_)
    try:
        for known in searched:
            names = pseudonyms(found.ids, store.keys.get(known.window.folder, PSEUDONYMS))
            met |= found_in(store, known.window, known.status == "sealed", names)
    except MachineError:
        return None  # the removal fails by this in turn; but the devices are to be kept out before that
    # Of one device in two spellings each line is met or none is.
    return len(distinct(tokens[~met]))


def _is_few(devices: int) -> bool:
    return devices < FEWEST


def _told(row: Withdrawal) -> dict[str, dict[str, int]]:
    """What a receipt says by window."""
    windows: dict[str, dict[str, int]] = row.receipt["windows"]
    if not _is_few(row.receipt["distinct"]):
        return windows
    return {window: {name: rows[name] for name in _PROOF} for window, rows in windows.items()}


def _was_used(known: WindowState) -> bool:
    return known.counts is None or any(known.counts.values())


def _receipt(row: Withdrawal) -> WithdrawalReceipt:
    told: dict[str, Any] = {name: value for name, value in row.receipt.items() if name != "reached"}
    told |= {"windows": _told(row), "found_nowhere": told.get("found_nowhere")}
    finished = None if row.finished is None else dt.datetime.fromtimestamp(row.finished, dt.UTC)
    return WithdrawalReceipt(
        version=row.version,
        source=row.source,
        requested=row.requested,
        finished=None if row.finished is None else _instant(row.finished),
        latency_days=None if finished is None else (finished.date() - row.requested).days,
        **told,
    )


def _instant(second: int) -> str:
    return dt.datetime.fromtimestamp(second, dt.UTC).isoformat()
