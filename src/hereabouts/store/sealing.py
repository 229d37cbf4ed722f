"""A window that is being sealed: which of its buckets are done, so that a seal that was cut off goes on from there.

The tables grow in a folder of their own, ``sealing/WINDOW``, beside a list of the buckets whose files are complete and
on the disk. A bucket is put on the list about a second after it is done, together with others, for flushing files is
slow. The list begins with what the tables are made from: the frames of the window's intakes, the lists that its pings
were purged by, and the code. Where any of that has changed, what is there is thrown away: old and new pings never mix.
Whoever takes rows out of an open window deletes the folder (:func:`sealing_folder`).

On object storage nothing can be renamed: there the tables grow where they stay, and the list alone lies in the folder.
They count when the window is registered as sealed, there as here, and until then are thrown away as easily.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hereabouts import __version__
from hereabouts.errors import HereaboutsError
from hereabouts.objects import AnyPath, ObjectPath
from hereabouts.store.blobs import remove_tree
from hereabouts.store.files import durable_write, sync_file, sync_folder, sync_tree
from hereabouts.store.sealed import TABLES, bucket_file
from hereabouts.store.store import Store
from hereabouts.windows import Window

_FOLDER = "sealing"
_LIST = "done"
_NOTE_SECONDS = 1.0


def sealing_folder(store: Store, window: Window) -> Path:
    """Where the tables of a window grow that is being sealed; it is there after a seal that was cut off."""
    return store.path / _FOLDER / window.folder


@dataclass(frozen=True)
class BucketCounts:
    """What one bucket had, and what became of it: frames of pings, distinct pings, and rows of two tables."""

    bucket: int
    frames: int
    pings: int
    device_hours: int
    trips: int


class Sealing:
    """The folder in which a window's tables grow, and its list of buckets that are done.

    Parameters
    ----------
    store
        The store, locked.
    window
        A window that is open.
    """

    def __init__(self, store: Store, window: Window) -> None:
        self._own = sealing_folder(store, window)
        self._final = store.sealed_folder(window)
        self._list = self._own / _LIST
        self.folder: AnyPath = self._own if isinstance(self._final, Path) else self._final
        """Where the tables are to be written."""
        self._fresh: list[BucketCounts] = []
        self._noted = time.monotonic()
        self._note: Future[None] | None = None
        basis = json.dumps(_basis(store, window))
        self.done = _read(self._list, basis)
        """The buckets that need not be done again, by number."""
        if not self.done:
            self.discard()
            self._own.mkdir(parents=True)
            if isinstance(self.folder, Path):
                for table in TABLES:
                    (self.folder / table).mkdir()
        durable_write(self._list, "".join([basis + "\n", *map(_line, self.done.values())]).encode())

    @contextmanager
    def underway(self) -> Iterator[None]:
        """Put buckets on the list meanwhile. What fails leaves nothing; what is cut off (Ctrl-C, a kill) is kept."""
        with ThreadPoolExecutor(1) as self._thread:
            try:
                yield
            except Exception:
                if self._note is not None:
                    self._note.exception()
                with suppress(HereaboutsError):  # where the object storage fails: it is by whoever begins anew
                    self.discard()
                raise
            except BaseException:
                with suppress(OSError):
                    self._write_down()
                    self._settle()
                raise

    def add(self, counts: BucketCounts) -> None:
        """Take a bucket whose files are written."""
        self.done[counts.bucket] = counts
        self._fresh.append(counts)
        still_writing = self._note is not None and not self._note.done()
        if time.monotonic() - self._noted > _NOTE_SECONDS and not still_writing:
            self._write_down()

    def finish(self) -> None:
        """Give the tables their final name, all at once."""
        self._settle()
        if isinstance(self._final, Path):
            sync_tree(self._own)
            self._list.unlink()
            shutil.rmtree(self._final, ignore_errors=True)  # left by a crash between the move and the register
            self._own.rename(self._final)
            sync_folder(self._final.parent)
        self._forget()

    def discard(self) -> None:
        """Delete what is there."""
        if isinstance(self.folder, ObjectPath):
            remove_tree(self.folder)
        self._forget()

    def _forget(self) -> None:
        shutil.rmtree(self._own, ignore_errors=True)
        with suppress(OSError):  # another window's are there, or none ever were
            self._own.parent.rmdir()

    def _write_down(self) -> None:
        """Have the thread put what is fresh on the list."""
        self._settle()
        self._note = self._thread.submit(self._append, self._fresh)
        self._fresh, self._noted = [], time.monotonic()

    def _settle(self) -> None:
        if self._note is not None:
            self._note.result()

    def _append(self, fresh: list[BucketCounts]) -> None:
        if isinstance(self.folder, Path):  # objects are durable when they are written
            self._bring_to_the_disk(self.folder, fresh)
        with self._list.open("a", encoding="utf-8") as file:
            file.writelines(map(_line, fresh))
            file.flush()
            os.fsync(file.fileno())

    @staticmethod
    def _bring_to_the_disk(folder: Path, fresh: list[BucketCounts]) -> None:
        for counts in fresh:
            for table in TABLES:
                path = bucket_file(folder, table, counts.bucket)
                if path.exists():  # a bucket without pings has no files
                    sync_file(path)
        for table in TABLES:
            sync_folder(folder / table)


def _basis(store: Store, window: Window) -> dict[str, Any]:
    """What the tables of a window are made from."""
    known = next(known for known in store.windows() if known.window == window)
    return {
        "frames": store.frames(window),
        "places": known.places_version,
        "withdrawals": known.withdrawals_version,
        "code": __version__,
    }


def _line(counts: BucketCounts) -> str:
    return json.dumps(asdict(counts)) + "\n"


def _read(path: Path, basis: str) -> dict[int, BucketCounts]:
    """The buckets on a list, none where it was begun from something else; it ends where a line was cut off."""
    if not path.exists():
        return {}
    first, *lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    done: dict[int, BucketCounts] = {}
    for line in lines if first == basis else []:
        try:
            counts = BucketCounts(**json.loads(line))
        except (ValueError, TypeError):
            break
        done[counts.bucket] = counts
    return done
