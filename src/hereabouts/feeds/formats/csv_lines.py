"""Lines of values with commas (or whatever the profile says) between them, cut into columns.

RFC 4180, except that a value may not go over its line's end.
"""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from hereabouts.feeds.formats.lines import ABSENT, DOUBLED, LINE_BYTES, PLAIN, Bounds, line_end
from hereabouts.feeds.values.text import Bytes
from hereabouts.movement.kernel import kernel

_QUOTE, _RETURN = 34, 13


def header(
    line: bytes, separators: Sequence[str], enough: Callable[[list[str]], bool] | None = None
) -> tuple[list[str], str]:
    """Read a header line.

    Parameters
    ----------
    line
        The file's first line.
    separators
        What may stand between names.
    enough
        Says whether names are those that are looked for.

    Returns
    -------
    tuple
        The names, without white space around them, and the separator: the first by which there are enough, else the
        first of all; without `enough` the one by which there are most.

    Raises
    ------
    ValueError
        If it is no text, or a quote in it is not closed.
    """
    text, found = line.decode(), []
    for separator in separators:
        # By another separator than its own, a line with quotes is often none at all.
        with contextlib.suppress(csv.Error):
            names = next(csv.reader([text], delimiter=separator, strict=True), [])
            found.append(([name.strip() for name in names], separator))
    if not found:
        raise ValueError("not a line of CSV")
    if enough is None:
        return max(found, key=lambda one: len(one[0]))
    return next((one for one in found if enough(one[0])), found[0])


@kernel
def cut(data: Bytes, at: int, slots: NDArray[np.generic], separator: int, bounds: Bounds) -> tuple[int, int, int]:
    """Cut lines until the room is full or the data are at their end; blank lines are no rows.

    Parameters
    ----------
    data, at
        A block of whole lines, and where to begin in it.
    slots
        For each column of the file, its place in ``bounds``, or -1 if it is not wanted.
    separator
        The byte between two values.
    bounds
        Written to, from its first line on.

    Returns
    -------
    tuple of int
        How many rows were cut, how many of them could be read, and where to go on.
    """
    row, good = 0, 0
    while at < len(data) and row < len(bounds):
        feed = line_end(data, at)
        end = feed - 1 if feed > at and data[feed - 1] == _RETURN else feed
        if end > at:
            if feed - at <= LINE_BYTES and _cut_line(data, at, end, slots, separator, bounds, row):
                good += 1
            else:
                bounds[row, :, 2] = ABSENT
            row += 1
        at = feed + 1
    return row, good, at


@kernel
def _cut_line(
    data: Bytes, at: int, end: int, slots: NDArray[np.generic], separator: int, bounds: Bounds, row: int
) -> bool:
    for column in range(len(slots)):
        if at < end and data[at] == _QUOTE:
            first = at + 1
            last, kind = _closing_quote(data, first, end)
            at = last + 1
        else:
            first, kind = at, PLAIN
            at = last = _separator(data, first, end, separator)
        # A quote that is never closed, or is followed by something other than the next column.
        if at > end or (at < end and data[at] != separator):
            return False
        slot = slots[column]
        if slot >= 0:
            bounds[row, slot, 0], bounds[row, slot, 1], bounds[row, slot, 2] = first, last, kind
        if at == end:
            return column == len(slots) - 1
        at += 1
    return False


@kernel
def _separator(data: Bytes, at: int, end: int, separator: int) -> int:
    """Find the separator that ends a value, or the line's end."""
    for i in range(at, end):
        if data[i] == separator:
            return i
    return end


@kernel
def _closing_quote(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """Find the quote that closes a value, or the line's end; say whether there are doubled ones before it."""
    kind = PLAIN
    while at < end:
        if data[at] != _QUOTE:
            at += 1
        elif at + 1 < end and data[at + 1] == _QUOTE:
            kind = DOUBLED
            at += 2
        else:
            return at, kind
    return end, kind
