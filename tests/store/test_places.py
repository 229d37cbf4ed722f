"""The register of sensitive places: the newest list is in force, and it is the one that was registered (SL-LIST)."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hereabouts.errors import MachineError
from hereabouts.feeds.places.listing import PlaceList
from hereabouts.state import open_state, sqlite_url
from hereabouts.store.places import PlaceRegister
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

DAY = dt.date(2026, 3, 2)


@pytest.fixture
def register(tmp_path: Path) -> PlaceRegister:
    return PlaceRegister(tmp_path / "places", open_state(sqlite_url(tmp_path / "state.sqlite"), create=True))


def places(tmp_path: Path, *rows: str) -> PlaceList:
    path = tmp_path / "list.csv"
    path.write_text("\n".join(["category,latitude,longitude,radius", *rows]) + "\n", encoding="utf-8")
    return PlaceList.load(path)


@pytest.fixture
def clinic(tmp_path: Path) -> PlaceList:
    return places(tmp_path, "medical,52.3,-1.1,50")


@pytest.fixture
def both(tmp_path: Path) -> PlaceList:
    return places(tmp_path, "medical,52.3,-1.1,50", "religious,52.4,-1.2,30")


def test_at_first_there_is_none(register: PlaceRegister) -> None:
    assert register.current() == (0, None)
    assert register.newest() is None
    register.sweep()


def test_the_newest_list_is_in_force(register: PlaceRegister, clinic: PlaceList, both: PlaceList) -> None:
    assert register.add(clinic, DAY) == 1
    assert register.current() == (1, clinic)
    assert register.add(both, DAY + dt.timedelta(days=1)) == 2
    version, current = register.current()
    assert (version, current) == (2, both)
    assert current is register.current()[1], "read once"
    row = register.newest()
    assert row is not None
    assert (row.digest, row.assessed, row.summary) == (
        both.digest,
        DAY + dt.timedelta(days=1),
        {"medical": 1, "religious": 1},
    )
    assert row.added > 0


def test_the_same_list_again_is_only_assessed_anew(register: PlaceRegister, clinic: PlaceList) -> None:
    """A new version would mean to purge everything for nothing, and make every release stale."""
    register.add(clinic, DAY)
    assert register.add(clinic, DAY + dt.timedelta(days=90)) == 1
    row = register.newest()
    assert row is not None
    assert (row.version, row.assessed) == (1, DAY + dt.timedelta(days=90))


def test_a_list_that_was_taken_back_is_a_new_version(
    register: PlaceRegister, clinic: PlaceList, both: PlaceList
) -> None:
    for version, listed in enumerate((clinic, both, clinic), start=1):
        assert register.add(listed, DAY) == version
        assert register.current() == (version, listed)


@pytest.mark.parametrize("change", ["gone", "altered", "another"])
def test_a_list_that_is_not_the_registered_one_is_refused(
    change: str, register: PlaceRegister, clinic: PlaceList, both: PlaceList, tmp_path: Path
) -> None:
    """With a shorter list pings would pass that must not."""
    register.add(both, DAY)
    path = tmp_path / "places" / "0001.parquet"
    if change == "gone":
        path.unlink()
    elif change == "altered":
        path.write_bytes(path.read_bytes()[:-9])
    else:
        clinic.write(path)
    # Another command's register: what this one has read it keeps.
    again = PlaceRegister(tmp_path / "places", open_state(sqlite_url(tmp_path / "state.sqlite")))
    with pytest.raises(MachineError, match=r"0001\.parquet.*restore it from a copy"):
        again.current()


def test_what_was_never_registered_is_swept(register: PlaceRegister, clinic: PlaceList, tmp_path: Path) -> None:
    register.add(clinic, DAY)
    folder = tmp_path / "places"
    before = {path.name for path in folder.iterdir()}
    shutil.copy(folder / "0001.parquet", folder / "0002.parquet")
    (folder / "0002.part").mkdir()
    (folder / "0002.part" / "0002.parquet").write_bytes(b"half")
    (folder / "notes.parquet").touch()
    register.sweep()
    assert {path.name for path in folder.iterdir()} == before | {"notes.parquet"} == {"0001.parquet", "notes.parquet"}


def test_a_new_window_begins_at_the_version_in_force(empty_site: Site, clinic: PlaceList, copy: Copy) -> None:
    """It was filled through that list's gate: there is nothing to purge in it."""
    site = copy(empty_site)
    store = Store(site.store)
    store.mark_empty(store.calendar.named("2024-02-26/2024-03-04"))
    with store.locked():
        store.place_register.add(clinic, DAY)
    assert store.places() == (1, clinic)
    store.mark_empty(store.calendar.named("2024-03-04/2024-03-11"))
    assert [known.places_version for known in store.windows()] == [0, 1]


def test_a_state_from_before_a_list_is_refused(register: PlaceRegister, clinic: PlaceList, tmp_path: Path) -> None:
    """Swept away as remains of a crash, the list would be gone, and pings pass that must not (SL-LIST)."""
    state, older = tmp_path / "state.sqlite", tmp_path / "older.sqlite"
    shutil.copy(state, older)
    register.add(clinic, DAY)
    for name in ("state.sqlite", "state.sqlite-wal", "state.sqlite-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    shutil.copy(older, state)
    restored = PlaceRegister(tmp_path / "places", open_state(sqlite_url(state)))
    for _ in range(2):
        with pytest.raises(MachineError, match=r"state is older than .*0001\.parquet.*from the same copy"):
            restored.sweep()
    assert [path.name for path in (tmp_path / "places").iterdir()] == ["0001.parquet"]


@pytest.mark.parametrize("where", ["writing", "shutil.rmtree"])
def test_a_list_that_was_being_registered_is_swept(
    where: str, register: PlaceRegister, clinic: PlaceList, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped before its row, or once more while that is cleared away."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("hereabouts.store.places.writing", stop)
        with pytest.raises(KeyboardInterrupt):
            register.add(clinic, DAY)
    folder = tmp_path / "places"
    assert {path.name for path in folder.iterdir()} == {"0001.parquet", "0001.part"}
    if where != "writing":
        with monkeypatch.context() as patch:
            patch.setattr(f"hereabouts.store.places.{where}", stop)
            with pytest.raises(KeyboardInterrupt):
                register.sweep()
        assert [path.name for path in folder.iterdir()] == ["0001.part"]
    register.sweep()
    assert list(folder.iterdir()) == []
    assert register.add(clinic, DAY) == 1
