"""What a store no longer has: by the clock, whoever was there, and however often it was stopped (RETAIN)."""

from __future__ import annotations

from pathlib import Path

import pytest

from hereabouts.state import open_state, sqlite_url
from hereabouts.store.keys import PINGS, PSEUDONYMS, Keys
from hereabouts.store.retention import RetentionRegister
from hereabouts.windows import Calendar

CALENDAR = Calendar.of("Europe/Paris", "P7D", None)
A, B = CALENDAR.named("2024-03-04/2024-03-11"), CALENDAR.named("2024-03-11/2024-03-18")


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    keys = Keys(tmp_path / "keys", "store-a", make=True)
    keys.suppression(make=True)
    for window in (A, B):
        for use in (PSEUDONYMS, PINGS):
            keys.get_or_make(window.folder, use)
    return keys


@pytest.fixture
def register(tmp_path: Path, keys: Keys) -> RetentionRegister:
    for window in (A, B):
        (tmp_path / "sealed" / window.folder / "presence").mkdir(parents=True)
    state = open_state(sqlite_url(tmp_path / "state.sqlite"), create=True)
    return RetentionRegister(tmp_path / "sealed", state, keys, CALENDAR)


def folders(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "sealed").iterdir())


def test_at_first_all_is_kept(register: RetentionRegister, keys: Keys, tmp_path: Path) -> None:
    register.enforce()
    assert (register.keys_until(), register.tables_until()) == (0, 0)
    assert len(keys.of_windows()) == 4
    assert folders(tmp_path) == [A.folder, B.folder]


def test_a_window_loses_its_keys_when_its_time_has_come(register: RetentionRegister, keys: Keys) -> None:
    register.register("00", A.end - 1, 0, {})
    register.enforce()
    assert len(keys.of_windows()) == 4, "a second too early"
    assert register.register("00", A.end, 0, {"keys_destroyed": [A.name]}) == 2
    register.enforce()
    assert {window for window, _ in keys.of_windows()} == {B.folder}
    assert (keys.folder / "suppression.key").exists()
    assert register.keys_until() == A.end


def test_tables_go_by_an_instant_of_their_own(register: RetentionRegister, keys: Keys, tmp_path: Path) -> None:
    register.register("00", A.end, A.end - 1, {})
    register.enforce()
    assert folders(tmp_path) == [A.folder, B.folder]
    register.register("00", A.end, A.end, {})
    register.enforce()
    assert folders(tmp_path) == [B.folder]
    register.enforce()


def test_a_longer_schedule_brings_nothing_back(register: RetentionRegister) -> None:
    register.register("00", B.end, A.end, {})
    register.register("01", 5, 0, {})
    assert (register.keys_until(), register.tables_until()) == (B.end, A.end)


def test_keys_that_a_crash_left_go_too(register: RetentionRegister, keys: Keys) -> None:
    """Made by an intake that never came to be registered: their window is not known."""
    register.register("00", B.end, 0, {})
    register.enforce()
    assert keys.of_windows() == []
    keys.get_or_make(A.folder, PSEUDONYMS)
    register.enforce()
    assert keys.of_windows() == []


def test_what_is_not_ours_is_left_alone(register: RetentionRegister, keys: Keys, tmp_path: Path) -> None:
    (tmp_path / "sealed" / "notes").mkdir()
    (keys.folder / "my.pings.key").touch()
    register.register("00", B.end, B.end, {})
    register.enforce()
    assert folders(tmp_path) == ["notes"]
    assert {path.name for path in keys.folder.iterdir()} == {"my.pings.key", "suppression.key"}
