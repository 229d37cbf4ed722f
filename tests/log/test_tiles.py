"""A log in files: however it grew, it is the same log, and every proof can be made from its tiles."""

from __future__ import annotations

from pathlib import Path

import pytest

from hereabouts.errors import VerificationError
from hereabouts.log.merkle import inclusion_proof, is_included, leaf_hash, root
from hereabouts.log.tiles import Tiles, tile_path


def entry(number: int) -> bytes:
    return f"entry {number}".encode() * (number % 3)


def grown(folder: Path, steps: list[int]) -> Tiles:
    def write(path: str, content: bytes) -> None:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    tiles, size = Tiles(folder, 0), 0
    for step in steps:
        tiles = Tiles(folder, tiles.grow([entry(size + place) for place in range(step)], write))
        size += step
    return tiles


@pytest.mark.parametrize(
    ("level", "number", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (1, 1234067, 256, "tile/1/x001/x234/067"),
        (0, 273, 112, "tile/0/273.p/112"),
        ("entries", 1000, 1, "tile/entries/x001/000.p/1"),
    ],
)
def test_paths_are_those_of_the_standard(level: int | str, number: int, width: int, path: str) -> None:
    assert tile_path(level, number, width) == path


def test_the_files_of_a_tree_of_70000_are_those_that_the_standard_names(tmp_path: Path) -> None:
    grown(tmp_path, [70_000])
    names = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert sum(name.startswith("tile/0/") for name in names) == 274
    assert {"tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"} <= names
    assert sum(name.startswith("tile/entries/") for name in names) == 274


@pytest.mark.parametrize("steps", [[600], [1] * 20 + [580], [255, 1, 1, 255, 88], [256, 256, 88], [300, 0, 300]])
def test_however_a_log_grew_it_is_the_same(steps: list[int], tmp_path: Path) -> None:
    tiles, whole = grown(tmp_path / "a", steps), grown(tmp_path / "b", [600])
    assert tiles.size == 600
    assert root(600, tiles.node) == root(600, whole.node)
    assert list(tiles.all_entries()) == [entry(number) for number in range(600)]
    for index in (0, 255, 256, 511, 512, 599):
        assert is_included(entry(index), index, 600, inclusion_proof(index, 600, tiles.node), root(600, whole.node))
    assert tiles.node(0, 300) == leaf_hash(entry(300))


def test_an_older_size_is_read_from_a_log_that_has_grown_since(tmp_path: Path) -> None:
    grown(tmp_path, [300, 1, 400])
    assert root(300, Tiles(tmp_path, 300).node) == root(300, grown(tmp_path / "other", [300]).node)


def test_what_was_written_and_not_signed_for_is_overwritten(tmp_path: Path) -> None:
    """Stopped before its checkpoint: the next growth starts from the size that was signed."""
    grown(tmp_path, [250, 20])
    again = grown(tmp_path, [250])
    assert root(250, again.node) == root(250, grown(tmp_path / "other", [250]).node)


def read_all(folder: Path) -> None:
    tiles = Tiles(folder, 300)
    tiles.node(0, 0)
    list(tiles.all_entries())


@pytest.mark.parametrize("path", ["tile/0/000", "tile/entries/001.p/44"])
def test_what_is_missing_or_cut_short_is_said(path: str, tmp_path: Path) -> None:
    grown(tmp_path, [300])
    file = tmp_path / path
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(VerificationError, match=r"bytes, expected|not whole"):
        read_all(tmp_path)
    file.unlink()
    with pytest.raises(VerificationError, match="the log lacks"):
        read_all(tmp_path)


def test_an_entry_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="65535 bytes"):
        Tiles(tmp_path, 0).grow([bytes(65_536)], lambda _path, _content: None)
