"""Lines of JSON objects, cut into columns.

A compiled loop cuts the plain ones: an object of strings without escapes, numbers, true, false and null, in
ASCII. It is strict, so that whatever it takes, Python's ``json`` takes too and reads the same; all other
lines go to ``json`` itself. A line's meaning is therefore a matter of that line alone.

A JSON line is its own header: one that lacks a required column, or has one that the profile does not know,
is a row that cannot be read. So is one that has a column twice: of two answers about consent, neither is the
device's. (Columns that are never read may come again.)
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping

import numpy as np
from numpy.typing import NDArray

from hereabouts.feeds.formats.lines import ABSENT, LINE_BYTES, NULL, PLAIN, Bounds, line_end, view_of
from hereabouts.feeds.values.text import Bytes
from hereabouts.movement.kernel import kernel


class _Object(tuple[tuple[str, object], ...]):
    """A JSON object as it is written: its names and values in order, a name that comes twice included."""


BROKEN, READ, HARD = 0, 1, 2
"""What became of a line: nothing can be made of it, it was cut, or it has to be read by ``json``."""


def read_hard(line: bytes, unread: Container[str] = ()) -> dict[str, bytes | None] | None:
    """Read a JSON line's values, as the text that stands for them in the file.

    ``None`` if it is no object, one whose values are not flat, or one that has a name twice; those of `unread` names
    may be anything, come more than once, and count as null.
    """
    try:
        # Numbers stay the text they are: what they mean is decided where all text is read.
        found = json.loads(line.decode(), parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_Object)
        if not isinstance(found, _Object):
            return None
        values: dict[str, bytes | None] = {}
        for name, value in found:
            if name in values and name not in unread:
                return None
            values[name] = None if name in unread else _token(value)
        return values
    except (ValueError, TypeError, RecursionError):
        return None


def known_names(slots: Mapping[str, int]) -> tuple[Bytes, NDArray[np.int64]]:
    """Write the columns that a profile knows as :func:`cut` reads them.

    Parameters
    ----------
    slots
        For each column, its place in the bounds, or -1 if it is not wanted.

    Returns
    -------
    tuple of numpy.ndarray
        All names one after another; and for each where it begins, its slot, and which one followed it last
        time (which :func:`cut` writes to, and tries first the next time), shape (columns + 1, 3).
    """
    encoded = [name.encode() for name in slots]
    begins = np.cumsum([0, *map(len, encoded)])
    following = np.arange(1, len(begins) + 1) % max(len(encoded), 1)
    return view_of(b"".join(encoded)), np.stack([begins, [*slots.values(), -1], following], axis=1)


def _token(value: object) -> bytes | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if isinstance(value, str):
        return value.encode()
    raise TypeError(f"expected text, a number, true, false or null, got {type(value).__name__}")


@kernel
def cut(
    data: Bytes, at: int, names: Bytes, marks: NDArray[np.int64], bounds: Bounds, lines: NDArray[np.int64]
) -> tuple[int, int]:
    """Cut lines until the room is full or the data are at their end; blank lines are no rows.

    Parameters
    ----------
    data, at
        A block of whole lines, and where to begin in it.
    names, marks
        The columns that the profile knows, from :func:`known_names`.
    bounds
        Written to, from its first line on.
    lines
        Written to: where each row's line begins, where it ends, and what became of it; shape (rows, 3).

    Returns
    -------
    tuple of int
        How many rows there were, and where to go on.
    """
    row = 0
    while at < len(data) and row < len(bounds):
        end = line_end(data, at)
        first = _skip_space(data, at, end)
        if first < end:
            for column in range(bounds.shape[1]):
                bounds[row, column, 2] = ABSENT
            fate = HARD
            if end - at > LINE_BYTES:
                fate = BROKEN
            elif _cut_object(data, first, end, names, marks, bounds, row):
                fate = READ
            else:
                for column in range(bounds.shape[1]):
                    bounds[row, column, 2] = ABSENT
            lines[row, 0], lines[row, 1], lines[row, 2] = at, end, fate
            row += 1
        at = end + 1
    return row, at


@kernel
def _skip_space(data: Bytes, at: int, end: int) -> int:
    while at < end and data[at] in (32, 9, 13):
        at += 1
    return at


@kernel
def _string_end(data: Bytes, at: int, end: int) -> int:
    """Find the closing quote of a plain string; -1 if the string is not plain or not closed."""
    for i in range(at, end):
        byte = data[i]
        if byte == 34:
            return i
        if byte == 92 or byte < 32 or byte > 126:
            return -1
    return -1


@kernel
def _digits_end(data: Bytes, at: int, end: int) -> int:
    """Find where a run of at least one digit ends; -1 if there is none."""
    for i in range(at, end):
        if not 48 <= data[i] <= 57:
            return i if i > at else -1
    return end if end > at else -1


@kernel
def _number_end(data: Bytes, at: int, end: int) -> int:
    """Find where a JSON number ends; -1 if there is none."""
    if data[at] == 45:
        at += 1
    first = at
    at = _digits_end(data, at, end)
    if at < 0 or (data[first] == 48 and at > first + 1):
        return -1
    if at < end and data[at] == 46:
        at = _digits_end(data, at + 1, end)
        if at < 0:
            return -1
    if at < end and data[at] in (69, 101):
        at += 1
        if at < end and data[at] in (43, 45):
            at += 1
        at = _digits_end(data, at, end)
    return at


@kernel
def _word_end(data: Bytes, at: int, end: int, word: bytes) -> int:
    """Find where a word ends; -1 if it does not stand here."""
    if end - at < len(word):
        return -1
    for k in range(len(word)):
        if data[at + k] != word[k]:
            return -1
    return at + len(word)


@kernel
def _value(data: Bytes, at: int, end: int) -> tuple[int, int, int, int]:
    """Give a plain value's state, bounds, and where to go on; -1 for the latter if it is not plain."""
    byte = data[at]
    if byte == 34:
        last = _string_end(data, at + 1, end)
        return PLAIN, at + 1, last, last + 1 if last >= 0 else -1
    if byte == 110:
        last = _word_end(data, at, end, b"null")
        return NULL, at, last, last
    if byte == 116:
        last = _word_end(data, at, end, b"true")
    elif byte == 102:
        last = _word_end(data, at, end, b"false")
    else:
        last = _number_end(data, at, end)
    return PLAIN, at, last, last


@kernel
def _known(data: Bytes, first: int, last: int, names: Bytes, marks: NDArray[np.int64], guess: int) -> int:
    """Find a name among the known ones, beginning with the likeliest; -1 if it is none of them."""
    count = len(marks) - 1
    for step in range(count + 1):
        k = guess if step == 0 else step - 1
        begin = marks[k, 0]
        if marks[k + 1, 0] - begin != last - first:
            continue
        same = True
        for i in range(last - first):
            if data[first + i] != names[begin + i]:
                same = False
                break
        if same:
            return k
    return -1


@kernel
def _cut_pair(
    data: Bytes,
    at: int,
    end: int,
    names: Bytes,
    marks: NDArray[np.int64],
    guess: int,
    bounds: Bounds,
    row: int,
) -> tuple[int, int]:
    """Cut one name and value; give where to go on (-1 if they are not plain) and which column it was."""
    if at == end or data[at] != 34:
        return -1, 0
    last = _string_end(data, at + 1, end)
    column = _known(data, at + 1, last, names, marks, guess) if last >= 0 else -1
    if column < 0:
        return -1, 0
    at = _skip_space(data, last + 1, end)
    if at == end or data[at] != 58:
        return -1, 0
    at = _skip_space(data, at + 1, end)
    if at == end:
        return -1, 0
    kind, first, last, at = _value(data, at, end)
    slot = marks[column, 1]
    if slot >= 0:
        if bounds[row, slot, 2] != ABSENT:  # there already
            return -1, 0
        bounds[row, slot, 0], bounds[row, slot, 1], bounds[row, slot, 2] = first, last, kind
    return at, column


@kernel
def _cut_object(
    data: Bytes, at: int, end: int, names: Bytes, marks: NDArray[np.int64], bounds: Bounds, row: int
) -> bool:
    if data[at] != 123:
        return False
    before = len(marks) - 1
    while True:
        at = _skip_space(data, at + 1, end)
        at, column = _cut_pair(data, at, end, names, marks, marks[before, 2], bounds, row)
        if at < 0:
            return False
        marks[before, 2] = column
        before = column
        at = _skip_space(data, at, end)
        if at == end or data[at] not in (44, 125):
            return False
        if data[at] == 125:
            return _skip_space(data, at + 1, end) == end
