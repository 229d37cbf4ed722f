"""One canonical id for each device, and the keyed pseudonyms that stand in for it.

**Canonical id.** ASCII white space around an id is taken off; 32 hexadecimal digits, or 36 characters with
hyphens where a UUID has them, either of them also in braces, become the lower-case form with hyphens.
Everything else stays as it is, with its case. So one phone is one device whatever supplier, operating
system and spelling its id comes with.

**Pseudonym.** The first 16 bytes of the keyed BLAKE3 hash of the canonical id's UTF-8 bytes: a pseudorandom
function under a key of 256 bits, so that without the key a pseudonym tells nothing about the id and is not
found by trying ids, and 128 bits, so that no two devices of a store meet in one. Two windows have two keys,
and their pseudonyms nothing in common.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.feeds.blake3 import CHUNK_BYTES, LANES, Room, keyed_hashes, new_room
from hereabouts.feeds.text import Bytes, Int64s, is_valid, trimmed, view
from hereabouts.movement.kernel import kernel, read_only

ID_BYTES = CHUNK_BYTES
"""The longest id, in bytes of its canonical form: BLAKE3's chunk."""

USABLE, UNUSABLE, ALL_ZERO = 0, 1, 2
"""What :func:`id_states` says of an id."""

_ASCII_SPACE = " \t\n\v\f\r"
_UUID = re.compile(
    r"(?P<brace>\{)?(?P<digits>[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?(brace)\})",
    re.IGNORECASE | re.ASCII,
)
_HYPHENS = np.isin(np.arange(36), (8, 13, 18, 23))


def canonical_id(text: str) -> str:
    """Give the canonical form of one id: the definition, in plain Python, that the compiled one is held to.

    >>> canonical_id(" {6D92078A8246BA4439E9E0E5E0B2C4D1}")
    '6d92078a-8246-ba44-39e9-e0e5e0b2c4d1'
    """
    text = text.strip(_ASCII_SPACE)
    uuid = _UUID.fullmatch(text)
    if uuid is None:
        return text
    digits = uuid["digits"].replace("-", "").lower()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def id_states(ids: pa.Array) -> Bytes:
    """Say which ids can name a device.

    Parameters
    ----------
    ids
        A text column of n ids, in any spelling.

    Returns
    -------
    numpy.ndarray
        Shape (n,), uint8: :data:`UNUSABLE` for null, nothing but white space, over :data:`ID_BYTES` bytes
        or not UTF-8; :data:`ALL_ZERO` for the UUID without a digit but zero, which phones give for "opted
        out"; :data:`USABLE` for the rest.
    """
    column = view(ids)
    span = column.data[column.offsets[0] : column.offsets[-1]]
    # What is ASCII is UTF-8: one look at all bytes spares most columns a look at each id.
    return _id_states(*column, bool(span.size == 0 or span.max() < 128))


def pseudonyms(ids: pa.Array, key: bytes) -> NDArray[np.uint64]:
    """Give the keyed pseudonym of each id.

    Parameters
    ----------
    ids
        A text column of n ids, in any spelling, all of them usable by :func:`id_states`.
    key
        32 secret bytes.

    Returns
    -------
    numpy.ndarray
        Shape (n, 2), uint64: the digest's bytes 0 to 7 and 8 to 15, each read with the highest byte first, so
        that the order of rows is the order of digests.

    Raises
    ------
    ValueError
        If the key is not of 32 bytes, or an id is null, empty or too long; the message names no id.
    """
    if len(key) != 32:
        raise ValueError(f"a pseudonym key has 32 bytes, got {len(key)}")
    out = np.empty((len(ids), 2), np.uint64)
    bad = _pseudonyms(*view(ids), read_only(np.frombuffer(key, "<u4"), np.uint32), new_room(), out)
    if bad:
        raise ValueError(f"{bad} of {len(ids)} ids are null, empty or longer than {ID_BYTES} bytes")
    return out


@kernel
def _hex_digits(data: Bytes, start: int, stop: int) -> int:
    """Give where a UUID's characters begin (braces left out), or -1 where the text is not a UUID."""
    if stop - start in (34, 38):
        if data[start] != 123 or data[stop - 1] != 125:
            return -1
        start, stop = start + 1, stop - 1
    length = stop - start
    if length not in (32, 36):
        return -1
    for i in range(length):
        byte = data[start + i]
        if length == 36 and i in (8, 13, 18, 23):
            if byte != 45:
                return -1
        elif not (48 <= byte <= 57 or 97 <= byte <= 102 or 65 <= byte <= 70):
            return -1
    return start


@kernel
def _write_hyphened(data: Bytes, start: int, out: Bytes) -> bool:
    """Write the 36 characters from ``start`` on in lower case; say whether they are a UUID."""
    # Without a branch and in eight bits throughout, or LLVM would not make vectors of it.
    wrong = np.uint8(0)
    for i in range(36):
        byte = data[start + i]
        lower = np.uint8(byte | np.uint8(32))
        digit = np.uint8(byte - np.uint8(48)) < np.uint8(10)
        letter = np.uint8(lower - np.uint8(97)) < np.uint8(6)
        hyphen = byte == np.uint8(45)
        wrong |= np.uint8(hyphen != _HYPHENS[i]) | np.uint8(not (digit or letter or hyphen))
        out[i] = lower if letter else byte
    return bool(wrong == 0)


@kernel
def _write_canonical(data: Bytes, start: int, stop: int, out: Bytes) -> int:
    """Write the canonical form of an id to ``out``; give its length, or -1 if it is unusable."""
    start, stop = trimmed(data, start, stop)
    length = stop - start
    if length == 36 and _write_hyphened(data, start, out):
        return 36
    if length in (32, 34, 38):
        digits = _hex_digits(data, start, stop)
        if digits >= 0:
            for i in range(36):
                if i in (8, 13, 18, 23):
                    out[i] = 45
                    digits += length in (36, 38)
                    continue
                byte = data[digits]
                out[i] = byte + 32 if 65 <= byte <= 70 else byte
                digits += 1
            return 36
    if length == 0 or length > ID_BYTES:
        return -1
    for i in range(length):
        out[i] = data[start + i]
    return length


@kernel
def _is_utf8(data: Bytes, start: int, stop: int) -> bool:
    """Say whether bytes are UTF-8 (RFC 3629: no surrogates, no long forms, at most U+10FFFF)."""
    while start < stop:
        lead = data[start]
        start += 1
        if lead < 0x80:
            continue
        if lead < 0xC2 or lead > 0xF4:
            return False
        low, top = 0x80, 0xBF
        if lead == 0xE0:
            low = 0xA0
        elif lead == 0xED:
            top = 0x9F
        elif lead == 0xF0:
            low = 0x90
        elif lead == 0xF4:
            top = 0x8F
        more = 1 if lead < 0xE0 else 2 if lead < 0xF0 else 3
        if stop - start < more:
            return False
        for _ in range(more):
            if not low <= data[start] <= top:
                return False
            low, top = 0x80, 0xBF
            start += 1
    return True


@kernel
def _is_all_zero(data: Bytes, start: int, stop: int) -> bool:
    """Say whether trimmed text is a UUID of zeros."""
    # Most ids say no at their first character, before anything is read.
    if not 32 <= stop - start <= 38 or data[start] not in (48, 123):
        return False
    for i in range(start, stop):
        if data[i] not in (48, 45, 123, 125):
            return False
    return _hex_digits(data, start, stop) >= 0


@kernel
def _id_states(offsets: Int64s, data: Bytes, valid: Bytes, first: int, ascii_only: bool) -> Bytes:
    states = np.empty(len(offsets) - 1, np.uint8)
    for i in range(len(states)):
        start, stop = trimmed(data, offsets[i], offsets[i + 1])
        if not is_valid(valid, first + i) or not 0 < stop - start <= ID_BYTES:
            states[i] = UNUSABLE
        elif _is_all_zero(data, start, stop):
            states[i] = ALL_ZERO
        elif ascii_only or _is_utf8(data, start, stop):
            states[i] = USABLE
        else:
            states[i] = UNUSABLE
    return states


@kernel
def _big_endian(low: int, high: int) -> np.uint64:
    """Read two words of a digest as one number whose highest byte comes first."""
    number = np.uint64(0)
    for word in (np.uint64(low), np.uint64(high)):
        for byte in range(4):
            number = np.uint64(number << np.uint64(8)) | (word >> np.uint64(8 * byte)) & np.uint64(255)
    return number


@kernel
def _pseudonyms(
    offsets: Int64s,
    data: Bytes,
    valid: Bytes,
    first: int,
    key: NDArray[np.generic],
    room: Room,
    out: NDArray[np.uint64],
) -> int:
    """Fill ``out``, as many ids at a time as there are lanes; give how many ids were unusable."""
    text, lengths, digest = room[0], room[1], room[2]
    n, bad = len(out), 0
    for base in range(0, n, LANES):
        lanes = min(LANES, n - base)
        for lane in range(lanes):
            i = base + lane
            length = _write_canonical(data, offsets[i], offsets[i + 1], text[lane])
            if length < 0 or not is_valid(valid, first + i):
                bad += 1
                length = 0
            lengths[lane] = length
        keyed_hashes(room, key)
        for lane in range(lanes):
            out[base + lane, 0] = _big_endian(digest[0, lane], digest[1, lane])
            out[base + lane, 1] = _big_endian(digest[2, lane], digest[3, lane])
    return bad
