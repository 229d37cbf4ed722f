"""What work on other machines has written, until it counts: a folder for each attempt, ``attempts/NAME`` in the store.

A cluster may do the same work twice: it tries again what failed, and what is slow or was cut off may still be writing
while another has done it. Each attempt writes into a folder of its own. Only those that the driver heard to be done are
adopted, and the others are deleted. The whole folder goes with its command, or by the next one; whoever is late finds
no folder to write in.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from hereabouts.store.files import sync_folder

FOLDER = "attempts"
_AT_ONCE = 8
"""Folders that are brought to the disk at a time."""


@contextmanager
def attempts(store: Path) -> Iterator[Path]:
    """The folder for a command's attempts; the store is locked."""
    folder = store.resolve() / FOLDER
    sweep(store)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        sweep(store)


def sweep(store: Path) -> None:
    """Delete all attempts."""
    shutil.rmtree(store / FOLDER, ignore_errors=True)


def begin(folder: Path, name: str) -> Path:
    """The new folder of one attempt.

    Raises
    ------
    OSError
        If the command has ended meanwhile.
    """
    own = folder / name
    own.mkdir()
    return own


def adopt(attempt: Path, into: Path, *, durably: bool) -> None:
    """Move all files of an attempt to their places below another folder.

    Parameters
    ----------
    durably
        Flush the folders to the disk too, where the files are on it already.
    """
    touched = {into}
    for path in sorted(attempt.rglob("*")):
        place = into / path.relative_to(attempt)
        if path.is_dir():
            if not place.is_dir():
                place.mkdir()
                touched.add(place.parent)
        else:
            path.replace(place)
            touched.add(place.parent)
    if durably:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(sync_folder, touched))
    shutil.rmtree(attempt, ignore_errors=True)
