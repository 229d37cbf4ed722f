"""Whatever was altered, removed or moved in a log is found, and its place is said."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from hereabouts.log.checking import commitment_faults, entry_faults, state_faults, tree_faults
from hereabouts.log.checkpoint import Checkpoint
from hereabouts.log.entries import contents
from hereabouts.log.merkle import root
from hereabouts.log.reading import read_checkpoint
from hereabouts.log.tiles import Tiles
from hereabouts.state import writing
from hereabouts.state.tables import LogEntryRow

if TYPE_CHECKING:
    from tests.log.conftest import Keep, Kept


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, keep: Keep) -> Kept:
    log = keep(tmp_path_factory.mktemp("published"))
    log.fill(0, 600)
    log.publish()
    return log


def faults(log: Kept) -> list[str]:
    return tree_faults(log.path, read_checkpoint(log.path)[0])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def rename(path: Path) -> None:
    """The first entry is somebody else's."""
    path.write_bytes(path.read_bytes().replace(b'"ana"', b'"bob"', 1))


def swap(path: Path) -> None:
    """Two entries of one length change places."""
    content = path.read_bytes()
    length = 2 + int.from_bytes(content[:2], "big")
    path.write_bytes(content[length : 2 * length] + content[:length] + content[2 * length :])


def drop_first(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[2 + int.from_bytes(content[:2], "big") :])


def test_a_sound_log_has_no_faults(published: Kept) -> None:
    assert faults(published) == []
    assert entry_faults(published.path, 600) == []
    assert state_faults(published.path, 600, published.state) == []
    assert commitment_faults(published.state) == []


@pytest.mark.parametrize(
    ("path", "change", "found"),
    [
        ("tile/entries/001", rename, "entry 256 is not what tile/0/001 was made of"),
        ("tile/entries/000", swap, "entry 0, 1 is not what tile/0/000 was made of"),
        ("tile/entries/001", drop_first, "tile/entries/001 of the log is not whole"),
        ("tile/entries/001", Path.unlink, "the log lacks tile/entries/001"),
        ("tile/entries/002.p/88", rename, "entry 512 is not what tile/0/002.p/88 was made of"),
        ("tile/0/001", flip, "entry 384 is not what tile/0/001 was made of"),
        ("tile/0/001", Path.unlink, "the log lacks tile/0/001"),
        ("tile/0/001", lambda path: path.write_bytes(b""), "tile/0/001 of the log has 0 bytes, expected 8192"),
        ("tile/1/000.p/2", flip, "hash 1 of level 1 is not what tile/1/000.p/2 was made of"),
        ("tile/1/000.p/2", Path.unlink, "the log lacks tile/1/000.p/2"),
    ],
)
def test_what_was_altered_is_found_and_where(
    path: str, change: Callable[[Path], None], found: str, published: Kept, tmp_path: Path
) -> None:
    log = published.copy(tmp_path / "log")
    change(log.path / path)
    (first, *_) = faults(log)
    assert re.search(found, first), first


def test_entries_that_were_altered_together_with_all_their_tiles_are_found_by_the_root(
    published: Kept, keep: Keep, tmp_path: Path
) -> None:
    """A log made anew around an altered entry, under the old checkpoint."""
    log = keep(tmp_path)
    changed = list(contents(published.state))
    changed[77] = changed[77].replace(b"ana", b"bob")
    Tiles(log.path, 0).grow(changed, log.write)
    checkpoint, note = read_checkpoint(published.path)
    log.write("checkpoint", str(note).encode())
    assert faults(log) == ["the 600 entries make another root than the one in the checkpoint"]
    assert state_faults(log.path, 600, published.state) == ["entry 77 is another one in the store's state"]
    reordered = [*changed[1:], changed[0]]
    assert root(600, Tiles(log.path, 600).node) != checkpoint.root
    Tiles(log.path, 0).grow(reordered, log.write)
    assert faults(log) != []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_bit_of_a_log_can_be_altered(data: st.DataObject, published: Kept) -> None:
    files = sorted(path for path in published.path.rglob("*") if path.is_file() and path.name != "checkpoint")
    path = data.draw(st.sampled_from(files))
    content = path.read_bytes()
    bit = data.draw(st.integers(0, 8 * len(content) - 1))
    spoilt = bytearray(content)
    spoilt[bit // 8] ^= 1 << bit % 8
    try:
        path.write_bytes(spoilt)
        assert faults(published) != []
    finally:
        path.write_bytes(content)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 512, 65_536, 65_537])
def test_logs_of_every_shape_are_sound(size: int, keep: Keep, tmp_path: Path) -> None:
    log = keep(tmp_path)
    Tiles(log.path, 0).grow([b"%d" % number for number in range(size)], log.write)
    tree = Checkpoint("log", size, root(size, Tiles(log.path, size).node))
    assert tree_faults(log.path, tree) == []
    assert tree_faults(log.path, Checkpoint("log", size, bytes(32))) != []


def test_what_says_something_else_is_no_entry(keep: Keep, tmp_path: Path) -> None:
    log = keep(tmp_path)
    Tiles(log.path, 0).grow([b"{}", b"[]"], log.write)
    assert [fault[:8] for fault in entry_faults(log.path, 2)] == ["entry 0:", "entry 1:"]


def test_a_commitment_that_does_not_open_is_found(kept: Kept) -> None:
    kept.add(7)
    assert commitment_faults(kept.state) == []
    with writing(kept.state) as session:
        session.execute(update(LogEntryRow).where(LogEntryRow.place == 3).values(document=b"told otherwise later"))
        session.execute(update(LogEntryRow).where(LogEntryRow.place == 6).values(salt=None))
        session.execute(update(LogEntryRow).where(LogEntryRow.place == 1).values(entry=b"{}"))
    assert [fault.partition(":")[0] for fault in commitment_faults(kept.state)] == [
        "entry 1 of the store's state",
        "entry 3 commits to another document than the one in the store's state",
        "entry 6 commits to another document than the one in the store's state",
    ]


def test_a_state_that_lost_entries_is_found(kept: Kept) -> None:
    kept.add(5)
    kept.publish()
    with writing(kept.state) as session:
        session.delete(session.get_one(LogEntryRow, 4))
    assert state_faults(kept.path, 5, kept.state) == ["the store's state has 4 entries and the log has 5"]
    with writing(kept.state) as session:
        session.delete(session.get_one(LogEntryRow, 1))
    assert "the store's state lacks entry 1 of the log: somebody removed it" in state_faults(kept.path, 5, kept.state)
