"""Keys: made once, never twice, and gone when they are destroyed."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hereabouts.errors import MachineError, UsageError
from hereabouts.store.keys import KEY_BYTES, PINGS, PSEUDONYMS, WITHDRAWAL, Keys

WINDOW = "2024-03-04_2024-03-11"


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "keys", "store-a", make=True)


def test_a_key_is_made_once(keys: Keys, tmp_path: Path) -> None:
    key = keys.get_or_make(WINDOW, PINGS)
    assert len(key) == KEY_BYTES == 32
    assert keys.get_or_make(WINDOW, PINGS) == keys.get(WINDOW, PINGS) == key
    assert Keys(tmp_path / "keys", "store-a").get(WINDOW, PINGS) == key, "and kept"


def test_every_window_and_use_has_its_own(keys: Keys) -> None:
    made = {keys.get_or_make(window, use) for window in (WINDOW, "other") for use in (PINGS, PSEUDONYMS)}
    assert len(made) == 4


def test_threads_that_find_none_make_one(keys: Keys) -> None:
    barrier = threading.Barrier(8)

    def ask(_: int) -> bytes:
        barrier.wait()
        return keys.get_or_make(WINDOW, PSEUDONYMS)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1


def test_a_missing_key_is_an_error_and_stays_missing(keys: Keys) -> None:
    with pytest.raises(MachineError, match=r"pseudonyms\.key.*restore it from a copy"):
        keys.get(WINDOW, PSEUDONYMS)
    assert list(keys.folder.iterdir()) == []


@pytest.mark.parametrize("content", [b"", bytes(31), bytes(33)])
def test_what_is_no_key(keys: Keys, content: bytes) -> None:
    (keys.folder / f"{WINDOW}.{PINGS}.key").write_bytes(content)
    for ask in (keys.get, keys.get_or_make):
        with pytest.raises(MachineError, match=f"has {len(content)} bytes, expected 32"):
            ask(WINDOW, PINGS)


def test_a_destroyed_key_is_overwritten_before_it_is_deleted(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.get_or_make(WINDOW, PINGS)
    keys.get_or_make(WINDOW, PSEUDONYMS)
    path = keys.folder / f"{WINDOW}.{PINGS}.key"
    seen: list[bytes] = []
    monkeypatch.setattr(os, "fsync", lambda _: seen.append(path.read_bytes() if path.exists() else b"gone"))
    keys.destroy(WINDOW, PINGS)
    assert seen == [bytes(32), b"gone"]
    assert [file.name for file in keys.folder.iterdir()] == [f"{WINDOW}.{PSEUDONYMS}.key"]
    keys.destroy(WINDOW, PINGS)


def test_the_suppression_key_is_made_once_and_belongs_to_no_window(keys: Keys) -> None:
    """A second one would let every withdrawn device in again."""
    with pytest.raises(MachineError, match=r"suppression\.key.*restore it from a copy"):
        keys.suppression(make=False)
    assert list(keys.folder.iterdir()) == []
    key = keys.suppression(make=True)
    assert len(key) == KEY_BYTES
    assert keys.suppression(make=True) == keys.suppression(make=False) == key
    assert key != keys.get_or_make(WINDOW, PSEUDONYMS)
    assert [file.name for file in keys.folder.glob("s*")] == ["suppression.key"]


def test_which_windows_have_keys(keys: Keys) -> None:
    keys.suppression(make=True)
    keys.get_or_make("0001", WITHDRAWAL)
    keys.get_or_make(WINDOW, PSEUDONYMS)
    keys.get_or_make(WINDOW, PINGS)
    assert keys.of_windows() == [(WINDOW, PINGS), (WINDOW, PSEUDONYMS)]
    assert keys.has(WINDOW, PINGS)
    keys.destroy(WINDOW, PINGS)
    assert not keys.has(WINDOW, PINGS)
    assert keys.of_windows() == [(WINDOW, PSEUDONYMS)]


def test_only_their_owner_may_look(keys: Keys, tmp_path: Path) -> None:
    keys.get_or_make(WINDOW, PINGS)
    assert (tmp_path / "keys").stat().st_mode & 0o777 == keys.folder.stat().st_mode & 0o777 == 0o700
    assert next(keys.folder.iterdir()).stat().st_mode & 0o777 == 0o600
    (tmp_path / "keys").chmod(0o750)
    with pytest.raises(UsageError, match="mode 750, expected 700"):
        Keys(tmp_path / "keys", "store-a")


def test_a_missing_folder_is_made_for_a_new_store_only(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="bring it back"):
        Keys(tmp_path / "keys", "store-a")
    assert not (tmp_path / "keys").exists()
    Keys(tmp_path / "keys", "store-a", make=True)
    with pytest.raises(MachineError, match="store-b"):
        Keys(tmp_path / "keys", "store-b")
