"""The compiled loops over ids: what state each is in, and their canonical forms as messages to be hashed.

They are held to :func:`hereabouts.feeds.ids.identifiers.canonical_id`. Nearly all ids are UUIDs with hyphens: those are
handled four characters at a time, in the words of sixty-four messages at once; what else there is, one by one.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from hereabouts.feeds.ids import blake3
from hereabouts.feeds.ids.blake3 import Words
from hereabouts.feeds.values.text import Bytes, Int64s
from hereabouts.movement.kernel import kernel

# Numbers of this file's own: what is kept of its loops on the disk is renewed when this file changes, and only then.
LANES, BLOCK_WORDS, BLOCK_BYTES, CHUNK_BYTES = 64, 16, 64, 1024
if (LANES, BLOCK_WORDS, BLOCK_BYTES, CHUNK_BYTES) != (
    blake3.LANES,
    blake3.BLOCK_WORDS,
    blake3.BLOCK_BYTES,
    blake3.CHUNK_BYTES,
):
    raise ImportError("blake3.py and id_kernels.py lay messages out differently: give both the same numbers")

USABLE, UNUSABLE, ALL_ZERO = 0, 1, 2
"""What :func:`states` says of an id."""

_UUID_WORDS = 9
_UUID_BYTES = 4 * _UUID_WORDS
_HYPHENS = np.where(np.isin(np.arange(_UUID_BYTES), (8, 13, 18, 23)), 0xFF, 0).astype(np.uint8).view(np.uint32)
"""Where a UUID has its hyphens, in its nine words of four characters."""

_ALL = 0xFFFFFFFF
_ZEROS = b"00000000-0000-0000-0000-000000000000"


def _table(words: list[bytes]) -> tuple[Bytes, Int64s]:
    """Words as rows of bytes, and their lengths."""
    lengths = np.array([len(word) for word in words])
    rows = [np.frombuffer(word.ljust(int(lengths.max()), b"\0"), np.uint8) for word in words]
    return np.array(rows), lengths


_NOBODY, _NOBODY_LENGTHS = _table([b"null", b"none", b"nil", b"nan", b"n/a", b"unknown", b"undefined"])
"""What exports write where there is no id: all phones without one would else be one device."""
_OPTED_OUT, _OPTED_OUT_LENGTHS = _table(
    [hashlib.new(name, _ZEROS, usedforsecurity=False).hexdigest().encode() for name in ("md5", "sha1", "sha256")]
)
"""The UUID of zeros, hashed as suppliers hash ids."""


@kernel
def states(data: Bytes, starts: NDArray[np.generic], stops: NDArray[np.generic], ascii_only: bool) -> Bytes:
    """Say which ids can name a device; id ``i`` is ``data[starts[i]:stops[i]]``."""
    found = np.empty(len(starts), np.uint8)
    for i in range(len(found)):
        start, stop = starts[i], stops[i]
        length = stop - start
        if ascii_only and 9 < length <= CHUNK_BYTES and length not in (32, 40, 64):
            head, tail = data[start], data[stop - 1]
            # Nearly all ids: nothing to trim, no word or hash from the tables above, and no beginning and end that a
            # UUID of zeros could have.
            if (head > 32) & (tail > 32) & (head != 123) & ((head != 48) | (tail != 48)):
                found[i] = USABLE
                continue
        start, stop = _trimmed(data, start, stop)
        if not 0 < stop - start <= CHUNK_BYTES or _is_one_of(data, start, stop, _NOBODY, _NOBODY_LENGTHS):
            found[i] = UNUSABLE
        elif _is_all_zero(data, start, stop) or _is_one_of(data, start, stop, _OPTED_OUT, _OPTED_OUT_LENGTHS):
            found[i] = ALL_ZERO
        elif ascii_only or _is_utf8(data, start, stop):
            found[i] = USABLE
        else:
            found[i] = UNUSABLE
    return found


@kernel
def write_messages(
    data: Bytes, starts: NDArray[np.generic], stops: NDArray[np.generic], text: Bytes, messages: Words, lengths: Int64s
) -> tuple[int, Int64s]:
    """Write the canonical forms of ids as messages.

    Parameters
    ----------
    data, starts, stops
        The ids: id ``i`` is ``data[starts[i]:stops[i]]``.
    text
        Room for one id of CHUNK_BYTES.
    messages, lengths
        What :func:`hereabouts.feeds.ids.blake3.new_messages` gave, for at least as many.

    Returns
    -------
    int
        How many ids are unusable. These have the empty message, and so have longer ids than there is room for, and
        lanes behind the last id.
    numpy.ndarray
        Places of the longer ones.
    """
    n, blocks = len(starts), messages.shape[1]
    flat = messages.ravel()
    bad, longer, long = 0, np.empty(n, np.int64), 0
    plain = np.empty(LANES, np.uint32)
    for first in range(0, -(-n // LANES) * LANES, LANES):
        base = first * blocks * BLOCK_WORDS
        block = flat[base : base + BLOCK_WORDS * LANES]
        block[_UUID_WORDS * LANES :] = 0
        for lane in range(LANES):
            i = first + lane
            plain[lane] = 0
            if i < n and stops[i] - starts[i] == _UUID_BYTES:
                _copy_words(data, starts[i], block, lane)
                plain[lane] = _ALL
                lengths[i] = _UUID_BYTES
        odd = _finish_uuids(block, plain)
        for lane in range(LANES):
            if plain[lane] and not odd[lane]:
                continue
            i, length = first + lane, 0
            if i < n:
                length = _write_canonical(data, starts[i], stops[i], text)
                if length < 0:
                    bad += 1
                    length = 0
                elif length > blocks * BLOCK_BYTES:
                    longer[long] = i
                    long += 1
                    length = 0
            lengths[i] = length
            _write_text(text, length, flat[base:], lane)
    return bad, longer[:long].copy()


@kernel
def _copy_words(data: Bytes, start: int, block: Words, lane: int) -> None:
    at = np.uint64(start)
    for word in range(_UUID_WORDS):
        i = at + np.uint64(4 * word)
        one, two, three, four = data[i], data[i + np.uint64(1)], data[i + np.uint64(2)], data[i + np.uint64(3)]
        # LLVM makes one load of it.
        block[word * LANES + lane] = (
            np.uint32(one)
            | np.uint32(two) << np.uint32(8)
            | np.uint32(three) << np.uint32(16)
            | np.uint32(four) << np.uint32(24)
        )


@kernel
def _finish_uuids(block: Words, plain: Words) -> Words:
    """Bring lanes that are marked to lower case; give marks for those of them that are no UUID after all."""
    odd = np.empty(LANES, np.uint32)
    for lane in range(LANES):
        wrong = np.uint32(0)
        for word in range(_UUID_WORDS):
            four = block[word * LANES + lane]
            wrong = np.uint32(wrong | _unlike_a_uuid(four, _HYPHENS[word]))
            block[word * LANES + lane] = np.uint32(four | np.uint32(0x20202020))
        odd[lane] = np.uint32(wrong & plain[lane])
    return odd


@kernel
def _unlike_a_uuid(four: np.uint32, hyphens: np.uint32) -> np.uint32:
    """Give bits that are not 0 where one of four characters is not as a UUID has it there.

    A byte of 0 to 127, to which ``128 - c`` is added, has its high bit set where it is at least ``c``; no carry comes
    from the byte below.
    """
    ones = np.uint32(_ALL)
    plain = np.uint32(four & np.uint32(0x7F7F7F7F))
    lower = np.uint32(plain | np.uint32(0x20202020))
    digit = np.uint32(plain + np.uint32(0x50505050)) & np.uint32(np.uint32(plain + np.uint32(0x46464646)) ^ ones)
    letter = np.uint32(lower + np.uint32(0x1F1F1F1F)) & np.uint32(np.uint32(lower + np.uint32(0x19191919)) ^ ones)
    fine = np.uint32(np.uint32(np.uint32(digit) | np.uint32(letter)) | hyphens)
    wrong = np.uint32(np.uint32(np.uint32(fine ^ ones) | four) & np.uint32(0x80808080))
    return np.uint32(wrong | np.uint32(np.uint32(four ^ np.uint32(0x2D2D2D2D)) & hyphens))


@kernel
def _write_text(text: Bytes, length: int, flat: Words, lane: int) -> None:
    """Write an id that is in `text` as the message of a lane, with zeros to the end of its last block."""
    padded = max(1, -(-length // BLOCK_BYTES)) * BLOCK_BYTES
    text[length:padded] = 0
    characters = text.view(np.uint32)
    for word in range(padded // 4):
        flat[word * LANES + lane] = characters[word]


@kernel
def _write_canonical(data: Bytes, start: int, stop: int, out: Bytes) -> int:
    """Write the canonical form of an id to ``out``; give its length, or -1 if it is unusable."""
    start, stop = _trimmed(data, start, stop)
    length = stop - start
    if length in (32, 34, 36, 38):
        braced = length in (34, 38)
        if (not braced or (data[start] == 123 and data[stop - 1] == 125)) and _write_uuid(
            data, start + braced, length in (36, 38), out
        ):
            return _UUID_BYTES
    if length == 0 or length > CHUNK_BYTES:
        return -1
    for i in range(length):
        out[i] = data[start + i]
    return length


@kernel
def _write_uuid(data: Bytes, start: int, hyphened: bool, out: Bytes) -> bool:
    """Write 32 digits, with hyphens between them or without, as a UUID; say whether they are one."""
    # Without a branch that depends on a character: those are as good as random.
    wrong = np.uint8(0)
    at = start
    for i in range(_UUID_BYTES):
        byte = data[at]
        if i in (8, 13, 18, 23):
            wrong |= np.uint8(hyphened and byte != 45)
            out[i] = 45
            at += hyphened
            continue
        lower = np.uint8(byte | np.uint8(32))
        digit = np.uint8(byte - np.uint8(48)) < np.uint8(10)
        letter = np.uint8(lower - np.uint8(97)) < np.uint8(6)
        wrong |= np.uint8(not (digit | letter))
        out[i] = lower
        at += 1
    return bool(wrong == 0)


@kernel
def _is_space(byte: int) -> bool:
    return byte == 32 or 9 <= byte <= 13


@kernel
def _trimmed(data: Bytes, start: int, stop: int) -> tuple[int, int]:
    """Give the bounds of an id without the ASCII white space around it."""
    while start < stop and _is_space(data[start]):
        start += 1
    while stop > start and _is_space(data[stop - 1]):
        stop -= 1
    return start, stop


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
def _is_one_of(data: Bytes, start: int, stop: int, words: Bytes, lengths: Int64s) -> bool:
    """Say whether trimmed text is one of some words in lower case, in whatever case it is written."""
    for word in range(len(lengths)):
        if lengths[word] != stop - start:
            continue
        same = True
        for i in range(stop - start):
            byte = data[start + i]
            same &= (byte + 32 if 65 <= byte <= 90 else byte) == words[word, i]
        if same:
            return True
    return False


@kernel
def _is_all_zero(data: Bytes, start: int, stop: int) -> bool:
    """Say whether trimmed text is a UUID of zeros."""
    # Most ids say no at their first character, before anything else is read.
    if not 32 <= stop - start <= 38 or data[start] not in (48, 123):
        return False
    if stop - start in (34, 38):
        if data[start] != 123 or data[stop - 1] != 125:
            return False
        start, stop = start + 1, stop - 1
    if stop - start not in (32, 36):
        return False
    for i in range(stop - start):
        hyphen = stop - start == 36 and i in (8, 13, 18, 23)
        if data[start + i] != (45 if hyphen else 48):
            return False
    return True
