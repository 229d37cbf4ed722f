"""Device identifiers as text: UUIDs, spelled canonically or not, written straight into Arrow buffers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.synthetic.draws import kernel

PLAIN, CAPITALS, BARE, SPACED = range(4)
ODD_SPELLINGS = 3

_LONGEST = 36 + 2
_HYPHENS_BEFORE = np.isin(np.arange(16), (4, 6, 8, 10))  # bytes of a UUID that a hyphen precedes
_PAIRS = np.array([[[*b"%02x" % byte], [*b"%02X" % byte]] for byte in range(256)], np.uint8)  # lower, upper case
_SPACE, _HYPHEN = ord(" "), ord("-")
_BYTE, _TOP_BYTE, _EIGHT = np.uint64(0xFF), np.uint64(56), np.uint64(8)


def spell_identifiers(
    identifiers: NDArray[np.uint64], device: NDArray[np.int32], spelling: NDArray[np.int8]
) -> pa.StringArray:
    """Write the identifier of each row.

    Parameters
    ----------
    identifiers
        128 bits a device, shape (devices, 2): high half, low half.
    device
        Row of `identifiers`, shape (n,).
    spelling
        `PLAIN` (lower case with hyphens), `CAPITALS`, `BARE` (no hyphens) or `SPACED` (spaces around),
        shape (n,).
    """
    text = np.empty(_LONGEST * len(device), np.uint8)
    offsets = np.empty(len(device) + 1, np.int32)
    size = _write(identifiers, device, spelling, text, offsets)
    return pa.StringArray.from_buffers(len(device), pa.py_buffer(offsets), pa.py_buffer(text[:size]))


@kernel
def _write(
    identifiers: NDArray[np.uint64],
    device: NDArray[np.int32],
    spelling: NDArray[np.int8],
    text: NDArray[np.uint8],
    offsets: NDArray[np.int32],
) -> int:
    at = 0
    offsets[0] = 0
    for row in range(len(device)):
        how = spelling[row]
        case = 1 if how == CAPITALS else 0
        if how == SPACED:
            text[at] = _SPACE
            at += 1
        for byte in range(16):
            if byte % 8 == 0:
                half = identifiers[device[row], byte // 8]
            if _HYPHENS_BEFORE[byte] and how != BARE:
                text[at] = _HYPHEN
                at += 1
            pair = _PAIRS[np.int64((half >> _TOP_BYTE) & _BYTE), case]
            text[at], text[at + 1] = pair[0], pair[1]
            at += 2
            half <<= _EIGHT
        if how == SPACED:
            text[at] = _SPACE
            at += 1
        offsets[row + 1] = at
    return at
