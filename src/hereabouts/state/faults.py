"""What goes wrong with a database, in our words: a driver's errors become errors of hereabouts.

A message names the database by its path, or by its URL without the password.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from hereabouts.errors import BadInputError, HereaboutsError, MachineError

BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
"""SQLite's codes for "somebody else has it"."""

_NO_PRIVILEGE = "42501"  # PostgreSQL's code, which its driver files among errors of the program
_LOCK_NOT_AVAILABLE = "55P03"  # and the one for having waited too long
_UNREADABLE = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FORMAT})
_MACHINE = frozenset(
    {
        sqlite3.SQLITE_AUTH,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOLFS,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Turn what a driver raises inside into what hereabouts raises; a bug of ours stays what it is."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        ours = _ours(error, where_of(engine))
        if ours is None:
            raise
        raise ours from error


def _ours(error: DBAPIError | sqlite3.Error, where: str) -> HereaboutsError | None:
    """Return what to raise instead of a driver's error; ``None`` for one that is a bug of ours."""
    cause: Any = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        code = code_of(cause)
        if code in _UNREADABLE:
            return BadInputError(where, f"is not a readable database ({cause}): restore it from a backup")
        if code in BUSY:
            return _busy(where)
        if code in _MACHINE:
            return MachineError(
                f"cannot use the state database {where}: {cause}; see that the disk has room and that its "
                "folder may be written"
            )
        return None
    if getattr(cause, "sqlstate", "") == _LOCK_NOT_AVAILABLE:
        return _busy(where)
    if isinstance(error, (OperationalError, InterfaceError)) or getattr(cause, "sqlstate", "") == _NO_PRIVILEGE:
        said = " ".join(str(cause).split())  # drivers answer in several lines
        return MachineError(f"the database server at {where} does not answer as it should: {said}")
    return None


def _busy(where: str) -> MachineError:
    return MachineError(f"{where} is in use by another command: wait until it has finished, then try again")


def code_of(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code of an error."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def where_of(engine: Engine) -> str:
    """Return the place to name in a message: a path, or a URL without its password."""
    if engine.dialect.name == "sqlite":
        return str(engine.url.database)
    return engine.url.render_as_string(hide_password=True)
