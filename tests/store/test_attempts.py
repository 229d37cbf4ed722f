"""What another machine wrote counts when it is adopted, and is gone else."""

from __future__ import annotations

from pathlib import Path

import pytest

from hereabouts.store.attempts import FOLDER, adopt, attempts, begin, sweep


def test_only_what_is_adopted_stays(tmp_path: Path) -> None:
    to = tmp_path / "to"
    (to / "old").mkdir(parents=True)
    with attempts(tmp_path) as folder:
        for name, text in (("1", "first"), ("2", "second")):
            own = begin(folder, name)
            for place in ("old", "new/deep"):
                (own / place).mkdir(parents=True)
                (own / place / "file").write_text(text, encoding="utf-8")
        adopt(folder / "2", to, durably=True)
        assert not (folder / "2").exists()
    assert not (tmp_path / FOLDER).exists()
    assert {path.relative_to(to).as_posix(): path.read_text() for path in to.rglob("file")} == {
        "old/file": "second",
        "new/deep/file": "second",
    }


def test_whoever_is_late_finds_no_folder(tmp_path: Path) -> None:
    with attempts(tmp_path) as folder:
        pass
    with pytest.raises(FileNotFoundError):
        begin(folder, "late")


def test_what_a_crash_left_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / FOLDER / "1").mkdir(parents=True)
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []
