"""Seal: windows that are over become presence, stays and trips, and their pings are deleted."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hereabouts.acts.purge import bring_up_to_date
from hereabouts.acts.record import acting, log
from hereabouts.engines.choice import chosen, window_sealer
from hereabouts.errors import UsageError
from hereabouts.store.store import Store
from hereabouts.windows import Window, local_midnight

Progress = Callable[[Window, int, int], None]


@dataclass(frozen=True)
class Sealed:
    """One window that was sealed; the counts are exact, and confidential."""

    window: str
    pings: int
    device_hours: int
    trips: int


def seal(
    store: Path,
    everything: bool = False,
    until: dt.date | None = None,
    progress: Progress | None = None,
    engine: str = "local",
    master: str | None = None,
) -> list[Sealed]:
    """Seal the windows of a store that are over.

    A store is sealed up to an instant, the end of its last sealed window: later rows for any window before it are
    refused, whether or not somebody was in that window. With `until` that instant is the operator's word alone;
    without it, it follows the last window that is over and has pings.

    Windows are first brought up to date with the list of sensitive places and with withdrawals. Cut off, a seal goes
    on where it was; what another intake brings meanwhile begins it anew.

    Parameters
    ----------
    store
        The store's folder.
    everything
        Seal windows that are not over too; rows that come for them later will be refused.
    until
        Seal the windows that end by the beginning of this local day, and no others.
    progress
        Told the window, and how many of its buckets are done.
    engine, master
        Who has the work done: see :func:`hereabouts.engines.choice.chosen`.

    Returns
    -------
    list of Sealed
        One for each window that has pings, in order.

    Raises
    ------
    UsageError
        When `until` is not over yet, or goes with `everything`, or the engine is none.
    """
    report = progress or _silent
    done = []
    with acting(store, "seal") as target, chosen(engine, master) as cluster, target.locked():
        seal_window = window_sealer(cluster)
        limit = _limit(target, everything, until)
        said = {"until": None if until is None else str(until), "everything": everything}
        bring_up_to_date(target)
        log(target, "seal", said, "begun")
        for known in target.windows():
            window = known.window
            if known.status == "sealed" or window.end > limit:
                continue
            counts = seal_window(target, window, partial(report, window))
            target.mark_sealed(window, counts)
            target.forget_pings(window)
            done.append(Sealed(window.name, **counts))
        if until is not None:
            calendar = target.calendar
            target.mark_empty(calendar.window(calendar.number(calendar.at(int(limit))) - 1))
        log(target, "seal", said, document=[vars(window) for window in done])
    return done


def _limit(store: Store, everything: bool, until: dt.date | None) -> float:
    """The UTC second by which a window must have ended to be sealed now."""
    if until is None:
        return float("inf") if everything else time.time()
    limit = local_midnight(until, store.facts.timezone)
    if everything or limit > time.time():
        raise UsageError(f"got until {until}: expected a day that has begun, and no --all beside it")
    return limit


def _silent(window: Window, done: int, of: int) -> None:
    """Show no progress."""
