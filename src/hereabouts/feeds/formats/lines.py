"""Text feeds, one line a row: blocks of whole lines, and the columns cut out of them.

A row ends where its line ends, whatever is in it. A quote that is never closed, a line that is cut short or
one of a gigabyte then costs its own row and not those after it, and memory stays within a few blocks.
(Arrow's CSV reader takes an open quote as far as the next one, over as many rows as lie between; its JSON
reader refuses the block.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.feeds.values.text import Bytes
from hereabouts.movement.kernel import kernel, read_only

BLOCK_BYTES = 4 << 20
LINE_BYTES = 1 << 20
"""A longer line is a row that cannot be read."""

PIECE_ROWS = 1 << 17
"""So many lines are cut up at a time: the bounds of a block of nothing but line ends would fill a gigabyte.
"""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

ABSENT, PLAIN, DOUBLED, NULL = 0, 1, 2, 3
"""What a line says of a column: nothing, a value, a value whose doubled quotes stand for single ones, or
null.
"""

_LINE_FEED, _QUOTE = 10, 34
_UNREADABLE_LINE = b"\x00\n"


def blocks(read: Callable[[int], bytes], size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Read blocks that end where a line does.

    In place of a line that is longer than :data:`LINE_BYTES` comes a short one that nothing can read.
    """
    rest, dropping, first = b"", False, True
    while data := read(size):
        if first:
            data, first = data.removeprefix(BYTE_ORDER_MARK), False
        if dropping:
            _, found, data = data.partition(b"\n")
            dropping = not found
        end = data.rfind(b"\n") + 1
        if end:
            yield rest + data[:end]
            rest = data[end:]
        else:
            rest += data
        if len(rest) > LINE_BYTES:
            yield _UNREADABLE_LINE
            rest, dropping = b"", True
    if rest:
        yield rest


Bounds = NDArray[np.int64]
"""Where the values of some lines lie in their block, shape (lines, columns, 3).

Value (i, k) is ``data[begin:stop]``, and ``begin, stop, state = bounds[i, k]``. A line that cannot be read is
:data:`ABSENT` in every column. One array, because compiled loops that hand on several of them spend more time
on counting who refers to them than on the values.
"""


def room(block: bytes, columns: int) -> Bounds:
    """Make room for the bounds of a block's lines, up to :data:`PIECE_ROWS`."""
    return np.empty((min(PIECE_ROWS, block.count(b"\n") + 1), columns, 3), np.int64)


def view_of(block: bytes) -> Bytes:
    """Look at a block as compiled loops do."""
    return read_only(np.frombuffer(block, np.uint8), np.uint8)  # type: ignore[return-value]


def batch(data: Bytes, bounds: Bounds, columns: Mapping[str, int]) -> pa.RecordBatch:
    """Copy columns of lines out of their block, as bytes that nobody has checked to be UTF-8.

    Parameters
    ----------
    data, bounds
        The block, and where values lie in it.
    columns
        The place of each wanted column, by name.

    Returns
    -------
    pyarrow.RecordBatch
        Binary columns; null where a line has no value, or only the empty one.
    """
    return pa.RecordBatch.from_pydict({name: _column(data, bounds, place) for name, place in columns.items()})


def _column(data: Bytes, bounds: Bounds, place: int) -> pa.Array:
    offsets, values, valid = _gather(data, bounds, place)
    buffers = [pa.py_buffer(valid), pa.py_buffer(offsets), pa.py_buffer(values)]
    return pa.Array.from_buffers(pa.binary(), len(offsets) - 1, buffers)


@kernel
def line_end(data: Bytes, at: int) -> int:
    """Find the line feed that ends the line at ``at``, or the end of the data."""
    for i in range(at, len(data)):
        if data[i] == _LINE_FEED:
            return i
    return len(data)


@kernel
def _gather(data: Bytes, bounds: Bounds, place: int) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.uint8]]:
    n, total = len(bounds), 0
    for i in range(n):
        if bounds[i, place, 2] in (PLAIN, DOUBLED):
            total += bounds[i, place, 1] - bounds[i, place, 0]
    offsets = np.zeros(n + 1, np.int32)
    out = np.empty(total, np.uint8)
    valid = np.zeros((n + 7) // 8, np.uint8)
    at = 0
    for i in range(n):
        begin, stop, state = bounds[i, place, 0], bounds[i, place, 1], bounds[i, place, 2]
        if state == PLAIN:
            for k in range(begin, stop):
                out[at] = data[k]
                at += 1
        elif state == DOUBLED:
            k = begin
            while k < stop:
                out[at] = data[k]
                at += 1
                k += 2 if data[k] == _QUOTE else 1
        offsets[i + 1] = at
        if at > offsets[i]:
            valid[i >> 3] |= np.uint8(1 << (i & 7))
    return offsets, out[:at], valid
