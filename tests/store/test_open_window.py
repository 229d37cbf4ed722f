"""Pings at rest: by bucket, encrypted, bound to their place, and only those of registered intakes count."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.errors import MachineError
from hereabouts.store import open_window
from hereabouts.store.open_window import (
    BUCKETS,
    Pings,
    PingWriter,
    bucket_folder,
    read_bucket,
    remove_window,
    split_by_bucket,
    sweep,
)

KEY, WINDOW = bytes(range(32)), "2024-03-04_2024-03-11"


def pings(count: int, salt: int = 0) -> Pings:
    """Pings with all kinds of numbers in them; device k is in bucket k."""
    number = np.arange(count, dtype=np.uint64)
    high = (number % np.uint64(BUCKETS)) << np.uint64(57)
    return Pings(
        np.column_stack([high + np.uint64(salt), number]),
        np.arange(count, dtype=np.int64) * -1_000_003,
        np.linspace(-90, 90, count) if count else np.empty(0),
        np.linspace(180, -180, count) if count else np.empty(0),
    )


def same(one: Pings, other: Pings) -> bool:
    return one.to_bytes() == other.to_bytes()


def write(folder: Path, intake: str, content: Pings, window: str = WINDOW) -> None:
    writer = PingWriter(folder, intake)
    writer.add(window, KEY, split_by_bucket(content))
    writer.commit()


@given(count=st.integers(0, 50))
@settings(max_examples=20, deadline=None)
def test_bytes_and_back(count: int) -> None:
    content = pings(count)
    back = Pings.from_bytes(content.to_bytes())
    assert len(back) == count
    assert same(back, content)


def test_a_bucket_is_the_first_bits_of_a_pseudonym() -> None:
    content = pings(1000)
    parts = split_by_bucket(content)
    assert [bucket for bucket, _ in parts] == list(range(BUCKETS))
    assert sum(len(part) for _, part in parts) == 1000
    for bucket, part in parts:
        assert set((part.pseudonym[:, 0] >> np.uint64(57)).tolist()) == {bucket}
        assert part.time.tolist() == sorted(part.time.tolist(), reverse=True), "rows keep their order"
    assert split_by_bucket(pings(0)) == []


def test_what_is_written_is_read_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over several frames and intakes."""
    monkeypatch.setattr(open_window, "_FLUSH_ROWS", 100)
    writer = PingWriter(tmp_path, "1")
    for salt in range(5):
        writer.add(WINDOW, KEY, split_by_bucket(pings(128, salt)))
    writer.commit()
    write(tmp_path, "2", pings(128, 9))
    found = read_bucket(tmp_path, WINDOW, 3, ["1", "2"], KEY)
    assert found is not None
    assert (found.pseudonym[:, 0] & np.uint64(15)).tolist() == [0, 1, 2, 3, 4, 9]
    assert same(found.take(slice(0, 1)), pings(128).take(slice(3, 4)))


def test_only_registered_intakes_count(tmp_path: Path) -> None:
    write(tmp_path, "1", pings(128))
    write(tmp_path, "2", pings(128, 1))
    assert len(read_bucket(tmp_path, WINDOW, 0, ["2"], KEY) or ()) == 1
    assert read_bucket(tmp_path, WINDOW, 0, ["3"], KEY) is None
    sweep(tmp_path, {"2"})
    assert {path.name for path in tmp_path.glob("*/*/*")} == {"2.pings"}
    sweep(tmp_path, set())
    assert list(tmp_path.iterdir()) == [], "nor are empty folders left"


def test_what_is_discarded_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_window, "_FLUSH_ROWS", 1)
    write(tmp_path, "1", pings(10))
    writer = PingWriter(tmp_path, "2")
    writer.add(WINDOW, KEY, split_by_bucket(pings(10)))
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
    for column in (content.time, content.latitude, content.longitude):
        assert column.tobytes() not in one[8:], "after the length"
    assert one[8:] != two[8:]
    assert len(one) == 8 + 12 + 40 + 16


@pytest.mark.parametrize("place", [0, 7, 8, 19, 20, 59, 60, 75])
def test_any_altered_byte_is_noticed(place: int, tmp_path: Path) -> None:
    write(tmp_path, "1", pings(1))
    path = bucket_folder(tmp_path, WINDOW, 0) / "1.pings"
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(MachineError, match="cannot be decrypted"):
        read_bucket(tmp_path, WINDOW, 0, ["1"], KEY)


@pytest.mark.parametrize("length", [1, 8, 20, 75])
def test_a_cut_file_is_noticed(length: int, tmp_path: Path) -> None:
    write(tmp_path, "1", pings(1))
    path = bucket_folder(tmp_path, WINDOW, 0) / "1.pings"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(MachineError, match="cut short"):
        read_bucket(tmp_path, WINDOW, 0, ["1"], KEY)


def test_a_frame_is_bound_to_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can move one to another window, bucket or intake, or repeat it, or swap two."""
    monkeypatch.setattr(open_window, "_FLUSH_ROWS", 1)
    writer = PingWriter(tmp_path, "1")
    for salt in (1, 2):
        writer.add(WINDOW, KEY, split_by_bucket(pings(1, salt)))
    writer.commit()
    path = bucket_folder(tmp_path, WINDOW, 0) / "1.pings"
    content = path.read_bytes()
    frame = len(content) // 2
    assert len(read_bucket(tmp_path, WINDOW, 0, ["1"], KEY) or ()) == 2
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
