"""Files of encrypted frames, in which pings lie while their window is open.

A file holds what one intake brought into one bucket: frames, one after the other, each of them the length of what
follows (8 bytes, little-endian), a random nonce (12 bytes), and records encrypted with AES-256-GCM under the
window's key (16 bytes longer than the records). A frame is bound to its window, bucket, intake and place in the
file: none can be moved, swapped or repeated unseen. That the last ones are missing, no frame can tell: the register
knows how many there are.
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hereabouts.errors import MachineError
from hereabouts.objects import AnyPath, Folder, ObjectPath
from hereabouts.store.pings import BUCKETS, RECORD_BYTES, WORDS, Records

SUFFIX = ".pings"
_HEADER = struct.Struct("<Q")
_NONCE_BYTES = 12
_TAG_BYTES = 16
_OVERHEAD = _HEADER.size + _NONCE_BYTES + _TAG_BYTES


@dataclass(frozen=True)
class Place:
    """Whose frames a file holds."""

    window: str
    bucket: int
    intake: str

    def path(self, folder: Folder) -> Folder:
        """Where the file lies, in the store's folder of open windows."""
        return bucket_folder(folder, self.window, self.bucket) / f"{self.intake}{SUFFIX}"

    def frame(self, ordinal: int) -> bytes:
        """What a frame is bound to; `ordinal` counts those before it in its file."""
        return f"{self.window}/{self.bucket}/{self.intake}/{ordinal}".encode()


def bucket_folder(folder: Folder, window: str, bucket: int) -> Folder:
    """Where the files of one bucket lie."""
    return folder / window / f"{bucket:02x}"


class FrameWriter:
    """Encrypts frames, with room of its own that it uses again and again: for one thread."""

    def __init__(self) -> None:
        self._plain = np.empty((0, WORDS), np.uint32)
        self._frame = bytearray()

    def write(self, file: BinaryIO, cipher: AESGCM, place: bytes, parts: list[Records]) -> None:
        """Write one frame, of all the parts one after the other."""
        rows = sum(map(len, parts))
        if rows >= len(self._plain):
            self._plain = np.empty((rows * 3 // 2 + 1, WORDS), np.uint32)
            self._frame = bytearray(_OVERHEAD + len(self._plain) * RECORD_BYTES)
        plain = self._plain[:rows]
        if rows:
            np.concatenate(parts, out=plain)
        size = _OVERHEAD + rows * RECORD_BYTES
        frame = memoryview(self._frame)[:size]
        nonce = os.urandom(_NONCE_BYTES)
        begun = _HEADER.size + _NONCE_BYTES
        frame[:begun] = _HEADER.pack(size - _HEADER.size) + nonce
        cipher.encrypt_into(nonce, plain.reshape(-1).view(np.uint8).data, place, frame[begun:])
        file.write(frame)


@dataclass(frozen=True)
class FrameFile:
    """An existing file of frames, of which only the lengths were read.

    Attributes
    ----------
    content
        Of an object, all of it: to ask once is faster than to ask for each frame.
    """

    path: AnyPath
    place: Place
    lengths: tuple[int, ...]
    content: bytes | None = None

    @classmethod
    def look(cls, folder: AnyPath, place: Place) -> FrameFile | None:
        """Read the lengths of a file's frames; ``None`` where there is no file.

        Raises
        ------
        MachineError
            When the file is cut short.
        """
        path = place.path(folder)
        if isinstance(path, ObjectPath):
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                return None
            return cls(path, place, tuple(_lengths(path, io.BytesIO(content), len(content))), content)
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return None
        with file:
            size = os.fstat(file.fileno()).st_size
            return cls(path, place, tuple(_lengths(path, file, size)))

    @property
    def rows(self) -> int:
        """How many records the frames hold."""
        return sum(length - _NONCE_BYTES - _TAG_BYTES for length in self.lengths) // RECORD_BYTES

    def frames(self, cipher: AESGCM) -> Iterator[Records]:
        """The records of each frame.

        Raises
        ------
        MachineError
            When a frame was altered, or the key is another.
        """
        with self._open() as file:
            for ordinal, length in enumerate(self.lengths):
                file.seek(_HEADER.size, os.SEEK_CUR)
                nonce = file.read(_NONCE_BYTES)
                try:
                    content = cipher.decrypt(nonce, file.read(length - _NONCE_BYTES), self.place.frame(ordinal))
                except (InvalidTag, ValueError):
                    raise _damaged(self.path) from None
                yield np.frombuffer(content, np.uint32).reshape(-1, WORDS)

    def _open(self) -> BinaryIO:
        return self.path.open("rb") if self.content is None else io.BytesIO(self.content)


def frame_files(folder: AnyPath, window: str, bucket: int, intakes: Iterable[str]) -> list[FrameFile]:
    """The files of one bucket, of those intakes that brought any."""
    found = (FrameFile.look(folder, Place(window, bucket, intake)) for intake in intakes)
    return [file for file in found if file is not None]


@dataclass(frozen=True)
class Listing:
    """Which files the buckets of a window have.

    Attributes
    ----------
    there
        Their names by bucket: of objects, which are listed at once; to ask for each of them would take very long.
    """

    folder: AnyPath
    window: str
    there: Mapping[int, list[str]] | None

    @classmethod
    def of(cls, folder: AnyPath, window: str) -> Listing:
        """List a window's objects; files are looked for when they are asked for."""
        if not isinstance(folder, ObjectPath):
            return cls(folder, window, None)
        there: dict[int, list[str]] = {}
        for path in (folder / window).glob(f"*/*{SUFFIX}"):
            there.setdefault(int(path.parent.name, 16), []).append(path.stem)
        return cls(folder, window, there)

    def names(self, bucket: int) -> list[str]:
        """The files of one bucket, in order."""
        if self.there is not None:
            return self.there.get(bucket, [])
        return sorted(path.stem for path in bucket_folder(self.folder, self.window, bucket).glob(f"*{SUFFIX}"))

    def of_intakes(self, bucket: int, brought: Collection[str]) -> Collection[str]:
        """Those of some names that one bucket may have; whether a file is there, is seen when it is opened."""
        return brought if self.there is None else [name for name in self.names(bucket) if name in brought]

    def count(self) -> int:
        """How many files there are."""
        return sum(len(self.names(bucket)) for bucket in range(BUCKETS))


def _lengths(path: AnyPath, file: BinaryIO, size: int) -> Iterator[int]:
    while header := file.read(_HEADER.size):
        if len(header) < _HEADER.size:
            raise _damaged(path)
        (length,) = _HEADER.unpack(header)
        records = length - _NONCE_BYTES - _TAG_BYTES
        if records < 0 or records % RECORD_BYTES or length > size - file.tell():
            raise _damaged(path)
        file.seek(length, os.SEEK_CUR)
        yield length


def _damaged(path: AnyPath) -> MachineError:
    return MachineError(
        f"{path} cannot be decrypted: it was altered or cut short, or its key is not the one it was written with; "
        "restore both from the same copy"
    )
