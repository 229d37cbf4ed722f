"""What a store no longer has by its retention schedule (RETAIN): keys and tables of windows that ended long ago.

Up to which instants is registered before anything is destroyed, and says nothing of who was there: it follows from the
schedule and the clock alone. What a crash left undone is done by the next command, before all else.
"""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

from hereabouts.errors import UsageError
from hereabouts.log.entries import append, to_document
from hereabouts.objects import AnyPath
from hereabouts.state import reading, writing
from hereabouts.state.tables import RetentionRun
from hereabouts.store.blobs import folders_in, remove_tree
from hereabouts.store.files import sync_folder
from hereabouts.store.keys import Keys
from hereabouts.windows import Calendar


class RetentionRegister:
    """The retention runs of one store.

    Parameters
    ----------
    sealed
        Where the tables of sealed windows lie.
    state, keys, calendar
        The store's.
    """

    def __init__(self, sealed: AnyPath, state: Engine, keys: Keys, calendar: Calendar) -> None:
        self._sealed = sealed
        self._state = state
        self._keys = keys
        self._calendar = calendar

    def keys_until(self) -> int:
        """The UTC second up to which windows have no pseudonym key any more, with pings or without; 0 at first."""
        return self._latest()[0]

    def tables_until(self) -> int:
        """The UTC second up to which windows have no tables any more, with pings or without; 0 at first."""
        return self._latest()[1]

    def register(self, schedule_digest: str, keys_until: int, tables_until: int, receipt: dict[str, Any]) -> int:
        """Register a run, by which the windows that ended by these instants lose keys and tables; give its number."""
        with writing(self._state) as session:
            row = RetentionRun(
                ran=int(time.time()),
                schedule_digest=schedule_digest,
                keys_until=keys_until,
                tables_until=tables_until,
                receipt=receipt,
            )
            session.add(row)
            session.flush()
            facts = {
                "schedule": schedule_digest,
                "keys_until": _instant(keys_until),
                "tables_until": _instant(tables_until) if tables_until else None,
            }
            append(session, "retain", facts, document=to_document(receipt))
            return row.id

    def enforce(self) -> None:
        """Destroy what is past its time and still there; done again, it finds nothing."""
        keys_until, tables_until = self._latest()
        # By the keys and folders that are there, not by the windows that are known: a crash may have left some more.
        for window, use in self._keys.of_windows():
            if self._end(window) <= keys_until:
                self._keys.destroy(window, use)
        if tables_until:
            for folder in folders_in(self._sealed):
                if self._end(folder.name) <= tables_until:
                    remove_tree(folder)
                    if isinstance(self._sealed, Path):
                        sync_folder(self._sealed)

    def _latest(self) -> tuple[int, int]:
        # A schedule that was made longer since brings nothing back: the highest instants count.
        query = select(func.max(RetentionRun.keys_until), func.max(RetentionRun.tables_until))
        with reading(self._state) as session:
            keys_until, tables_until = session.execute(query).one()
        return keys_until or 0, tables_until or 0

    def _end(self, folder: str) -> float:
        """The UTC second at which the window of a folder ends; never, where the name is not a window's."""
        try:
            return self._calendar.named(folder.replace("_", "/")).end
        except UsageError:
            return math.inf


def _instant(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()
