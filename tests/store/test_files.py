"""Files that are whole or as they were, and a lock that dies with its holder."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from hereabouts.store.files import durable_write, exclusive, sync_tree


def test_what_is_written_is_there_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "kept.npz"
    for content in (b"one", b"two, which is longer", b""):
        durable_write(path, content)
        assert path.read_bytes() == content
        assert list(tmp_path.iterdir()) == [path]


def test_the_mode_is_there_from_the_first_byte_on(tmp_path: Path) -> None:
    durable_write(tmp_path / "key", b"secret", mode=0o600)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


@pytest.mark.parametrize("call", ["fsync", "open"])
def test_a_write_that_fails_leaves_the_old_file_alone(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept.npz"
    durable_write(path, b"old")

    def fail(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OSError, match="No space left"):
        durable_write(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_writer_left_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "kept.npz.part").write_bytes(b"half of something longer")
    durable_write(tmp_path / "kept.npz", b"new")
    assert (tmp_path / "kept.npz").read_bytes() == b"new"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_tree_is_flushed_down_to_its_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").touch()
    flushed = set()
    monkeypatch.setattr(os, "fsync", lambda descriptor: flushed.add(Path(f"/proc/self/fd/{descriptor}").readlink()))
    sync_tree(tmp_path)
    assert flushed == {tmp_path, tmp_path / "a", tmp_path / "a/b", tmp_path / "a/b/file"}


def test_the_second_waits_for_the_first(tmp_path: Path) -> None:
    told: list[str] = []

    def second() -> None:
        with exclusive(tmp_path / "lock"):
            told.append("second")

    with exclusive(tmp_path / "lock"):
        waiter = threading.Thread(target=second)
        waiter.start()
        time.sleep(0.1)
        told.append("first")
    waiter.join()
    assert told == ["first", "second"]


def test_a_holder_that_is_killed_lets_go(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from hereabouts.store.files import exclusive\n"
        "with exclusive(Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, tmp_path / "lock"], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        holder.kill()
        with exclusive(tmp_path / "lock"):
            pass
