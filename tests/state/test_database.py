"""Opening the state: made only on purpose, upgraded in one step, and every refusal in our own words."""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from hereabouts.errors import BadInputError, MachineError, UsageError
from hereabouts.state.database import open_state, reading, sqlite_url, writing
from hereabouts.state.tables import REVISION, WindowRow

if TYPE_CHECKING:
    from tests.conftest import NewDatabase


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


def a_window(name: str = "2008-02-02/2008-02-09") -> WindowRow:
    return WindowRow(name=name, start=0, end=604_800, status="open")


def test_what_is_written_is_there_for_the_next_command(database: str) -> None:
    with writing(open_state(database, create=True)) as session:
        session.add(a_window())
    with reading(open_state(database)) as session:
        row = session.get(WindowRow, "2008-02-02/2008-02-09")
    assert row is not None
    assert (row.status, row.data_version, row.counts) == ("open", "", None)


def test_a_missing_state_is_not_made_by_the_way(path: Path) -> None:
    with pytest.raises(UsageError, match="hereabouts init"):
        open_state(sqlite_url(path))
    assert not path.exists()


@pytest.mark.parametrize("name", ["a b", "q?x=1", "50%41", "#1", "naïve-é"])
def test_any_path_is_taken_as_it_is(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    open_state(sqlite_url(folder / "state.sqlite"), create=True)
    assert (folder / "state.sqlite").stat().st_size > 0


def test_the_file_is_its_owners_alone_and_the_only_one_left(path: Path) -> None:
    with writing(open_state(sqlite_url(path), create=True)) as session:
        session.add(a_window())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["state.sqlite"]


def test_sqlite_is_set_to_lose_nothing(path: Path) -> None:
    with reading(open_state(sqlite_url(path), create=True)) as session:
        settings = {
            name: session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_what_a_failed_writer_did_is_undone(database: str) -> None:
    engine = open_state(database, create=True)

    def fail_half_way() -> None:
        with writing(engine) as session:
            session.add(a_window())
            session.flush()
            raise KeyError

    with pytest.raises(KeyError):
        fail_half_way()
    with reading(engine) as session:
        assert session.get(WindowRow, "2008-02-02/2008-02-09") is None


def test_what_a_reader_changes_is_not_kept(database: str) -> None:
    engine = open_state(database, create=True)
    with reading(engine) as session:
        session.add(a_window())
        session.flush()
    with reading(engine) as session:
        assert session.get(WindowRow, "2008-02-02/2008-02-09") is None


def test_a_writer_has_the_database_from_its_first_look_on(database: str) -> None:
    """All read a number and write it back one higher: a lock at the first write only would lose some."""
    engine = open_state(database, create=True)
    with writing(engine) as session:
        session.add(a_window())

    def count(_: int) -> None:
        with writing(engine) as session:
            row = session.get(WindowRow, "2008-02-02/2008-02-09")
            assert row is not None
            time.sleep(0.002)
            row.end += 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(40)))
    with reading(engine) as session:
        row = session.get(WindowRow, "2008-02-02/2008-02-09")
        assert row is not None
        assert row.end == 604_800 + 40


def test_a_default_of_the_server_does_not_let_a_writer_decide_on_the_past(postgresql: NewDatabase) -> None:
    """Under a stricter isolation a writer would see what was there before it waited for its turn."""
    engine = open_state(postgresql() + "%20-cdefault_transaction_isolation%3Dserializable", create=True)
    began, found = threading.Event(), []

    def second() -> None:
        began.wait()
        with writing(engine) as session:
            found.append(session.get(WindowRow, a_window().name))

    with ThreadPoolExecutor(1) as other:
        done = other.submit(second)
        with writing(engine) as session:
            began.set()
            time.sleep(0.5)
            session.add(a_window())
        done.result()
    assert found[0] is not None


def test_readers_go_on_while_one_writes(database: str) -> None:
    engine = open_state(database, create=True)
    with writing(engine) as writer:
        writer.add(a_window())
        writer.flush()
        with reading(engine) as reader:
            assert reader.get(WindowRow, "2008-02-02/2008-02-09") is None


def test_many_may_make_it_at_once(database: str) -> None:
    barrier = threading.Barrier(8)

    def make(number: int) -> None:
        barrier.wait()
        with writing(open_state(database, create=True)) as session:
            session.add(a_window(str(number)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(make, range(8)))
    with reading(open_state(database)) as session:
        assert session.query(WindowRow).count() == 8


def test_a_newer_store_is_refused_and_left_alone(path: Path) -> None:
    with writing(open_state(sqlite_url(path), create=True)) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = path.read_bytes()
    for create in (False, True):
        with pytest.raises(UsageError, match=r"newer version of hereabouts.*9999.*upgrade"):
            open_state(sqlite_url(path), create=create)
    assert path.read_bytes() == before


def test_a_newer_database_on_a_server_is_refused_too(postgresql: NewDatabase) -> None:
    url = postgresql()
    with writing(open_state(url, create=True)) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UsageError, match=r"newer version of hereabouts.*9999.*upgrade"):
        open_state(url)


def test_an_empty_database_on_a_server_is_no_state(postgresql: NewDatabase) -> None:
    """It is taken on purpose, whatever else is in it, and never by the way."""
    url = postgresql()
    with pytest.raises(BadInputError, match="not the state"):
        open_state(url)
    with create_engine(url.replace("://", "+psycopg://")).begin() as connection:
        connection.execute(text("CREATE TABLE recipes (name TEXT)"))
    connection.engine.dispose()
    open_state(url, create=True)
    open_state(url)


def test_a_reader_sees_one_state(database: str) -> None:
    """Two looks of one reader agree, whatever was written between them."""
    engine = open_state(database, create=True)
    with reading(engine) as reader:
        before = reader.query(WindowRow).count()
        with writing(engine) as session:
            session.add(a_window())
        assert reader.query(WindowRow).count() == before == 0
    with reading(engine) as reader:
        assert reader.query(WindowRow).count() == 1


def test_an_emptied_state_does_not_begin_anew(path: Path) -> None:
    """Else a lost ledger would be a full budget."""
    path.touch()
    with pytest.raises(BadInputError, match="empty"):
        open_state(sqlite_url(path))
    assert path.stat().st_size == 0


@pytest.mark.parametrize("create", [False, True])
def test_somebody_elses_database_is_left_alone(path: Path, create: bool) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(BadInputError, match="not the state"):
        open_state(sqlite_url(path), create=create)
    assert path.read_bytes() == before


def test_a_directory_is_not_a_state(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="not a file"):
        open_state(sqlite_url(tmp_path))


def test_a_place_that_is_not_there_is_the_machines_fault(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="No such file"):
        open_state(sqlite_url(tmp_path / "no" / "state.sqlite"), create=True)


def test_no_permission_is_the_machines_fault(path: Path) -> None:
    open_state(sqlite_url(path), create=True)
    path.chmod(0)
    us = os.geteuid()
    if us == 0:
        os.seteuid(65534)  # root may read everything, so be nobody for a moment
    try:
        with pytest.raises(MachineError, match="cannot use the state database"):
            open_state(sqlite_url(path))
    finally:
        os.seteuid(us)


@pytest.mark.parametrize(
    "url", ["", "state.sqlite", "mysql://host/db", "sqlite://", "sqlite:///:memory:", "sqlite:///x?mode=ro"]
)
def test_what_is_no_url_of_a_state(url: str) -> None:
    with pytest.raises(UsageError, match=r"sqlite:///"):
        open_state(url, create=True)


def test_opening_says_nothing(path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.INFO)
    open_state(sqlite_url(path), create=True)
    assert caplog.text == ""
    assert capfd.readouterr() == ("", "")


def test_a_state_that_is_up_to_date_opens_without_alembic(path: Path) -> None:
    """Alembic takes longer to import than most commands take to run."""
    open_state(sqlite_url(path), create=True)
    program = (
        "import sys; from hereabouts.state import open_state; open_state(sys.argv[1]); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, sqlite_url(path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    started = time.perf_counter()
    open_state(sqlite_url(path))
    assert time.perf_counter() - started < 0.3


def test_the_revision_is_recorded(database: str) -> None:
    with reading(open_state(database, create=True)) as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == REVISION
