"""Purge: windows that are behind the list of sensitive places, or a withdrawal, are brought up to date (SL-PURGE).

Every act that adds to a store's data, or lets something out of them, begins with this, under the store's lock. So what
was promised when a place was added, or consent withdrawn, is done before anything else, whatever stopped it before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from hereabouts.log.entries import append, is_logged
from hereabouts.state import writing
from hereabouts.store import purges
from hereabouts.store.keys import PSEUDONYMS
from hereabouts.store.store import Store, WindowState
from hereabouts.windows import Window

Progress = Callable[[Window, int, int], None]


@dataclass(frozen=True)
class Purged:
    """One window that was purged, and the rows that went, by table: exact, and confidential."""

    window: str
    removed: dict[str, int]


def bring_up_to_date(store: Store, progress: Progress | None = None) -> list[Purged]:
    """Purge the windows that are behind, and finish a withdrawal that was cut off; at once where there are none.

    Parameters
    ----------
    store
        The store, locked.
    progress
        Told the window, and how many of its files are done.

    Returns
    -------
    list of Purged
        One for each window in which something was looked for, in order; first by withdrawal, then by places.

    Raises
    ------
    MachineError
        When a list, a key or a file that is needed is missing or damaged.
    VerificationError
        When something of a withdrawn device is still there after its removal.
    """
    report = progress or _silent
    done = []
    # Withdrawals first: the rows that one removed are counted from when it began, to its end.
    for withdrawal in store.withdrawals.unfinished():
        done += _by_withdrawal(store, withdrawal.version, report)
        store.withdrawals.finish(withdrawal.version)
    newest = store.place_register.newest()
    if newest is not None:
        done += _by_places(store, newest.version, report)
        _log_purge(store, newest.version)
    return done


def _log_purge(store: Store, version: int) -> None:
    """Log, once, that no window is behind a list; whether there was one to purge is not said."""
    subject = f"purge:places:{version}"
    if not is_logged(store.state, subject):
        with writing(store.state) as session:
            append(session, "purge", {"by": "places", "version": version}, subject=subject)


def _by_places(store: Store, version: int, report: Progress) -> list[Purged]:
    behind = [known for known in store.windows() if known.places_version < version]
    if not behind:
        return []
    # Imported here: geometry takes long to load, and most commands find nothing to do.
    from hereabouts.engines import purge  # noqa: PLC0415

    _, places = store.places()
    purging = purge.Purge(store, places)
    tables_until = store.retention.tables_until()
    done = []
    for known in behind:
        window, sealed = known.window, known.status == "sealed"
        if sealed and window.end <= tables_until:
            purges.passed_over(store.state, window.name, places=version)
            continue
        before = _begin(store, known)
        if sealed:
            purging.sealed_window(window, partial(report, window))
        else:
            purging.open_window(window)
        done.append(_finish(store, known, before, places=version))
    return done


def _by_withdrawal(store: Store, version: int, report: Progress) -> list[Purged]:
    from hereabouts.engines import purge  # noqa: PLC0415 - see above

    purging = purge.Purge(store)
    done = []
    for known in store.windows():
        if known.withdrawals_version >= version:
            continue
        window, sealed = known.window, known.status == "sealed"
        if not is_reachable(store, window):
            purges.passed_over(store.state, window.name, withdrawal=version)
            continue
        devices = store.withdrawals.pending(version, window.folder)
        before = _begin(store, known)
        if sealed:
            purging.sealed_window(window, partial(report, window), devices)
        else:
            purging.open_window(window, devices)
        read = purge.prove_removed(store, window, sealed, devices)
        done.append(_finish(store, known, before, withdrawal=version, proof=read))
    return done


def is_reachable(store: Store, window: Window) -> bool:
    """Whether a withdrawal changes a window's data: its names have not been forgotten by the schedule.

    By the clock alone, not by whether there is a key: a window that nobody was in has none, and must not be told from
    others by which releases became stale.
    """
    return window.end > max(store.retention.keys_until(), store.retention.tables_until())


def has_names(store: Store, window: Window) -> bool:
    """Whether a device's pseudonym in a window can be told from its id."""
    return is_reachable(store, window) and store.keys.has(window.folder, PSEUDONYMS)


def _begin(store: Store, known: WindowState) -> dict[str, int]:
    from hereabouts.engines.purge import held  # noqa: PLC0415 - see above

    before = purges.held_before(store.state, known.window.name)
    if before is None:
        before = held(store, known.window, known.status == "sealed")
        if known.status == "sealed":  # what is lost must not come to be counted as removed
            from hereabouts.store.rewrite import require_registered  # noqa: PLC0415 - see above

            require_registered(store.sealed_folder(known.window), before, known.counts or {})
        purges.begin(store.state, known.window.name, before)
    return before


def _finish(store: Store, known: WindowState, before: dict[str, int], **versions: int) -> Purged:
    from hereabouts.engines.purge import held  # noqa: PLC0415 - see above

    after = held(store, known.window, known.status == "sealed")
    purges.finish(store.state, known.window.name, after, **versions)
    return Purged(known.window.name, {table: before[table] - left for table, left in after.items()})


def _silent(window: Window, done: int, of: int) -> None:
    """Show no progress."""
