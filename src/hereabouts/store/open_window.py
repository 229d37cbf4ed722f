"""Pings of windows that are still open: pseudonymised, in buckets by device, encrypted at rest.

A bucket holds all pings of the devices whose pseudonyms share their first bits, so that sealing needs the
memory of one bucket at a time. Each intake writes files of its own, ``open/WINDOW/BUCKET/INTAKE.pings``, made
of encrypted frames. They count once the intake is registered in the state; files of an intake that never was
are left over from a crash, and are swept away before the next one.
"""

from __future__ import annotations

import os
import shutil
import struct
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray

from hereabouts.errors import MachineError
from hereabouts.store.files import sync_file, sync_folder

BUCKETS = 128
_BUCKET_SHIFT = np.uint64(64 - 7)
_NONCE_BYTES = 12
_HEADER = struct.Struct("<Q")
# Rows held back before they are written, over all buckets: frames are long, memory is bounded.
_FLUSH_ROWS = 4_000_000


@dataclass(frozen=True, repr=False)
class Pings:
    """Pseudonymised pings of one window.

    Attributes
    ----------
    pseudonym
        Shape (n, 2) uint64: the high and the low half of 128 bits.
    time
        UTC seconds, shape (n,) int64.
    latitude, longitude
        WGS84 degrees, shape (n,) float64.
    """

    pseudonym: NDArray[np.uint64]
    time: NDArray[np.int64]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of pings."""
        return self.time.size

    def take(self, rows: NDArray[np.int64] | slice) -> Pings:
        """The pings at these rows."""
        return Pings(self.pseudonym[rows], self.time[rows], self.latitude[rows], self.longitude[rows])

    def to_bytes(self) -> bytes:
        """Columns one after the other, little-endian."""
        columns = (self.pseudonym, self.time, self.latitude, self.longitude)
        return b"".join(np.ascontiguousarray(column).tobytes() for column in columns)

    @classmethod
    def from_bytes(cls, content: bytes) -> Pings:
        """Inverse of :meth:`to_bytes`."""
        rows = len(content) // 40
        pseudonym = np.frombuffer(content, np.uint64, 2 * rows).reshape(rows, 2)
        time = np.frombuffer(content, np.int64, rows, 16 * rows)
        latitude = np.frombuffer(content, np.float64, rows, 24 * rows)
        longitude = np.frombuffer(content, np.float64, rows, 32 * rows)
        return cls(pseudonym, time, latitude, longitude)

    @classmethod
    def concatenate(cls, parts: Iterable[Pings]) -> Pings:
        """All parts, one after the other."""
        columns = zip(*((p.pseudonym, p.time, p.latitude, p.longitude) for p in parts), strict=True)
        pseudonym, time, latitude, longitude = (np.concatenate(column) for column in columns)
        return cls(pseudonym, time, latitude, longitude)


def split_by_bucket(pings: Pings) -> list[tuple[int, Pings]]:
    """The pings of each bucket that has any."""
    bucket = (pings.pseudonym[:, 0] >> _BUCKET_SHIFT).astype(np.uint8)
    order = np.argsort(bucket, kind="stable")
    ends = np.cumsum(np.bincount(bucket, minlength=BUCKETS))
    ordered = pings.take(order)
    starts = np.concatenate([[0], ends[:-1]])
    return [(b, ordered.take(slice(starts[b], ends[b]))) for b in range(BUCKETS) if ends[b] > starts[b]]


class PingWriter:
    """Writes the pings of one intake into the buckets of their windows.

    Parameters
    ----------
    folder
        The store's ``open`` folder.
    intake
        Id of the intake, which names its files.
    """

    def __init__(self, folder: Path, intake: str) -> None:
        self._folder = folder
        self._intake = intake
        self._held: dict[tuple[str, int], list[Pings]] = defaultdict(list)
        self._held_rows = 0
        self._ciphers: dict[str, AESGCM] = {}
        self._written: set[Path] = set()

    def add(self, window: str, key: bytes, buckets: list[tuple[int, Pings]]) -> None:
        """Take the pings of one window, split by bucket; `key` encrypts them."""
        self._ciphers.setdefault(window, AESGCM(key))
        for bucket, pings in buckets:
            self._held[window, bucket].append(pings)
            self._held_rows += len(pings)
        if self._held_rows >= _FLUSH_ROWS:
            self._flush()

    def commit(self) -> None:
        """Bring everything to the disk; the intake may be registered after this."""
        self._flush()
        for path in self._written:
            sync_file(path)
        # A bucket's folder may be new, and its window's too.
        for folder in {parent for path in self._written for parent in path.parents[:3]}:
            sync_folder(folder)

    def discard(self) -> None:
        """Take back what was written; only before the intake is registered."""
        self._held.clear()
        for path in self._written:
            path.unlink(missing_ok=True)

    def _flush(self) -> None:
        for (window, bucket), parts in self._held.items():
            path = bucket_folder(self._folder, window, bucket) / f"{self._intake}.pings"
            path.parent.mkdir(parents=True, exist_ok=True)
            self._written.add(path)
            with path.open("ab") as file:
                nonce = os.urandom(_NONCE_BYTES)
                place = _place(window, bucket, self._intake, file.tell())
                frame = self._ciphers[window].encrypt(nonce, Pings.concatenate(parts).to_bytes(), place)
                file.write(_HEADER.pack(len(frame)) + nonce + frame)
        self._held.clear()
        self._held_rows = 0


def read_bucket(folder: Path, window: str, bucket: int, intakes: Iterable[str], key: bytes) -> Pings | None:
    """All pings of one bucket that registered intakes brought; ``None`` where there are none.

    Raises
    ------
    MachineError
        When a file is cut short, or was altered, or the key is another.
    """
    cipher = AESGCM(key)
    parts = []
    for intake in intakes:
        path = bucket_folder(folder, window, bucket) / f"{intake}.pings"
        if not path.exists():
            continue
        size = path.stat().st_size
        with path.open("rb") as file:
            while header := file.read(_HEADER.size):
                place = _place(window, bucket, intake, file.tell() - len(header))
                try:
                    (length,) = _HEADER.unpack(header)
                    nonce = file.read(_NONCE_BYTES)
                    if length > size - file.tell():
                        raise ValueError("the frame ends behind the file")
                    parts.append(Pings.from_bytes(cipher.decrypt(nonce, file.read(length), place)))
                except (InvalidTag, ValueError, struct.error):
                    raise MachineError(
                        f"{path} cannot be decrypted: it was altered or cut short, or its key is not the one it was "
                        "written with; restore both from the same copy"
                    ) from None
    return Pings.concatenate(parts) if parts else None


def sweep(folder: Path, registered: set[str]) -> None:
    """Delete files of intakes that never came to be registered, and folders that are empty without them."""
    for path in folder.glob("*/*/*.pings"):
        if path.stem not in registered:
            path.unlink()
    for pattern in ("*/*/", "*/"):
        for inner in folder.glob(pattern):
            if not any(inner.iterdir()):
                inner.rmdir()


def remove_window(folder: Path, window: str) -> None:
    """Delete a window's pings."""
    shutil.rmtree(folder / window, ignore_errors=True)


def bucket_folder(folder: Path, window: str, bucket: int) -> Path:
    """Where the files of one bucket lie."""
    return folder / window / f"{bucket:02x}"


def _place(window: str, bucket: int, intake: str, offset: int) -> bytes:
    """What a frame is bound to, so that none can be moved, swapped or repeated unseen."""
    return f"{window}/{bucket}/{intake}/{offset}".encode()
