"""Degrees and metres as feeds write them, brought to float64.

Typed columns are cast. Text must be a plain decimal number, with a point and perhaps an exponent; whatever
else it is, its row cannot be read. Arrow does the conversion, which rounds correctly, after a compiled loop
has taken out what Arrow would refuse the whole column for.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hereabouts.feeds.values.text import Bytes, Int64s, is_text, is_valid, plain, trimmed, view
from hereabouts.movement.kernel import kernel

_EMPTY, _NUMBER, _PADDED, _JUNK = 0, 1, 2, 3


def is_number(kind: pa.DataType) -> bool:
    """Say whether a type can hold numbers: whole, decimal or floating-point ones, or text."""
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind) or is_text(kind))


def floats(values: pa.Array, missing: float) -> NDArray[np.float64]:
    """Give numbers as float64.

    Parameters
    ----------
    values
        n numbers, of a type that :func:`is_number` takes.
    missing
        What stands for null and for empty text.

    Returns
    -------
    numpy.ndarray
        Shape (n,), float64; NaN where there is something that is not a number.
    """
    if not is_text(values.type):
        numbers: NDArray[np.float64] = values.cast(pa.float64(), safe=False).fill_null(missing).to_numpy()
        return numbers
    states = _decimal_states(*view(values))
    text = plain(values)
    if pa.types.is_binary(text.type):
        text = text.view(pa.string())
    elif pa.types.is_large_binary(text.type):
        text = text.view(pa.large_string())
    readable = (states == _NUMBER) | (states == _PADDED)
    if not readable.all():
        text = pc.if_else(pa.array(readable), text, pa.scalar(None, text.type))
    if (states == _PADDED).any():
        text = pc.ascii_trim_whitespace(text)
    parsed: NDArray[np.float64] = text.cast(pa.float64()).fill_null(np.nan).to_numpy()
    return np.where(states == _EMPTY, missing, parsed)


def degrees(values: pa.Array, per_unit: float | None) -> NDArray[np.float64]:
    """Give latitudes or longitudes, in degrees or in a fixed part of one, as float64 degrees.

    Where an exact number of units makes a degree (``per_unit`` is the float next to 1/k, as 1e-7 is for k = 10⁷),
    values are *divided* by k: k and the whole numbers of such a feed are exact in float64, so the quotient is the float
    nearest to the true degrees, the one that ``41.4216106`` is read as where a feed writes degrees. Multiplying by
    1e-7, which is no float, would be one off in the last place for some of them. Other units are multiplied.

    Parameters
    ----------
    values
        n numbers, of a type that :func:`is_number` takes.
    per_unit
        Degrees that one unit stands for; ``None`` for degrees.

    Returns
    -------
    numpy.ndarray
        Shape (n,), float64; NaN where there is no number.
    """
    numbers = floats(values, np.nan)
    if per_unit is None:
        return numbers
    units = round(1.0 / per_unit)
    return numbers / units if 1.0 / units == per_unit else numbers * per_unit


@kernel
def _skip_digits(data: Bytes, at: int, stop: int) -> int:
    while at < stop and 48 <= data[at] <= 57:
        at += 1
    return at


@kernel
def _is_decimal(data: Bytes, start: int, stop: int) -> bool:
    """Say whether bytes are ``[+-](digits[.[digits]] | .digits)[e[+-]digits]``."""
    if data[start] in (43, 45):
        start += 1
    at = _skip_digits(data, start, stop)
    found = at - start
    if at < stop and data[at] == 46:
        start = at + 1
        at = _skip_digits(data, start, stop)
        found += at - start
    if found == 0:
        return False
    if at < stop and data[at] in (69, 101):
        at += 1
        if at < stop and data[at] in (43, 45):
            at += 1
        start = at
        at = _skip_digits(data, start, stop)
        if at == start:
            return False
    return at == stop


@kernel
def _decimal_states(offsets: Int64s, data: Bytes, valid: Bytes, first: int) -> Bytes:
    states = np.empty(len(offsets) - 1, np.uint8)
    for i in range(len(states)):
        start, stop = trimmed(data, offsets[i], offsets[i + 1])
        if start == stop or not is_valid(valid, first + i):
            states[i] = _EMPTY
        elif not _is_decimal(data, start, stop):
            states[i] = _JUNK
        elif stop - start < offsets[i + 1] - offsets[i]:
            states[i] = _PADDED
        else:
            states[i] = _NUMBER
    return states
