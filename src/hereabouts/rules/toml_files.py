"""TOML files that people write: how they are read, and how what is wrong with one is said."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from hereabouts.errors import MachineError, UsageError

_WORDS = {"Extra inputs are not permitted": "is not a known key", "Field required": "is missing"}


def read_toml(path: Path, missing: str, damaged: str = "") -> dict[str, Any]:
    """Read a file.

    Parameters
    ----------
    path
        The file.
    missing, damaged
        What to say, and to do, where there is none, and (after a colon) where it is not TOML.

    Raises
    ------
    UsageError
        If there is no such file, or it is not TOML.
    MachineError
        If it may not be read.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise UsageError(f"{path}: {missing}") from error
    except OSError as error:
        raise MachineError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: is not TOML ({error}){damaged and f': {damaged}'}") from error


def in_words(message: str) -> str:
    """Give what pydantic finds wrong as the end of a sentence about a key.

    >>> in_words("Field required"), in_words("Value error, Too many")
    ('is missing', 'too many')
    """
    text = message.removeprefix("Value error, ")
    return _WORDS.get(text, text[0].lower() + text[1:])
