"""Text columns of Arrow as what compiled loops can read: bytes, where each value begins, and which are null.

Ids, times and flags come as text in every feed. Handling them as bytes keeps a value that is not even UTF-8
the trouble of its own row, where Arrow's own functions would refuse the whole batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.movement.kernel import kernel, read_only

Bytes = NDArray[np.uint8]
Int64s = NDArray[np.int64]

MISSING, NO_WORD = 254, 255
"""What :func:`word_codes` says of a value that is null or empty, and of one that is none of the words."""

_NO_BYTES: Bytes = read_only(np.zeros(0, np.uint8), np.uint8)  # type: ignore[assignment]


class TextView(NamedTuple):
    """A text column without copying: value ``i`` is ``data[offsets[i]:offsets[i + 1]]``.

    ``valid`` is Arrow's bitmap, where bit ``first + i`` says that value ``i`` is not null; of no length
    where all values are valid.
    """

    offsets: Int64s
    data: Bytes
    valid: Bytes
    first: int


def is_text(kind: pa.DataType) -> bool:
    """Say whether a type holds text, or the bytes of text."""
    if pa.types.is_dictionary(kind):
        return is_text(kind.value_type)
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
    )


def plain(values: pa.Array) -> pa.Array:
    """Give text of any encoding as an array with offsets: dictionaries decoded, views copied."""
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_string_view(values.type):
        values = values.cast(pa.large_string())
    return values


def view(values: pa.Array) -> TextView:
    """Look into a text column, of any encoding and perhaps sliced, without copying its bytes.

    Raises
    ------
    TypeError
        If the column does not hold text.
    """
    if not is_text(values.type):
        raise TypeError(f"expected a text column, got {values.type}")
    values = plain(values)
    large = pa.types.is_large_string(values.type) or pa.types.is_large_binary(values.type)
    valid, offsets, data = values.buffers()
    if len(values) == 0 or offsets is None:
        return TextView(read_only(np.zeros(1, np.int64), np.int64), _NO_BYTES, _NO_BYTES, 0)  # type: ignore[arg-type]
    starts = np.frombuffer(offsets, np.int64 if large else np.int32)
    starts = starts[values.offset : values.offset + len(values) + 1]
    return TextView(
        read_only(starts, np.int64),  # type: ignore[arg-type]
        _bytes_of(data),
        _bytes_of(valid if values.null_count else None),
        values.offset,
    )


def _bytes_of(buffer: pa.Buffer | None) -> Bytes:
    if buffer is None or buffer.size == 0:
        return _NO_BYTES
    return read_only(np.frombuffer(buffer, np.uint8), np.uint8)  # type: ignore[return-value]


@kernel
def is_valid(valid: Bytes, bit: int) -> bool:
    """Say whether a bit of Arrow's validity bitmap is set; with no bitmap every value is valid."""
    return len(valid) == 0 or (valid[bit >> 3] >> (bit & 7)) & 1 == 1


@kernel
def is_space(byte: int) -> bool:
    """Say whether a byte is ASCII white space: tab, line feed, vertical tab, form feed, return or blank."""
    return byte == 32 or 9 <= byte <= 13


@kernel
def trimmed(data: Bytes, start: int, stop: int) -> tuple[int, int]:
    """Give the bounds of a value without the ASCII white space around it."""
    while start < stop and is_space(data[start]):
        start += 1
    while stop > start and is_space(data[stop - 1]):
        stop -= 1
    return start, stop


def word_codes(values: pa.Array, words: Sequence[str]) -> Bytes:
    """Say which of a few words each value is, without regard to case and white space around it.

    Parameters
    ----------
    values
        A text column of n values.
    words
        ASCII words in lower case, at most 254.

    Returns
    -------
    numpy.ndarray
        Shape (n,), uint8: the word's place in ``words``, or :data:`MISSING`, or :data:`NO_WORD`.
    """
    if pa.types.is_dictionary(values.type):
        codes = np.append(word_codes(values.dictionary, words), np.uint8(MISSING))
        places = values.indices.cast(pa.int64()).fill_null(len(codes) - 1)
        taken: Bytes = codes[places.to_numpy()]
        return taken
    encoded = [word.encode("ascii") for word in words]
    ends = read_only(np.cumsum([0, *map(len, encoded)]), np.int64)
    return _word_codes(*view(values), read_only(np.frombuffer(b"".join(encoded), np.uint8), np.uint8), ends)


@kernel
def _word_codes(
    offsets: Int64s, data: Bytes, valid: Bytes, first: int, words: Bytes, ends: NDArray[np.generic]
) -> Bytes:
    codes = np.empty(len(offsets) - 1, np.uint8)
    for i in range(len(codes)):
        start, stop = trimmed(data, offsets[i], offsets[i + 1])
        if start == stop or not is_valid(valid, first + i):
            codes[i] = MISSING
            continue
        codes[i] = NO_WORD
        for w in range(len(ends) - 1):
            if ends[w + 1] - ends[w] != stop - start:
                continue
            same = True
            for k in range(stop - start):
                byte = data[start + k]
                if 65 <= byte <= 90:
                    byte += 32
                if byte != words[ends[w] + k]:
                    same = False
                    break
            if same:
                codes[i] = w
                break
    return codes
