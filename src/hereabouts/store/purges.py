"""What the state says of purges: from when to when one is under way, and which lists a window has been purged by."""

from __future__ import annotations

from sqlalchemy import Engine

from hereabouts.rules.fewest import FEWEST
from hereabouts.state import reading, writing
from hereabouts.state.tables import WindowRow, Withdrawal
from hereabouts.store.sealed import PRESENCE, TRIPS
from hereabouts.store.store import new_data_version

Rows = dict[str, int]
"""Rows by table: of an open window ``pings``, of a sealed one those of :data:`hereabouts.store.sealed.TABLES`."""


def held_before(engine: Engine, window: str) -> Rows | None:
    """What a window held when the purge that was cut off began; ``None`` where none was."""
    with reading(engine) as session:
        return session.get_one(WindowRow, window).before


def begin(engine: Engine, window: str, held: Rows) -> None:
    """Register what a window holds, before the first row goes: so that a resumed purge knows what it has removed."""
    with writing(engine) as session:
        session.get_one(WindowRow, window).before = held


def passed_over(engine: Engine, window: str, *, places: int | None = None, withdrawal: int | None = None) -> None:
    """Register that a list can touch nothing of a window, whose data stay as they are."""
    with writing(engine) as session:
        _set_versions(session.get_one(WindowRow, window), places, withdrawal)


def finish(
    engine: Engine, window: str, held: Rows, *, places: int | None = None, withdrawal: int | None = None, proof: int = 0
) -> None:
    """Register in one step that a window is purged, of what, and that its data are others now.

    Parameters
    ----------
    window
        Its name.
    held
        What it holds now.
    places, withdrawal
        Version of the list of places, or of the withdrawal, that it was purged by.
    proof
        How many files were read again and held nothing of a withdrawn device.
    """
    with writing(engine) as session:
        row = session.get_one(WindowRow, window)
        if withdrawal is not None:
            log = session.get_one(Withdrawal, withdrawal)
            before = row.before or held
            removed = {table: before[table] - left for table, left in held.items()}
            told = {"files_read_again": proof, "found_again": 0}
            # Rows by window of a few devices would say where one of them was, and when.
            if log.receipt["distinct"] >= FEWEST:
                told |= removed
            log.receipt = log.receipt | {"windows": log.receipt["windows"] | {window: told}}
        if row.status == "sealed":
            row.counts = (row.counts or {}) | {"device_hours": held[PRESENCE], "trips": held[TRIPS]}
            # Whether or not a row went: were the data of some windows called new and those of others not, the
            # releases that became stale would tell in which windows a withdrawn device, or anyone at a place, was.
            row.data_version = new_data_version()
        row.before = None
        _set_versions(row, places, withdrawal)


def _set_versions(row: WindowRow, places: int | None, withdrawal: int | None) -> None:
    if places is not None:
        row.places_version = places
    if withdrawal is not None:
        row.withdrawals_version = withdrawal
