"""CSV and JSON Lines feeds: lines cut up by compiled loops, column by column."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.errors import BadInputError
from hereabouts.feeds.formats import csv_lines, json_lines
from hereabouts.feeds.formats.columns import check_names, has_needed, listed, shown
from hereabouts.feeds.formats.feed import Feed
from hereabouts.feeds.formats.json_document import Rows
from hereabouts.feeds.formats.lines import ABSENT, NULL, PLAIN, Bounds, batch, blocks, room, view_of
from hereabouts.feeds.formats.source import Source, faults
from hereabouts.feeds.profile import Profile
from hereabouts.feeds.values.text import Bytes
from hereabouts.movement.kernel import read_only

_NAMED = 20


class _TextFeed(Feed):
    """What both have in common: blocks of lines, and the count of those that were rows at all."""

    def __init__(self, source: Source, profile: Profile) -> None:
        super().__init__(source, profile)
        self._rows = 0
        self._cut = 0

    def _blocks(self) -> Iterator[bytes]:
        self._rows = self._cut = 0
        content, raw = self.source.open()
        size = max(self.source.size, 1)
        with raw, content:
            for block in blocks(self._reader(content.read)):
                self.progress = min(raw.tell() / size, 1.0)
                yield block

    def _reader(self, read: Callable[[int], bytes]) -> Callable[[int], bytes]:
        """Give what reads lines, from what reads the file."""
        return read

    def _check_rows(self, expected: str) -> None:
        """Refuse a file without one row. That refuses nobody's ping: there is none to take."""
        if self._rows == 0:
            raise BadInputError(self.source.path, f"no rows: expected at least one; {expected}")
        if self._cut == 0:
            raise BadInputError(self.source.path, f"not one line is a row; {expected}", rows=self._rows)


class CsvFeed(_TextFeed):
    """A CSV file with a header line.

    Raises
    ------
    BadInputError
        If it has no header line, or other columns than its profile.
    """

    def __init__(self, source: Source, profile: Profile) -> None:
        super().__init__(source, profile)
        with faults(source.path):
            self._columns, self._separator, _ = self._header(next(self._blocks(), b""))
        check_names(source.path, self._columns, profile)

    def _header(self, block: bytes) -> tuple[list[str], str, bytes]:
        """Take the header line off the first block: its names, what stands between them, and the rest."""
        line, _, rest = block.lstrip(b"\r\n").partition(b"\n")
        try:
            found = csv_lines.header(line, self.profile.separators, lambda names: has_needed(names, self.profile))
        except ValueError as error:
            raise BadInputError(self.source.path, "its first line is no CSV header") from error
        return *found, rest

    def _batches(self) -> Iterator[pa.RecordBatch]:
        wanted = [name for name in self.profile.read if name in self._columns]
        places = {name: place for place, name in enumerate(wanted)}
        slots = read_only([places.get(name, -1) for name in self._columns], np.int64)
        content = self._blocks()
        first = self._header(next(content, b""))[-1]
        for block in chain([first], content):
            data, at = view_of(block), 0
            while at < len(data):
                bounds = room(block, len(wanted))
                rows, cut, at = csv_lines.cut(data, at, slots, np.uint8(ord(self._separator)), bounds)
                self._rows += rows
                self._cut += cut
                if rows:
                    yield batch(data, bounds[:rows], places)
        between = {",": "commas", "\t": "tabs"}.get(self._separator, f"'{self._separator}'")
        self._check_rows(
            f"expected lines of {len(self._columns)} values with {between} between them, as the header has"
        )


class JsonLinesFeed(_TextFeed):
    """A file with one JSON object a line."""

    _ROWS = "one JSON object a line"

    def __init__(self, source: Source, profile: Profile) -> None:
        super().__init__(source, profile)
        self._missing: list[str] = []
        self._places = {name: place for place, name in enumerate(profile.read)}
        self._slots = {**self._places, **dict.fromkeys(profile.unread, -1)}

    def _batches(self) -> Iterator[pa.RecordBatch]:
        self._missing = []
        names, marks = json_lines.known_names(self._slots)
        for block in self._blocks():
            data, at = view_of(block), 0
            while at < len(data):
                bounds = room(block, len(self._places))
                lines = np.empty((len(bounds), 3), np.int64)
                rows, at = json_lines.cut(data, at, names, marks, bounds, lines)
                bounds, lines = bounds[:rows], lines[:rows]
                longer = self._read_hard(block, bounds, lines)
                self._leave_out_broken(bounds, lines)
                self._rows += rows
                self._cut += int((lines[:, 2] == json_lines.READ).sum())
                yield from self._by_consent(view_of(longer), bounds)
        self._check_rows(
            f"expected {self._ROWS}; missing columns: {listed(self._missing)}; "
            f"unknown columns: {listed(self.unknown_columns)}; profile '{self.profile.name}' was used"
        )

    def _read_hard(self, block: bytes, bounds: Bounds, lines: NDArray[np.int64]) -> bytes:
        """Read the lines that need ``json``; give the block with their values behind it."""
        parts, end = [block], len(block)
        for row in np.flatnonzero(lines[:, 2] == json_lines.HARD):
            values = json_lines.read_hard(block[slice(*lines[row, :2])], self.profile.unread)
            unknown = [name for name in values or () if name not in self._slots]
            self._note(self.unknown_columns, unknown)
            if values is None or unknown:
                lines[row, 2] = json_lines.BROKEN
                continue
            lines[row, 2] = json_lines.READ
            for name in self._places.keys() & values.keys():
                text = values[name] or b""
                bounds[row, self._places[name]] = (
                    end,
                    end + len(text),
                    NULL if values[name] is None else PLAIN,
                )
                parts.append(text)
                end += len(text)
        return block if len(parts) == 1 else b"".join(parts)

    def _leave_out_broken(self, bounds: Bounds, lines: NDArray[np.int64]) -> None:
        readable = lines[:, 2] != json_lines.BROKEN
        for group in self.profile.needs:
            absent = (bounds[:, [self._places[name] for name in group], 2] == ABSENT).all(axis=1) & readable
            if absent.any():
                self._note(self._missing, [" or ".join(group)])
                lines[absent, 2] = json_lines.BROKEN
        bounds[lines[:, 2] == json_lines.BROKEN, :, 2] = ABSENT

    def _by_consent(self, data: Bytes, bounds: Bounds) -> Iterator[pa.RecordBatch]:
        """Give rows that say something of consent, if only null, apart from rows that do not know the word.

        The latter may be covered by their supplier's consent record, as a file without the column is.
        Whether they are must not depend on what other lines of the file say.
        """
        consent = self.profile.consent
        silent = np.ones(len(bounds), np.bool_)
        if consent is not None:
            silent = bounds[:, self._places[consent], 2] == ABSENT
        if not silent.all():
            yield batch(data, bounds[~silent] if silent.any() else bounds, self._places)
        if silent.any():
            others = {name: place for name, place in self._places.items() if name != consent}
            yield batch(data, bounds[silent], others)

    @staticmethod
    def _note(names: list[str], found: list[str]) -> None:
        # A line may have a hundred thousand names, and every line its own: no more are looked at than are told.
        for name in map(shown, found[:_NAMED] if len(names) < _NAMED else ()):
            if name not in names and len(names) < _NAMED:
                names.append(name)


class JsonDocumentFeed(JsonLinesFeed):
    """A file with one JSON document in it, an array of which holds the rows; each element is as a line is there."""

    _ROWS = "JSON objects in the array"

    def _blocks(self) -> Iterator[bytes]:
        yield from super()._blocks()
        member = self.profile.document
        where = f"an array '{member}' in its outermost object" if member else "an array"
        if not self._document.whole:
            raise BadInputError(
                self.source.path,
                f"not one whole JSON document: expected one with {where}; nothing of it was used; get it again",
            )
        if not self._document.found:
            raise BadInputError(self.source.path, f"the JSON document has no rows: expected {where}")

    def _reader(self, read: Callable[[int], bytes]) -> Callable[[int], bytes]:
        self._document = Rows(read, self.profile.document or "")
        return self._document.read
