"""Opening the state database, and the two ways to use it: reading, and writing one at a time.

SQLite lies in the store (``state.sqlite``); PostgreSQL is used through its URL. On both a writer holds the
whole database from its first statement on, so what it reads is what it decides on: nobody can spend a budget
between the look and the act. A store is no busy database, and that rule needs no retry anywhere.

Errors leave here as the errors of hereabouts (see :mod:`hereabouts.state.faults`).
"""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from hereabouts.errors import BadInputError, MachineError, UsageError
from hereabouts.state.faults import BUSY, code_of, translated, where_of
from hereabouts.state.tables import REVISION

BUSY_SECONDS = 30.0
"""How long a writer waits for another one before it gives up."""

_WRITER = "hereabouts_writer"
_ADVISORY_LOCK = 0x68657265  # any constant of our own: PostgreSQL's name for "the writer of this database"


def sqlite_url(path: Path) -> str:
    """URL of a SQLite database at `path`, whatever characters it holds."""
    return URL.create("sqlite", database=os.fspath(path)).render_as_string(hide_password=False)


def open_state(url: str, *, create: bool = False) -> Engine:
    """Open a state database, bringing an older one to the newest schema.

    Parameters
    ----------
    url
        ``sqlite:///path`` (see :func:`sqlite_url`) or ``postgresql://…``.
    create
        Make the database where there is none. Without it a missing or empty one is an error: a store whose
        ledger was lost must not quietly begin with a full budget.

    Returns
    -------
    Engine
        To be used through :func:`reading` and :func:`writing`. Nothing stays open between two uses, so it may be handed
        to threads, carried over a fork, and forgotten.

    Raises
    ------
    UsageError
        If the URL is none, there is no database (without `create`), or a newer version of hereabouts made it.
    BadInputError
        If what is there is not a state database.
    MachineError
        If the machine refuses: no permission, disk full, read only, a server that does not answer.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        _require_file(parsed, create)
    engine = _engine(parsed)
    with translated(engine):
        with engine.connect() as connection:
            found = _revision(connection, create)
        if found is None and parsed.get_backend_name() == "sqlite":
            _use_write_ahead_log(engine)
        if found != REVISION:
            _upgrade(engine, create)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Give a session that sees one consistent state; nothing that is changed in it is kept."""
    with translated(engine), Session(engine, expire_on_commit=False) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Give a session that is the only writer; committed at the end, rolled back if an exception leaves it."""
    with (
        translated(engine),
        Session(engine.execution_options(**{_WRITER: True}), expire_on_commit=False) as session,
        session.begin(),
    ):
        session.connection()  # take the lock now, not at the first statement
        yield session


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() not in ("sqlite", "postgresql"):
        scheme = url.split(":", 1)[0] if parsed is not None else "something else"
        raise UsageError(f"a database URL begins with sqlite:/// or postgresql:// (got {scheme})")
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")  # SQLAlchemy would take another driver
    return parsed


def _require_file(url: URL, create: bool) -> None:
    """See that SQLite would open what is there, rather than make a new database in its place."""
    if url.database in (None, "", ":memory:") or url.query:
        raise UsageError("a SQLite state database is a file without options: expected sqlite:///PATH")
    path = Path(str(url.database))
    try:
        status = path.stat()
    except FileNotFoundError:
        if not create:
            raise UsageError(
                f"there is no database here: {path} does not exist; a store is made with 'hereabouts init'"
            ) from None
        _make_file(path)
        return
    except OSError as error:
        raise MachineError(f"cannot use the state database {path}: {error.strerror}") from error
    if not stat.S_ISREG(status.st_mode):
        raise BadInputError(path, "is not a file; expected the state database of a store")
    if status.st_size == 0 and not create:
        raise BadInputError(path, "is empty; expected the state database of a store: restore it from a backup")


def _make_file(path: Path) -> None:
    """Make an empty file for the owner alone: it will hold receipts. SQLite's side files get its mode."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    except OSError as error:
        raise MachineError(f"cannot make the state database {path}: {error.strerror}") from error


def _engine(url: URL) -> Engine:
    try:
        if url.get_backend_name() != "sqlite":
            engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
            event.listen(engine, "begin", _begin_postgresql)
            return engine
        engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    except (ImportError, NoSuchModuleError) as error:
        raise UsageError(
            f"no driver for {url.drivername} is installed ({error}): pip install 'hereabouts[postgresql]'"
        ) from error
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN would come too late for a lock: we say it
    connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is forgotten here leaves no bytes in free pages
    connection.execute("PRAGMA synchronous = FULL")  # a charge that was answered for survives a power cut


def _begin_sqlite(connection: Connection) -> None:
    writer = connection.get_execution_options().get(_WRITER, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get(_WRITER, False):
        # Each statement then sees what was committed before it: the lock comes first, so all that others did. Said
        # here, as a default of server, role or client may be stricter: what is read would be from before the wait.
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(BUSY_SECONDS * 1000)}")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _revision(connection: Connection, create: bool) -> str | None:
    """Return the migration that the database is at (without Alembic); ``None`` if it is to be made."""
    tables = inspect(connection).get_table_names()
    found: str | None = None
    if "alembic_version" in tables:
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if found is None and not (create and (not tables or connection.dialect.name == "postgresql")):
        raise BadInputError(
            where_of(connection.engine),
            "is a database, but not the state of a hereabouts store: restore it from a backup",
        )
    return found


def _upgrade(engine: Engine, create: bool) -> None:
    """Run the missing migrations in one transaction, so that a store is upgraded or as it was."""
    with engine.execution_options(**{_WRITER: True}).begin() as connection:
        found = _revision(connection, create)  # again, under the lock: another process may have been faster
        if found != REVISION:
            _run_migrations(connection, found, where_of(engine))


def _run_migrations(connection: Connection, found: str | None, where: str) -> None:
    # Imported here: Alembic takes longer to import than most commands take to run, and few of them need it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "hereabouts.state:migrations")
    config.attributes["connection"] = connection
    known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise UsageError(
            f"store made by a newer version of hereabouts: {where} is at schema {found}, this version knows "
            f"up to {REVISION}; upgrade hereabouts"
        )
    logger = logging.getLogger("alembic")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        command.upgrade(config, "head")
    finally:
        logger.setLevel(level)


def _use_write_ahead_log(engine: Engine) -> None:
    """Let readers go on while one writes. The mode stays with the file."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            # SQLite does not wait for this one: another process may be at it
            if code_of(error) not in BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        finally:
            connection.close()
