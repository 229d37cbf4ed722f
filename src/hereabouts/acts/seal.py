"""Seal: windows that are over become presence, stays and trips, and their pings are deleted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hereabouts.engines.local import seal_window
from hereabouts.store.store import Store
from hereabouts.windows import Window

Progress = Callable[[Window, int, int], None]


@dataclass(frozen=True)
class Sealed:
    """One window that was sealed; the counts are exact, and confidential."""

    window: str
    pings: int
    device_hours: int
    trips: int


def seal(store: Path, everything: bool = False, progress: Progress | None = None) -> list[Sealed]:
    """Seal the windows of a store that are over.

    Parameters
    ----------
    store
        The store's folder.
    everything
        Seal windows that are not over too; rows that come for them later will be refused.
    progress
        Told the window, and how many of its buckets are done.

    Returns
    -------
    list of Sealed
        One for each window, in order.
    """
    target = Store(store)
    report = progress or _silent
    done = []
    with target.locked():
        for known in target.windows():
            window = known.window
            if known.status == "sealed" or (window.end > time.time() and not everything):
                continue
            counts = seal_window(target, window, partial(report, window))
            target.mark_sealed(window, counts)
            target.forget_pings(window)
            done.append(Sealed(window.name, **counts))
    return done


def _silent(window: Window, done: int, of: int) -> None:
    """Show no progress."""
