"""Pings of windows that are still open: pseudonymised, in buckets by device, encrypted at rest.

Each intake writes files of its own, ``open/WINDOW/BUCKET/INTAKE.pings`` (see :mod:`hereabouts.store.frames`). They
count once the intake is registered in the state, which also keeps how many frames it brought into each window; files
of an intake that never was are left over from a crash, and are swept away before the next one.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray

from hereabouts.objects import AnyPath, ObjectPath
from hereabouts.store.blobs import replacing
from hereabouts.store.files import PART, sync_file, sync_folder
from hereabouts.store.frames import SUFFIX, FrameFile, FrameWriter, Listing, Place, bucket_folder, frame_files
from hereabouts.store.pings import BUCKETS, BucketedPings, Pings, by_bucket

__all__ = [
    "BUCKETS",
    "PingWriter",
    "Pings",
    "bucket_folder",
    "by_bucket",
    "filter_window",
    "read_bucket",
    "remove_window",
    "sweep",
]

# Rows held back before they are written, over all buckets: frames are long, memory is bounded by twice as many.
_FLUSH_ROWS = 4_000_000
PIECE = "-"
"""Stands between the intake's id and a piece's number, in the name of files that hold a piece of a feed."""
_AT_ONCE = 8
"""Files that are brought to the disk, or folders that are deleted, at a time."""
_OBJECTS_AT_ONCE = 16
"""Objects that are written or deleted at a time: most of it is waiting for an answer."""


class PingWriter:
    """Writes the pings of one intake into the buckets of their windows, on a thread of its own.

    Parameters
    ----------
    folder
        The store's ``open`` folder.
    intake
        Id of the intake, which names its files.
    waiting
        Where objects are to be written, a folder of files (encrypted as well) for what is on its way there.

    Attributes
    ----------
    frames
        Frames written, by window; complete after :meth:`commit`.
    """

    def __init__(self, folder: AnyPath, intake: str, waiting: Path | None = None) -> None:
        self.frames: Counter[str] = Counter()
        self._objects = folder if isinstance(folder, ObjectPath) else None
        self._folder = folder if isinstance(folder, Path) else (waiting or Path()) / intake
        self._intake = intake
        self._held: dict[str, list[BucketedPings]] = {}
        self._held_rows = 0
        self._ciphers: dict[str, AESGCM] = {}
        self._written: Counter[Place] = Counter()
        self._writer = FrameWriter()
        self._thread = ThreadPoolExecutor(1, "ping-writer")
        self._writing: Future[None] | None = None

    def add(self, window: str, key: bytes, pings: BucketedPings) -> None:
        """Take pings of one window; `key` encrypts them."""
        self._ciphers.setdefault(window, AESGCM(key))
        self._held.setdefault(window, []).append(pings)
        self._held_rows += len(pings)
        if self._held_rows >= _FLUSH_ROWS:
            self._flush()

    def commit(self) -> None:
        """Bring everything to the disk; the intake may be registered after this."""
        self._flush()
        self._settle()
        self._thread.shutdown()
        if self._objects is not None:
            with ThreadPoolExecutor(_OBJECTS_AT_ONCE) as pool:
                list(pool.map(self._upload, self._written))
            shutil.rmtree(self._folder, ignore_errors=True)
            self._forget()
            return
        paths = [place.path(self._folder) for place in self._written]
        # A bucket's folder may be new, and its window's too.
        folders = {parent for path in paths for parent in path.parents[:3]}
        with ThreadPoolExecutor(_AT_ONCE) as pool:  # the disk takes many at once
            list(pool.map(sync_file, paths))
            list(pool.map(sync_folder, folders))
        self._forget()

    def discard(self) -> None:
        """Take back what was written; only before the intake is registered."""
        self._held.clear()
        self._thread.shutdown()
        for place in self._written:
            place.path(self._folder).unlink(missing_ok=True)
        self._forget()

    def _upload(self, place: Place) -> None:
        path = place.path(self._folder)
        if self._objects is not None:
            place.path(self._objects).write_bytes(path.read_bytes())
        path.unlink()

    def _forget(self) -> None:
        """Let go of the last pings that were written, and of the keys: whoever holds a writer holds them else."""
        self._writer = FrameWriter()
        self._ciphers.clear()

    def _flush(self) -> None:
        """Have the thread write what is held, once it has written what was held before."""
        self._settle()
        self._writing = self._thread.submit(self._write, self._held)
        self._held, self._held_rows = {}, 0

    def _settle(self) -> None:
        if self._writing is not None:
            self._writing.result()

    def _write(self, held: dict[str, list[BucketedPings]]) -> None:
        for window, batches in held.items():
            for bucket in range(BUCKETS):
                parts = [part for batch in batches if len(part := batch.bucket(bucket))]
                if parts:
                    self._append(Place(window, bucket, self._intake), parts)

    def _append(self, place: Place, parts: list[NDArray[np.uint32]]) -> None:
        path = place.path(self._folder)
        ordinal = self._written[place]
        if not ordinal:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._written[place] += 1
        with path.open("ab") as file:
            begun = file.tell()
            self._writer.write(file, self._ciphers[place.window], place.frame(ordinal), parts)
            file.flush()
            _begin_writeback(file.fileno(), begun)
        self.frames[place.window] += 1


def _begin_writeback(descriptor: int, start: int) -> None:
    """Have the system bring what is behind `start` to the disk now, so that nobody waits for all of it at the end."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, start, 0, os.POSIX_FADV_DONTNEED)


def read_bucket(
    folder: AnyPath, window: str, bucket: int, intakes: Iterable[str], key: bytes
) -> tuple[Pings | None, int]:
    """All pings of one bucket that registered intakes brought.

    Returns
    -------
    Pings or None
        ``None`` where there are none.
    int
        In how many frames they were: over all buckets as many as the register says, or files are missing.

    Raises
    ------
    MachineError
        When a file is cut short, or was altered, or the key is another.
    """
    cipher = AESGCM(key)
    files = frame_files(folder, window, bucket, intakes)
    pings = Pings.empty(sum(file.rows for file in files))
    start = 0
    for file in files:
        for records in file.frames(cipher):
            pings.fill(start, records)
            start += len(records)
    return (pings if start else None), sum(len(file.lengths) for file in files)


def filter_window(
    folder: AnyPath, window: str, key: bytes, keep: Callable[[Pings], NDArray[np.bool_]]
) -> tuple[int, int]:
    """Remove pings of a window: each file is replaced as a whole, and only where a ping of it goes.

    Frames stay, if need be empty, so that their number remains the one that the register knows. Done again, or after
    a crash in the middle, it comes to the same end.

    Parameters
    ----------
    folder
        The store's ``open`` folder; nothing else may be working on the window.
    window
        The window's folder.
    key
        What its pings are encrypted with.
    keep
        Given pings of one frame, says which of them stay, shape (n,). Called from one thread.

    Returns
    -------
    tuple of int
        Pings that stayed, and pings that were removed.

    Raises
    ------
    MachineError
        When a file is cut short, or was altered, or the key is another.
    """
    cipher, writer = AESGCM(key), FrameWriter()
    kept = removed = 0
    listing = Listing.of(folder, window)
    for bucket in range(BUCKETS):
        for file in frame_files(folder, window, bucket, listing.names(bucket)):
            stayed, gone = _filter(file, cipher, writer, keep)
            kept, removed = kept + stayed, removed + gone
    return kept, removed


def _filter(
    file: FrameFile, cipher: AESGCM, writer: FrameWriter, keep: Callable[[Pings], NDArray[np.bool_]]
) -> tuple[int, int]:
    """Put a file without what must go in the old one's place, if anything must."""
    frames = [records[keep(Pings.of_records(records))] for records in file.frames(cipher)]
    kept = sum(map(len, frames))
    if kept == file.rows:
        return kept, 0
    with replacing(file.path) as target:
        for ordinal, records in enumerate(frames):
            writer.write(target, cipher, file.place.frame(ordinal), [records])
    return kept, file.rows - kept


def sweep(folder: AnyPath, registered: set[str]) -> None:
    """Delete files of intakes that never came to be registered, parts of files, and folders that are empty then."""
    if isinstance(folder, ObjectPath):
        _sweep_objects(folder, registered)
        return
    for path in folder.glob("*/*/*"):
        if path.suffix == PART or (path.suffix == SUFFIX and _intake_of(path) not in registered):
            path.unlink()
    for pattern in ("*/*/", "*/"):
        for inner in folder.glob(pattern):
            if not any(inner.iterdir()):
                inner.rmdir()


def _sweep_objects(folder: ObjectPath, registered: set[str]) -> None:
    """One request for each thousand objects that are there."""
    found = folder.glob("*/*/*")
    lost = {path for path in found if _intake_of(path) not in registered}
    with ThreadPoolExecutor(_OBJECTS_AT_ONCE) as pool:
        list(pool.map(ObjectPath.unlink, lost))
    # A deleted object leaves the folders it was in; where nothing else is in the window, they go too.
    windows = {path.parent.parent for path in lost} - {path.parent.parent for path in set(found) - lost}
    for window in windows:
        window.remove_tree()


def _intake_of(path: AnyPath) -> str:
    return path.stem.partition(PIECE)[0]


def remove_window(folder: AnyPath, window: str) -> None:
    """Delete a window's pings."""
    if isinstance(folder, ObjectPath):
        (folder / window).remove_tree()
        return
    with ThreadPoolExecutor(_AT_ONCE) as pool:  # the system lets go of gigabytes of cached pages, page by page
        for bucket in (folder / window).glob("*/"):
            pool.submit(shutil.rmtree, bucket, ignore_errors=True)
    shutil.rmtree(folder / window, ignore_errors=True)
