"""Files of frames: how many records they hold is known without a key, what is in them only with it."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hereabouts.errors import MachineError
from hereabouts.store.frames import FrameFile, FrameWriter, Place, frame_files
from hereabouts.store.pings import RECORD_BYTES, WORDS, Records

CIPHER = AESGCM(bytes(range(32)))
PLACE = Place("2024-03-04_2024-03-11", 171, "7")


def records(count: int) -> Records:
    return np.arange(count * WORDS, dtype=np.uint32).reshape(count, WORDS)


def write(folder: Path, frames: list[list[Records]], place: Place = PLACE) -> Path:
    path = place.path(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = FrameWriter()
    with path.open("wb") as file:
        for ordinal, parts in enumerate(frames):
            writer.write(file, CIPHER, place.frame(ordinal), parts)
    return path


def test_a_file_lies_in_the_folder_of_its_bucket(tmp_path: Path) -> None:
    assert PLACE.path(tmp_path) == tmp_path / "2024-03-04_2024-03-11" / "ab" / "7.pings"


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Frames of several parts, of few records after many, and of none at all."""
    frames = [[records(5), records(2)], [], [records(1)], [records(0)], [records(300)]]
    write(tmp_path, frames)
    (file,) = frame_files(tmp_path, PLACE.window, PLACE.bucket, ["6", "7", "8"])
    assert file.place == PLACE
    assert (len(file.lengths), file.rows) == (5, 308)
    for found, parts in zip(file.frames(CIPHER), frames, strict=True):
        assert found.tobytes() == b"".join(part.tobytes() for part in parts)


def test_the_same_records_are_never_written_alike() -> None:
    written = []
    for _ in range(2):
        file = io.BytesIO()
        FrameWriter().write(file, CIPHER, b"place", [records(3)])
        written.append(file.getvalue())
    one, two = written
    assert len(one) == 8 + 12 + 3 * RECORD_BYTES + 16
    assert one[:8] == two[:8] == struct.pack("<Q", len(one) - 8)
    assert one[8:] != two[8:]


def test_where_there_is_no_file_there_are_no_frames(tmp_path: Path) -> None:
    assert FrameFile.look(tmp_path, PLACE) is None
    path = write(tmp_path, [])
    assert path.stat().st_size == 0
    found = FrameFile.look(tmp_path, PLACE)
    assert found is not None
    assert (found.lengths, found.rows, list(found.frames(CIPHER))) == ((), 0, [])


@pytest.mark.parametrize("length", [0, 27, 28 + RECORD_BYTES - 1, 28 + RECORD_BYTES + 1, 2**40, 2**64 - 1])
def test_a_length_that_cannot_be_is_noticed(length: int, tmp_path: Path) -> None:
    path = write(tmp_path, [[records(1)], [records(1)]])
    path.write_bytes(struct.pack("<Q", length) + path.read_bytes()[8:])
    with pytest.raises(MachineError, match="altered or cut short"):
        FrameFile.look(tmp_path, PLACE)


def test_frames_of_another_place_are_not_read(tmp_path: Path) -> None:
    content = write(tmp_path, [[records(1)]]).read_bytes()
    other = Place(PLACE.window, PLACE.bucket, "8")
    other.path(tmp_path).write_bytes(content)
    found = FrameFile.look(tmp_path, other)
    assert found is not None
    with pytest.raises(MachineError, match="cannot be decrypted"):
        list(found.frames(CIPHER))
