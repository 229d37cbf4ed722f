"""Columns of true and false: consent flags, and the flag of limited ad tracking."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from hereabouts.feeds.consent.answers import MISSING, REFUSED, UNREADABLE, YES
from hereabouts.feeds.values.text import MISSING as NO_VALUE
from hereabouts.feeds.values.text import Bytes, is_text, word_codes

_WORDS = ("false", "true")
_ANSWERS = np.full(256, UNREADABLE, np.uint8)
_ANSWERS[[0, 1, NO_VALUE]] = REFUSED, YES, MISSING


def flag_states(values: pa.Array) -> Bytes:
    """Read flags.

    Parameters
    ----------
    values
        n flags: booleans, or the words true and false in text, without regard to case and white space around them.

    Returns
    -------
    numpy.ndarray
        Shape (n,), uint8: :data:`YES` for true, :data:`REFUSED` for false, :data:`MISSING` for null, empty or blank,
        :data:`UNREADABLE` for everything else.
    """
    if is_text(values.type):
        said: Bytes = _ANSWERS[word_codes(values, _WORDS)]
        return said
    if len(values) == 0 or (values.null_count == 0 and values.true_count == len(values)):
        return np.full(len(values), YES, np.uint8)
    validity, truths = values.buffers()
    # Arithmetic on bytes, thirty times as fast as choosing between answers; YES is 0.
    said = (_bytes(truths, values) ^ np.uint8(1)) * np.uint8(REFUSED)
    if values.null_count:
        there = _bytes(validity, values)
        said = said * there + (there ^ np.uint8(1)) * np.uint8(MISSING)
    return said


def _bytes(bitmap: pa.Buffer, values: pa.Array) -> Bytes:
    """Give an Arrow bitmap of a column as a byte a row, 0 or 1."""
    first = values.offset
    bits = np.frombuffer(bitmap, np.uint8)
    return np.unpackbits(bits, count=first + len(values), bitorder="little")[first:]
