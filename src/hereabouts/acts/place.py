"""The place of a release: a folder that is written beside it and moved there whole."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from hereabouts.errors import MachineError, UsageError
from hereabouts.store.files import PART, sync_folder, sync_tree


def check_place(out: Path) -> None:
    """Refuse a place where a release cannot come to lie.

    Raises
    ------
    UsageError
        When something is there that is not an empty folder, or it is the current folder, which cannot be replaced.
    """
    if out.resolve() == Path.cwd():
        raise UsageError(f"{out} is the current folder: name one that is to be made for the release")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} exists and is not an empty folder: give another place for the release")


@contextlib.contextmanager
def place(out: Path) -> Iterator[Path]:
    """Give a folder to write a release in; it is `out` when all went well, and gone when anything failed.

    Made at once, so that a place that cannot be written to is found out before anything is paid.

    Raises
    ------
    MachineError
        When it cannot be made, filled or moved.
    """
    whole = out.resolve()
    part = whole.with_name(whole.name + PART)
    missing = [folder for folder in part.parents if not folder.exists()]
    try:
        try:
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            yield part
            sync_tree(part)
            if whole.exists():
                whole.rmdir()
            part.rename(whole)
            sync_folder(whole.parent)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            with contextlib.suppress(OSError):
                for folder in missing:
                    folder.rmdir()
            raise
    except OSError as error:
        raise MachineError(
            f"cannot write the release {out}: {error.strerror or error}; make room or give another place, and run the "
            "plan again: what was paid for is kept, and is not paid twice"
        ) from error
