"""Pings at rest: by bucket, encrypted, bound to their place, and only those of registered intakes count."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.errors import MachineError
from hereabouts.store import blobs, open_window
from hereabouts.store.open_window import (
    BUCKETS,
    Pings,
    PingWriter,
    bucket_folder,
    by_bucket,
    filter_window,
    read_bucket,
    remove_window,
    sweep,
)

KEY, WINDOW = bytes(range(32)), "2024-03-04_2024-03-11"
USED = 6
"""Buckets that tests mostly fill: each costs a file and a wait for the disk."""


def pings(count: int, salt: int = 0) -> Pings:
    """Pings with all kinds of numbers in them; device k is in bucket k."""
    number = np.arange(count, dtype=np.uint64)
    high = (number % np.uint64(BUCKETS)) << np.uint64(56)
    return Pings(
        np.column_stack([high + np.uint64(salt), number]),
        np.arange(count, dtype=np.int64) * 1_000_003,
        np.linspace(-90, 90, count) if count else np.empty(0),
        np.linspace(180, -180, count) if count else np.empty(0),
    )


def same(one: Pings, other: Pings) -> bool:
    return by_bucket(one).records.tobytes() == by_bucket(other).records.tobytes()


def write(folder: Path, intake: str, content: Pings, window: str = WINDOW) -> None:
    writer = PingWriter(folder, intake)
    writer.add(window, KEY, by_bucket(content))
    writer.commit()


def read(folder: Path, bucket: int, intakes: list[str]) -> Pings:
    """The pings of a bucket that has some."""
    found, _ = read_bucket(folder, WINDOW, bucket, intakes, KEY)
    assert found is not None
    return found


def in_frames(folder: Path, count: int, intake: str = "1") -> PingWriter:
    """Write so many frames with a ping in each of a few buckets, the salt being the frame's number."""
    writer = PingWriter(folder, intake)
    for salt in range(count):
        writer.add(WINDOW, KEY, by_bucket(pings(USED, salt)))
    writer.commit()
    return writer


@pytest.fixture
def short_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is added is written at once."""
    monkeypatch.setattr(open_window, "_FLUSH_ROWS", 1)


def salts(found: Pings) -> list[int]:
    salt: NDArray[np.uint64] = found.pseudonym[:, 0] & np.uint64(255)
    return [int(each) for each in salt]


@pytest.mark.usefixtures("short_frames")
def test_what_is_written_is_read_in_order(tmp_path: Path) -> None:
    """Over several frames and intakes."""
    in_frames(tmp_path, 5)
    write(tmp_path, "2", pings(USED, 9))
    found, frames = read_bucket(tmp_path, WINDOW, 3, ["1", "2"], KEY)
    assert found is not None
    assert salts(found) == [0, 1, 2, 3, 4, 9]
    assert frames == 6
    assert same(found.take(slice(0, 1)), pings(USED).take(slice(3, 4)))


@pytest.mark.usefixtures("short_frames")
def test_frames_are_counted_by_window(tmp_path: Path) -> None:
    """So that the register can tell when some are missing, which the others cannot."""
    writer = PingWriter(tmp_path, "1")
    for salt in range(3):
        writer.add(WINDOW, KEY, by_bucket(pings(10, salt)))
    writer.add("other", KEY, by_bucket(pings(2)))
    writer.commit()
    assert writer.frames == {WINDOW: 30, "other": 2}
    assert sum(read_bucket(tmp_path, WINDOW, bucket, ["1"], KEY)[1] for bucket in range(BUCKETS)) == 30
    path = bucket_folder(tmp_path, WINDOW, 4) / "1.pings"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    assert read_bucket(tmp_path, WINDOW, 4, ["1"], KEY)[1] == 1, "cut between two frames"


def test_nothing_waits_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second lot is taken while the first is on its way; a third has to wait, as memory is bounded."""
    monkeypatch.setattr(open_window, "_FLUSH_ROWS", 1)
    gate = threading.Event()
    whole = PingWriter._write

    def slow(self: PingWriter, held: object) -> None:
        assert gate.wait(10)
        whole(self, held)  # type: ignore[arg-type]

    monkeypatch.setattr(PingWriter, "_write", slow)
    writer = PingWriter(tmp_path, "1")
    writer.add(WINDOW, KEY, by_bucket(pings(1)))
    third = threading.Thread(target=writer.add, args=(WINDOW, KEY, by_bucket(pings(1, 1))))
    third.start()
    third.join(0.05)
    assert third.is_alive()
    gate.set()
    third.join(10)
    writer.commit()
    assert salts(read(tmp_path, 0, ["1"])) == [0, 1]


def test_what_fails_while_it_is_written_is_raised(tmp_path: Path) -> None:
    (tmp_path / WINDOW).write_text("in the way", encoding="utf-8")
    writer = PingWriter(tmp_path, "1")
    writer.add(WINDOW, KEY, by_bucket(pings(1)))
    with pytest.raises(OSError, match="Not a directory"):
        writer.commit()
    writer.discard()


def test_only_registered_intakes_count(tmp_path: Path) -> None:
    write(tmp_path, "1", pings(USED))
    write(tmp_path, "2", pings(USED, 1))
    assert salts(read(tmp_path, 0, ["2"])) == [1]
    assert read_bucket(tmp_path, WINDOW, 0, ["3"], KEY) == (None, 0)
    (tmp_path / WINDOW / "00" / "2.pings.part").touch()
    sweep(tmp_path, {"2"})
    assert {path.name for path in tmp_path.glob("*/*/*")} == {"2.pings"}
    sweep(tmp_path, set())
    assert list(tmp_path.iterdir()) == [], "nor are empty folders left"


@pytest.mark.usefixtures("short_frames")
def test_what_is_discarded_is_gone(tmp_path: Path) -> None:
    write(tmp_path, "1", pings(10))
    writer = PingWriter(tmp_path, "2")
    writer.add(WINDOW, KEY, by_bucket(pings(10)))
    writer.discard()
    assert {path.name for path in tmp_path.glob("*/*/*")} == {"1.pings"}


def test_windows_are_removed_one_by_one(tmp_path: Path) -> None:
    write(tmp_path, "1", pings(10))
    write(tmp_path, "1", pings(10), window="other")
    remove_window(tmp_path, WINDOW)
    remove_window(tmp_path, WINDOW)
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_new_folders_are_flushed_up_to_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a power cut could take a whole window of a registered intake."""
    flushed: set[Path] = set()
    monkeypatch.setattr(open_window, "sync_folder", flushed.add)
    write(tmp_path, "1", pings(1))
    assert flushed == {tmp_path, tmp_path / WINDOW, tmp_path / WINDOW / "00"}


def test_nothing_is_in_clear_and_no_two_files_are_alike(tmp_path: Path) -> None:
    content = pings(1)
    write(tmp_path, "1", content)
    write(tmp_path, "2", content)
    one, two = ((bucket_folder(tmp_path, WINDOW, 0) / f"{n}.pings").read_bytes() for n in (1, 2))
    for column in (content.latitude, content.longitude):
        assert column.tobytes() not in one[8:], "after the length"
    assert one[8:] != two[8:]
    assert len(one) == 8 + 12 + 36 + 16


@pytest.mark.parametrize("place", [0, 7, 8, 19, 20, 55, 56, 71])
def test_any_altered_byte_is_noticed(place: int, tmp_path: Path) -> None:
    write(tmp_path, "1", pings(1))
    path = bucket_folder(tmp_path, WINDOW, 0) / "1.pings"
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(MachineError, match="cannot be decrypted"):
        read_bucket(tmp_path, WINDOW, 0, ["1"], KEY)


@pytest.mark.parametrize("length", [1, 8, 20, 71])
def test_a_cut_file_is_noticed(length: int, tmp_path: Path) -> None:
    write(tmp_path, "1", pings(1))
    path = bucket_folder(tmp_path, WINDOW, 0) / "1.pings"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(MachineError, match="cut short"):
        read_bucket(tmp_path, WINDOW, 0, ["1"], KEY)


@pytest.mark.usefixtures("short_frames")
def test_a_frame_is_bound_to_its_place(tmp_path: Path) -> None:
    """Nobody can move one to another window, bucket or intake, or repeat it, or swap two."""
    in_frames(tmp_path, 2)
    path = bucket_folder(tmp_path, WINDOW, 0) / "1.pings"
    content = path.read_bytes()
    frame = len(content) // 2
    assert salts(read(tmp_path, 0, ["1"])) == [0, 1]
    for window, bucket, intake, moved in (
        ("other", 0, "1", content),
        (WINDOW, 1, "1", content),
        (WINDOW, 0, "2", content),
        (WINDOW, 0, "1", content[frame:] + content[:frame]),
        (WINDOW, 0, "1", content[:frame] * 2),
        (WINDOW, 0, "1", content[frame:]),
    ):
        place = bucket_folder(tmp_path, window, bucket) / f"{intake}.pings"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(moved)
        with pytest.raises(MachineError, match="cannot be decrypted"):
            read_bucket(tmp_path, window, bucket, [intake], KEY)


def test_another_key_reads_nothing(tmp_path: Path) -> None:
    write(tmp_path, "1", pings(1))
    with pytest.raises(MachineError, match="its key is not the one"):
        read_bucket(tmp_path, WINDOW, 0, ["1"], bytes(32))


def without(salt: int) -> Callable[[Pings], NDArray[np.bool_]]:
    """Keep all pings but those of one frame, and those of the first bucket."""
    return lambda found: ((found.pseudonym[:, 0] & np.uint64(255)) != salt) & (found.pseudonym[:, 0] >= 1 << 56)


@pytest.mark.usefixtures("short_frames")
def test_rows_go_and_frames_stay(tmp_path: Path) -> None:
    in_frames(tmp_path, 3)
    write(tmp_path, "2", pings(2, 1))
    keep = without(1)
    assert filter_window(tmp_path, WINDOW, KEY, keep) == (2 * (USED - 1), 3 + USED - 1 + 2)
    assert read_bucket(tmp_path, WINDOW, 0, ["1", "2"], KEY) == (None, 4)
    found, frames = read_bucket(tmp_path, WINDOW, 1, ["1", "2"], KEY)
    assert found is not None
    assert (salts(found), frames) == ([0, 2], 4)
    assert filter_window(tmp_path, WINDOW, KEY, keep) == (2 * (USED - 1), 0), "done again, nothing is left to do"


@pytest.mark.usefixtures("short_frames")
def test_a_file_of_which_all_rows_stay_is_left_alone(tmp_path: Path) -> None:
    in_frames(tmp_path, 2)
    before = {path: (path.stat().st_ino, path.read_bytes()) for path in tmp_path.glob("*/*/*")}
    kept = filter_window(tmp_path, WINDOW, KEY, lambda found: found.pseudonym[:, 0] >= 1 << 56)
    assert kept == (2 * (USED - 1), 2)
    changed = [p for p, known in before.items() if (p.stat().st_ino, p.read_bytes()) != known]
    assert changed == [bucket_folder(tmp_path, WINDOW, 0) / "1.pings"]
    assert filter_window(tmp_path, "nowhere", KEY, lambda found: found.time > 0) == (0, 0)


@pytest.mark.usefixtures("short_frames")
def test_a_filter_that_is_cut_off_is_finished_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file is the old one or the new one, at every moment."""
    in_frames(tmp_path, 2)
    whole = {bucket: read(tmp_path, bucket, ["1"]) for bucket in range(USED)}
    synced: list[Path] = []

    def fails(path: Path) -> None:
        synced.append(path)
        if len(synced) == 3:
            raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(blobs, "sync_file", fails)
        with pytest.raises(OSError, match="no space left"):
            filter_window(tmp_path, WINDOW, KEY, without(1))
    assert not list(tmp_path.rglob("*.part"))
    for bucket in range(2, USED):
        assert same(read(tmp_path, bucket, ["1"]), whole[bucket])
    assert filter_window(tmp_path, WINDOW, KEY, without(1)) == (USED - 1, USED - 2)


def test_an_altered_file_is_not_filtered(tmp_path: Path) -> None:
    write(tmp_path, "1", pings(1))
    path = bucket_folder(tmp_path, WINDOW, 0) / "1.pings"
    content = bytearray(path.read_bytes())
    content[30] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(MachineError, match="cannot be decrypted"):
        filter_window(tmp_path, WINDOW, KEY, lambda found: found.time < 0)
    assert path.read_bytes() == bytes(content)
