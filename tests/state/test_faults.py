"""What a database does wrong is told in our words: whose fault it is, where, and what to do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import text

from hereabouts.errors import BadInputError, HereaboutsError, MachineError
from hereabouts.state import database
from hereabouts.state.database import open_state, reading, sqlite_url, writing
from hereabouts.state.tables import SupplierRow, WindowRow


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


def a_window(name: str = "2008-02-02/2008-02-09") -> WindowRow:
    return WindowRow(name=name, start=0, end=604_800, status="open")


def test_a_writer_waits_only_so_long(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    engine = open_state(sqlite_url(path), create=True)
    with (
        writing(engine),
        pytest.raises(MachineError, match="in use by another command"),
        writing(engine),
    ):
        pytest.fail("two writers at once")


def test_a_row_must_speak_of_what_is_there(path: Path) -> None:
    """A foreign key that fails is a bug of ours: it is not dressed up as anything else."""
    engine = open_state(sqlite_url(path), create=True)
    with pytest.raises(Exception, match="FOREIGN KEY") as failure, writing(engine) as session:
        session.execute(
            text(
                "INSERT INTO intakes (feed_digest, supplier, profile, started) VALUES ('00', 'nobody', 'canonical', 0)"
            )
        )
    assert not isinstance(failure.value, HereaboutsError)


def test_text_is_not_a_state(path: Path) -> None:
    path.write_text("my shopping list\n" * 100)
    with pytest.raises(BadInputError, match="not a readable database"):
        open_state(sqlite_url(path))


def test_a_damaged_state_is_named(path: Path) -> None:
    open_state(sqlite_url(path), create=True)
    content = bytearray(path.read_bytes())
    content[4096 : 5 * 4096] = os.urandom(4 * 4096)
    path.write_bytes(content)

    def look() -> None:
        with reading(open_state(sqlite_url(path))) as session:
            session.query(SupplierRow).all()

    with pytest.raises(BadInputError, match="not a readable database") as refusal:
        look()
    assert refusal.value.source == str(path)


def test_a_full_disk_is_the_machines_fault_and_changes_nothing(path: Path) -> None:
    engine = open_state(sqlite_url(path), create=True)

    def fill() -> None:
        with writing(engine) as session:
            pages = session.scalar(text("PRAGMA page_count"))
            session.execute(text(f"PRAGMA max_page_count = {pages}"))
            session.add_all(a_window(str(number)) for number in range(5000))

    with pytest.raises(MachineError, match="full"):
        fill()
    with reading(engine) as session:
        assert session.query(WindowRow).count() == 0


def test_no_message_tells_a_password() -> None:
    """No server listens on that port (or no driver is there): either way the password stays where it was."""
    for url in ("postgresql://me:hunter2@127.0.0.1:1/ledger", "mysql://me:hunter2@127.0.0.1/ledger"):
        with pytest.raises(HereaboutsError) as refusal:
            open_state(url)
        assert "hunter2" not in str(refusal.value)
