"""A log as static files (C2SP tlog-tiles v0.1.0): entries and hashes in tiles of 256, which anyone may mirror."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from hereabouts.errors import VerificationError
from hereabouts.log.merkle import leaf_hash, perfect_root

WIDTH = 256
_HEIGHT = 8
_HASH = 32
_MOST_BYTES = (1 << 16) - 1

Write = Callable[[str, bytes], None]
"""Puts a file's bytes at a path below the log's folder, whole or not at all."""


def tile_path(level: int | str, number: int, width: int = WIDTH) -> str:
    """Path of a tile below the log's folder, of level 0 and up or ``"entries"``.

    Numbers are written in groups of three digits, ``x`` before all but the last: 1234067 is ``x001/x234/067``.
    """
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03d}")
    return f"tile/{level}/{'/'.join(groups)}" + ("" if width == WIDTH else f".p/{width}")


class Tiles:
    """The tiles of a log of a given size, read from its folder.

    Parameters
    ----------
    folder
        The log's folder.
    size
        How many entries; what lies beyond them is not looked at.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self.size = size
        self.hashes = lru_cache(maxsize=1024)(self._hashes)

    def node(self, height: int, place: int) -> bytes:
        """Hash of the perfect subtree over entries ``place * 2**height`` and on, from the tile that has it."""
        level, within = divmod(height, _HEIGHT)
        count = 1 << within
        number, first = divmod(place * count, WIDTH)
        return perfect_root(self.hashes(level, number)[first : first + count])

    def entries(self, number: int) -> list[bytes]:
        """Entries of one bundle, from ``number * 256`` on.

        Raises
        ------
        VerificationError
            When the bundle is missing, or is not one.
        """
        width = self._width(0, number)
        content, held = self._read("entries", number, width)
        found, place = [], 0
        while place + 2 <= len(content):
            length = int.from_bytes(content[place : place + 2], "big")
            found.append(content[place + 2 : place + 2 + length])
            place += 2 + length
        if place != len(content) or len(found) != held:
            path = tile_path("entries", number, held)
            raise VerificationError(f"{path} of the log is not whole: it was altered or cut short")
        return found[:width]

    def all_entries(self) -> Iterator[bytes]:
        """Every entry, in order."""
        for number in range(-(-self.size // WIDTH)):
            yield from self.entries(number)

    def grow(self, entries: Iterable[bytes], write: Write) -> int:
        """Write the files of a log that goes on with `entries`; gives its new size. No file of this size is lost.

        Files under paths that are already there are written anew with the same content, or with what was not yet
        signed for.

        Raises
        ------
        ValueError
            When an entry is longer than 65,535 bytes.
        """
        added = list(entries)
        if any(len(entry) > _MOST_BYTES for entry in added):
            raise ValueError(f"an entry of a log has at most {_MOST_BYTES} bytes")
        number, width = divmod(self.size, WIDTH)
        bundle = [*(self.entries(number) if width else []), *added]
        for start in range(0, len(bundle), WIDTH):
            part = bundle[start : start + WIDTH]
            content = b"".join(len(entry).to_bytes(2, "big") + entry for entry in part)
            write(tile_path("entries", number + start // WIDTH, len(part)), content)
        size = self.size + len(added)
        self._grow_level(0, [leaf_hash(entry) for entry in added], write)
        return size

    def _grow_level(self, level: int, added: list[bytes], write: Write) -> None:
        """Write a level's tiles, and those above it that get a hash from a tile which became full."""
        number, width = divmod(self.size >> (_HEIGHT * level), WIDTH)
        hashes = [*(self.hashes(level, number)[:width] if width else []), *added]
        full = []
        for start in range(0, len(hashes), WIDTH):
            part = hashes[start : start + WIDTH]
            write(tile_path(level, number + start // WIDTH, len(part)), b"".join(part))
            full += [perfect_root(part)] if len(part) == WIDTH else []
        if full:
            self._grow_level(level + 1, full, write)

    def _width(self, level: int, number: int) -> int:
        return min(WIDTH, (self.size >> (_HEIGHT * level)) - number * WIDTH)

    def _hashes(self, level: int, number: int) -> list[bytes]:
        width = self._width(level, number)
        content, held = self._read(level, number, width)
        if len(content) != held * _HASH:
            path = tile_path(level, number, held)
            raise VerificationError(f"{path} of the log has {len(content)} bytes, expected {held * _HASH}")
        return [content[place : place + _HASH] for place in range(0, width * _HASH, _HASH)]

    def _read(self, level: int | str, number: int, width: int) -> tuple[bytes, int]:
        """A tile's bytes and how many it holds: a part is swept when its tile is whole, which then begins with it."""
        for held in dict.fromkeys((width, WIDTH)):
            try:
                return (self.folder / tile_path(level, number, held)).read_bytes(), held
            except FileNotFoundError:
                continue
        missing = tile_path(level, number, width)
        raise VerificationError(f"the log lacks {missing}: it was removed, or never copied")
