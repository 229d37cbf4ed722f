"""What the state says of purges: what was held before, and in one step what is held now, of data that are others."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hereabouts.state import open_state, reading, sqlite_url, writing
from hereabouts.state.tables import WindowRow, Withdrawal
from hereabouts.store import purges

SEALED, OPEN = "2024-03-04/2024-03-11", "2024-03-11/2024-03-18"
HELD = {"presence": 10, "stays": 5, "trips": 4}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_state(sqlite_url(tmp_path / "state.sqlite"), create=True)
    with writing(engine) as session:
        session.add_all(
            [
                WindowRow(
                    name=SEALED,
                    start=0,
                    end=1,
                    status="sealed",
                    data_version="old",
                    counts={"pings": 99, "device_hours": 10, "trips": 4},
                ),
                WindowRow(name=OPEN, start=1, end=2, status="open"),
            ]
        )
        session.flush()
        session.add(
            Withdrawal(
                version=1,
                requested=dt.date(2026, 1, 1),
                source="",
                digest="00",
                begun=0,
                receipt={"distinct": 20, "windows": {}},
            )
        )
    return engine


def row(engine: Engine, window: str) -> WindowRow:
    with reading(engine) as session:
        return session.get_one(WindowRow, window)


def removed(engine: Engine) -> dict[str, dict[str, int]]:
    with reading(engine) as session:
        found: dict[str, dict[str, int]] = session.get_one(Withdrawal, 1).receipt["windows"]
    return found


def test_few_devices_are_filed_without_their_rows(engine: Engine) -> None:
    """DELETE: what went of whom, and when, is not for a receipt that is about a handful of people."""
    with writing(engine) as session:
        session.get_one(Withdrawal, 1).receipt = {"distinct": 19, "windows": {}}
    purges.begin(engine, SEALED, HELD)
    purges.finish(engine, SEALED, {"presence": 7, "stays": 5, "trips": 1}, withdrawal=1, proof=12)
    assert removed(engine) == {SEALED: {"files_read_again": 12, "found_again": 0}}


def test_rows_removed_are_counted_from_the_beginning(engine: Engine) -> None:
    """However often the purge was cut off: a file that is rewritten says no more what it held."""
    assert purges.held_before(engine, SEALED) is None
    purges.begin(engine, SEALED, HELD)
    assert purges.held_before(engine, SEALED) == HELD
    purges.finish(engine, SEALED, {"presence": 7, "stays": 5, "trips": 1}, withdrawal=1, proof=12)
    expected = {"presence": 3, "stays": 0, "trips": 3, "files_read_again": 12, "found_again": 0}
    assert removed(engine) == {SEALED: expected}
    assert purges.held_before(engine, SEALED) is None
    known = row(engine, SEALED)
    assert known.counts == {"pings": 99, "device_hours": 7, "trips": 1}
    assert (known.withdrawals_version, known.places_version) == (1, 0)


def test_every_purge_makes_other_data_whether_or_not_a_row_went(engine: Engine) -> None:
    """SL-PURGE: what becomes stale must not tell in which windows somebody was."""
    purges.begin(engine, SEALED, HELD)
    purges.finish(engine, SEALED, HELD, places=3)
    version = row(engine, SEALED).data_version
    assert len(version) == 32
    assert row(engine, SEALED).places_version == 3
    purges.finish(engine, SEALED, HELD, places=4)
    assert row(engine, SEALED).data_version != version
    assert removed(engine) == {}


def test_an_open_window_has_no_version_yet(engine: Engine) -> None:
    purges.begin(engine, OPEN, {"pings": 8})
    purges.finish(engine, OPEN, {"pings": 5}, withdrawal=1)
    known = row(engine, OPEN)
    assert (known.data_version, known.counts, known.withdrawals_version) == ("", None, 1)
    assert removed(engine)[OPEN]["pings"] == 3


def test_a_window_that_cannot_be_touched_keeps_its_data(engine: Engine) -> None:
    purges.passed_over(engine, SEALED, withdrawal=1)
    purges.passed_over(engine, SEALED, places=2)
    known = row(engine, SEALED)
    assert (known.data_version, known.places_version, known.withdrawals_version) == ("old", 2, 1)
