"""Writing files so that a crash leaves the old state or the new one, never half of one."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

PART = ".part"
"""How the names of files and folders end that are not whole yet."""


def durable_write(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write to a neighbour (``.part``), flush it to the disk, and move it into place; a failure leaves nothing."""
    part = path.with_name(path.name + PART)
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries (names of files made, moved or removed in it) to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Flush every file and folder below `folder` to the disk."""
    for parent, _, names in os.walk(folder):
        for name in names:
            sync_file(Path(parent) / name)
        sync_folder(Path(parent))


def sync_file(path: Path) -> None:
    """Flush one file's content to the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def older_state(path: Path) -> str:
    """What to say of a file that was registered once, and that the state does not know now."""
    return (
        f"the store's state is older than {path}, which lies beside it and is not registered: somebody put back an old "
        "copy of the state alone; restore both from the same copy"
    )


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file `path`; a second process waits until the first has let go or died."""
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
