"""The place of a release: there whole, or as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from hereabouts.acts.place import check_place, place
from hereabouts.errors import MachineError, RefusedError, UsageError


@pytest.mark.parametrize("there", [False, True])
def test_a_release_appears_whole(there: bool, tmp_path: Path) -> None:
    out = tmp_path / "release"
    if there:
        out.mkdir()
    check_place(out)
    with place(out) as folder:
        (folder / "file").write_text("content")
        assert not out.exists() or not list(out.iterdir())
    assert [path.name for path in out.iterdir()] == ["file"]
    assert list(tmp_path.iterdir()) == [out]


def test_folders_above_it_are_made_and_unmade(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b" / "release"
    with pytest.raises(RefusedError), place(out):
        raise RefusedError("budget", "nothing is left")
    assert list(tmp_path.iterdir()) == []
    with place(out):
        pass
    assert out.is_dir()


def test_what_was_there_before_a_failure_is_there_after_it(tmp_path: Path) -> None:
    out = tmp_path / "release"
    out.mkdir()
    (tmp_path / "other").touch()

    def stop_half_way() -> None:
        with place(out) as folder:
            (folder / "half").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop_half_way()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "release"]
    assert list(out.iterdir()) == []


def test_what_a_killed_release_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "release.part").mkdir()
    (tmp_path / "release.part" / "half").touch()
    with place(tmp_path / "release"):
        pass
    assert list((tmp_path / "release").iterdir()) == []
    assert len(list(tmp_path.iterdir())) == 1


def test_a_full_disk_says_that_nothing_is_paid_twice(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match=r"release: No space left.*is not paid twice"), place(tmp_path / "release"):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_a_place_where_nothing_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MachineError, match="Not a directory"), place(tmp_path / "file" / "release"):
        pass


def test_a_link_to_an_empty_folder_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link"
    link.symlink_to("real")
    check_place(link)
    with place(link) as folder:
        (folder / "file").touch()
    assert link.is_symlink()
    assert (tmp_path / "real" / "file").exists()


def test_places_that_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    for taken in (tmp_path, tmp_path / "file"):
        with pytest.raises(UsageError, match="is not an empty folder"):
            check_place(taken)
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    for here in (Path(), empty, Path("../empty")):
        with pytest.raises(UsageError, match="the current folder"):
            check_place(here)
