"""A seal that was cut off goes on with the buckets that are certainly on the disk, and with no others."""

from __future__ import annotations

import dataclasses
import json
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hereabouts.store import sealing as module
from hereabouts.store.blobs import in_files
from hereabouts.store.files import sync_file
from hereabouts.store.sealed import TABLES, bucket_file
from hereabouts.store.sealing import BucketCounts, Sealing, sealing_folder
from hereabouts.store.store import Store
from hereabouts.windows import Calendar

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

FIRST = "2024-03-04/2024-03-11"
WINDOW = Calendar.of("UTC", "P7D", None).named(FIRST)
COUNTS = [BucketCounts(7, 2, 30, 5, 1), BucketCounts(9, 1, 0, 0, 0), BucketCounts(8, 3, 41, 9, 0)]


@pytest.fixture
def store(taken_site: Site, copy: Copy) -> Store:
    return Store(copy(taken_site).store)


def write(sealing: Sealing, bucket: int) -> None:
    for table in TABLES:
        bucket_file(sealing.folder, table, bucket).write_bytes(f"{table} of {bucket}".encode())


def cut_off(store: Store) -> Path:
    """Begin a seal, and interrupt it after some buckets."""
    sealing = Sealing(store, WINDOW)
    with suppress(KeyboardInterrupt), sealing.underway():
        for each in COUNTS:
            write(sealing, each.bucket)
            sealing.add(each)
        raise KeyboardInterrupt
    return in_files(sealing.folder)


def test_what_is_noted_is_not_done_again(store: Store) -> None:
    folder = cut_off(store)
    again = Sealing(store, WINDOW)
    assert again.done == {each.bucket: each for each in COUNTS}
    assert bucket_file(folder, TABLES[0], 7).read_text(encoding="utf-8") == f"{TABLES[0]} of 7"


def test_the_folder_is_its_own_and_is_gone_when_the_tables_have_their_name(store: Store) -> None:
    folder = cut_off(store)
    assert folder == sealing_folder(store, WINDOW)
    assert not store.sealed_folder(WINDOW).exists()
    sealing = Sealing(store, WINDOW)
    with sealing.underway():
        sealing.finish()
    assert {path.name for path in in_files(store.sealed_folder(WINDOW)).iterdir()} == set(TABLES)
    assert not folder.parent.exists()


@pytest.mark.parametrize("cut", [1, 30])
def test_a_line_that_was_cut_off_does_not_count(store: Store, cut: int) -> None:
    """A list is only ever written at its end: what comes before is whole."""
    notes = cut_off(store) / "done"
    notes.write_bytes(notes.read_bytes()[:-cut])
    expected = {7, 9, 8} if cut == 1 else {7, 9}
    assert set(Sealing(store, WINDOW).done) == expected
    assert set(Sealing(store, WINDOW).done) == expected, "what is written after it begins on a new line"


def test_other_pings_begin_anew(store: Store) -> None:
    """Another intake came between: its pings are in buckets that were done."""
    folder = cut_off(store)
    notes = folder / "done"
    first, *rest = notes.read_text(encoding="utf-8").split("\n")
    fewer = json.loads(first)
    fewer["frames"].popitem()
    notes.write_text("\n".join([json.dumps(fewer), *rest]), encoding="utf-8")
    assert Sealing(store, WINDOW).done == {}
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["done"]


@pytest.mark.parametrize("version", ["places_version", "withdrawals_version"])
def test_pings_that_were_purged_since_begin_anew(taken_site: Site, copy: Copy, version: str) -> None:
    site = copy(taken_site)
    cut_off(Store(site.store))
    site.sql(f"UPDATE windows SET {version} = {version} + 1 WHERE name = '{FIRST}'")  # noqa: S608
    assert Sealing(Store(site.store), WINDOW).done == {}


def test_other_code_begins_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_off(store)
    monkeypatch.setattr(module, "__version__", "0.0.0")
    assert Sealing(store, WINDOW).done == {}


def test_a_bucket_is_noted_only_when_its_files_are_on_the_disk(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sealing = Sealing(store, WINDOW)
    synced: list[str] = []

    def watched(path: Path) -> None:
        assert (sealing.folder / "done").read_bytes().count(b"\n") == 1, "its first line alone"
        sync_file(path)
        synced.append(path.parent.name)

    monkeypatch.setattr(module, "sync_file", watched)
    write(sealing, 7)
    with suppress(KeyboardInterrupt), sealing.underway():
        sealing.add(COUNTS[0])
        raise KeyboardInterrupt
    assert synced == list(TABLES)
    assert (sealing.folder / "done").read_bytes().count(b"\n") == 2


def test_buckets_are_noted_while_the_others_are_done(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_NOTE_SECONDS", -1.0)
    sealing = Sealing(store, WINDOW)
    notes = sealing.folder / "done"
    with sealing.underway():
        for number, each in enumerate(COUNTS, start=1):
            sealing.add(each)
            assert sealing._note is not None
            sealing._note.result(timeout=20)
            assert notes.read_bytes().count(b"\n") == number + 1


def test_a_slow_disk_does_not_hold_up_the_buckets(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done meanwhile waits for the next time."""
    written = threading.Event()

    def slow(path: Path) -> None:
        assert written.wait(20)

    monkeypatch.setattr(module, "_NOTE_SECONDS", -1.0)
    monkeypatch.setattr(module, "sync_file", slow)
    sealing = Sealing(store, WINDOW)
    with suppress(KeyboardInterrupt), sealing.underway():
        for each in COUNTS:
            write(sealing, each.bucket)
            sealing.add(each)
        written.set()
        raise KeyboardInterrupt
    assert Sealing(store, WINDOW).done == {each.bucket: each for each in COUNTS}


def test_what_cannot_be_noted_fails_the_seal_and_leaves_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    sealing = Sealing(store, WINDOW)
    monkeypatch.setattr(module, "_NOTE_SECONDS", -1.0)
    monkeypatch.setattr(module, "sync_file", full)
    write(sealing, 7)

    def seal() -> None:
        with sealing.underway():
            sealing.add(COUNTS[0])
            sealing.finish()

    with pytest.raises(OSError, match="No space"):
        seal()
    assert not sealing.folder.parent.exists()
    assert not store.sealed_folder(WINDOW).exists()


@pytest.mark.parametrize(("error", "kept"), [(ValueError, False), (KeyboardInterrupt, True), (SystemExit, True)])
def test_what_fails_leaves_nothing_and_what_is_interrupted_is_kept(
    store: Store, error: type[BaseException], kept: bool
) -> None:
    cut_off(store)
    sealing = Sealing(store, WINDOW)
    with pytest.raises(error), sealing.underway():
        raise error
    assert sealing.folder.exists() == kept


def test_counts_are_all_that_is_noted() -> None:
    """No pseudonym and no place, though the list lies beside the tables for moments only."""
    assert [field.type for field in dataclasses.fields(BucketCounts)] == ["int"] * 5
