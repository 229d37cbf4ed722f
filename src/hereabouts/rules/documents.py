"""Documents that are relied on: they stay with whoever filed them, and the store keeps their digest."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

from hereabouts.errors import BadInputError, MachineError, UsageError


def digest_of(document: Path, what: str) -> str:
    """SHA-256 of a document, in hex.

    Parameters
    ----------
    document
        The file.
    what
        What it should be, for messages.

    Raises
    ------
    BadInputError
        If it is missing, empty or no file.
    MachineError
        If it may not be read.
    """
    try:
        with document.open("rb") as file:
            empty = not file.peek()
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise BadInputError(document, f"there is no such file; expected {what}") from error
    except (IsADirectoryError, NotADirectoryError) as error:
        raise BadInputError(document, f"is not a file; expected {what}") from error
    except OSError as error:
        raise MachineError(f"cannot read {document}: {error.strerror}") from error
    if empty:
        raise BadInputError(document, f"is empty; expected {what}")
    return digest


def require_to_come(expires: date, today: date) -> None:
    """Refuse a last day that has passed.

    Raises
    ------
    UsageError
        Says both days.
    """
    if expires < today:
        raise UsageError(f"got expires {expires}, expected today ({today}) or a later day")
