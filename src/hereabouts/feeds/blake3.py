"""BLAKE3's compression function, on sixteen messages at once.

Lane ``l`` of every array belongs to message ``l``, and each step of the function is a loop over the lanes,
which LLVM turns into vector instructions: twenty million short ids a second and core in place of four.
Python bindings hash one message a call. Only what pseudonyms need is here: keyed hashing of messages of at
most one chunk.

Reference: O'Connor, Aumasson, Neves, Wilcox-O'Hearn, "BLAKE3: one function, fast everywhere" (2020),
section 2.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from hereabouts.movement.kernel import kernel

LANES = 16
BLOCK_BYTES = 64
CHUNK_BYTES = 1024
"""A longer message would need BLAKE3's tree, which is not here."""

_CHUNK_START, _CHUNK_END, _ROOT, _KEYED_HASH = 1, 2, 8, 16
"""Domain flags (section 2.1, table 3)."""

Words = NDArray[np.uint32]


Room = tuple[NDArray[np.uint8], NDArray[np.int64], Words, Words, Words, Words, Words]
"""Memory that :func:`keyed_hashes` works in: text, lengths, digests, and four arrays of its own.

A plain tuple: a class of ours would be named in numba's cache, and renaming it would break what is cached.
"""

_IV: Words = np.array([0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A], np.uint32)
_PERMUTATION = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)


def _schedule() -> NDArray[np.int64]:
    rounds = [tuple(range(16))]
    for _ in range(6):
        rounds.append(tuple(rounds[-1][word] for word in _PERMUTATION))
    return np.array(rounds, np.int64)


_SCHEDULE = _schedule()
"""Which message word each of the seven rounds takes, shape (7, 16): the permutation, applied in advance."""


@numba.njit(inline="always")
def _mix(v: Words, m: Words, a: int, b: int, c: int, d: int, x: int, y: int) -> None:
    # numba widens the sum of two uint32 to 64 bits: every result is cut back, or the rotations would be
    # wrong.
    for lane in range(LANES):
        va = np.uint32(v[a, lane] + v[b, lane] + m[x, lane])
        vd = np.uint32(v[d, lane] ^ va)
        vd = np.uint32(vd >> np.uint32(16)) | np.uint32(vd << np.uint32(16))
        vc = np.uint32(v[c, lane] + vd)
        vb = np.uint32(v[b, lane] ^ vc)
        vb = np.uint32(vb >> np.uint32(12)) | np.uint32(vb << np.uint32(20))
        va = np.uint32(va + vb + m[y, lane])
        vd = np.uint32(vd ^ va)
        vd = np.uint32(vd >> np.uint32(8)) | np.uint32(vd << np.uint32(24))
        vc = np.uint32(vc + vd)
        vb = np.uint32(vb ^ vc)
        vb = np.uint32(vb >> np.uint32(7)) | np.uint32(vb << np.uint32(25))
        v[a, lane], v[b, lane], v[c, lane], v[d, lane] = va, vb, vc, vd


@kernel
def _compress(v: Words, chaining: Words, message: Words, lengths: Words, flags: Words) -> None:
    """Compress one block of each lane's message, as the first chunk of its message.

    Parameters
    ----------
    v
        Room for the state, shape (16, LANES); its first eight rows are the new chaining value, and of the
        last block the digest.
    chaining
        The chaining values so far, at first the key's words, shape (8, LANES).
    message
        The block's words, little-endian, padded with zeros, shape (16, LANES).
    lengths, flags
        The block's bytes that are in use, and its domain flags, shape (LANES,).
    """
    for lane in range(LANES):
        for word in range(8):
            v[word, lane] = chaining[word, lane]
        for word in range(4):
            v[8 + word, lane] = _IV[word]
        v[12, lane] = 0
        v[13, lane] = 0
        v[14, lane] = lengths[lane]
        v[15, lane] = flags[lane]
    for turn in range(7):
        s = _SCHEDULE[turn]
        _mix(v, message, 0, 4, 8, 12, s[0], s[1])
        _mix(v, message, 1, 5, 9, 13, s[2], s[3])
        _mix(v, message, 2, 6, 10, 14, s[4], s[5])
        _mix(v, message, 3, 7, 11, 15, s[6], s[7])
        _mix(v, message, 0, 5, 10, 15, s[8], s[9])
        _mix(v, message, 1, 6, 11, 12, s[10], s[11])
        _mix(v, message, 2, 7, 8, 13, s[12], s[13])
        _mix(v, message, 3, 4, 9, 14, s[14], s[15])
    for word in range(8):
        for lane in range(LANES):
            v[word, lane] ^= v[word + 8, lane]


def new_room() -> Room:
    """Make room for :data:`LANES` messages.

    Returns
    -------
    tuple of numpy.ndarray
        First the three that matter to the caller: the messages, one a row, shape (LANES, more than
        CHUNK_BYTES); their lengths in bytes, shape (LANES,); and the digests' little-endian words, one digest
        a column, shape (8, LANES).
    """
    return (
        # Rows that are a power of two apart would share the same few lines of the processor's cache.
        np.zeros((LANES, CHUNK_BYTES + BLOCK_BYTES), np.uint8),
        np.zeros(LANES, np.int64),
        np.zeros((8, LANES), np.uint32),
        np.zeros((16, LANES), np.uint32),
        np.zeros((16, LANES), np.uint32),
        np.zeros(LANES, np.uint32),
        np.zeros(LANES, np.uint32),
    )


@kernel
def keyed_hashes(room: Room, key: NDArray[np.generic]) -> None:
    """Hash the messages in a room, in all its lanes; the digests are then in it too.

    Parameters
    ----------
    room
        From :func:`new_room`, with messages of at most :data:`CHUNK_BYTES` and their lengths.
    key
        Eight little-endian words.
    """
    text, lengths, chaining, state, message, in_use, flags = room
    longest = 1
    for lane in range(LANES):
        length = lengths[lane]
        longest = max(longest, length)
        for k in range(length, max(-(-length // BLOCK_BYTES), 1) * BLOCK_BYTES):
            text[lane, k] = 0
    for word in range(8):
        for lane in range(LANES):
            chaining[word, lane] = key[word]
    words = text.view(np.uint32)
    for block in range(0, longest, BLOCK_BYTES):
        for lane in range(LANES):
            left = lengths[lane] - block
            in_use[lane] = max(min(left, BLOCK_BYTES), 0)
            start = _CHUNK_START if block == 0 else 0
            end = _CHUNK_END | _ROOT if left <= BLOCK_BYTES else 0
            flags[lane] = _KEYED_HASH | start | end
            for word in range(16):
                message[word, lane] = words[lane, block // 4 + word]
        _compress(state, chaining, message, in_use, flags)
        for word in range(8):
            for lane in range(LANES):
                # A lane whose message has ended is compressed along with the others, and ignored.
                if lengths[lane] > block or block == 0:
                    chaining[word, lane] = state[word, lane]
