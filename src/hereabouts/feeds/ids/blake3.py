"""BLAKE3's compression function, on sixty-four messages at once.

Lane ``l`` of every array belongs to message ``l``, and what is done to one lane is done to all of them, which LLVM
turns into vector instructions: some seventy million short messages a second and core (AVX-512). Python bindings hash
one message a call. Only what pseudonyms need is here: keyed hashing of messages of at most one chunk.

Reference: O'Connor, Aumasson, Neves, Wilcox-O'Hearn, "BLAKE3: one function, fast everywhere" (2020),
section 2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hereabouts.movement.kernel import inlined, kernel

LANES = 64
"""Measured: four vectors of sixteen hide each other's waiting; with sixteen lanes a hash takes half as long again."""

BLOCK_WORDS = 16
BLOCK_BYTES = 4 * BLOCK_WORDS
CHUNK_BYTES = 1024
"""A longer message would need BLAKE3's tree, which is not here."""

_CHUNK_START, _CHUNK_END, _ROOT, _KEYED_HASH = 1, 2, 8, 16
"""Domain flags (section 2.1, table 3)."""

_IV0, _IV1, _IV2, _IV3 = 0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A

Words = NDArray[np.uint32]
Word = np.uint32
Sixteen = tuple[Word, Word, Word, Word, Word, Word, Word, Word, Word, Word, Word, Word, Word, Word, Word, Word]
"""Words of one lane."""


def new_messages(count: int, longest: int = BLOCK_BYTES) -> tuple[Words, NDArray[np.int64]]:
    """Make room for messages of at most `longest` bytes.

    Returns
    -------
    messages
        Little-endian words, of zeros still: word ``w`` of block ``b`` of message ``g * LANES + l`` is at
        ``[g, b, w, l]``.
    lengths
        The messages' lengths in bytes, shape (groups * LANES,); 0 in lanes that are not used.
    """
    groups, blocks = -(-count // LANES), max(1, -(-longest // BLOCK_BYTES))
    return np.zeros((groups, blocks, BLOCK_WORDS, LANES), np.uint32), np.zeros(groups * LANES, np.int64)


@kernel
def keyed_hashes(
    messages: Words, lengths: NDArray[np.int64], key: NDArray[np.generic], out: NDArray[np.uint64]
) -> None:
    """Hash messages under a key.

    Parameters
    ----------
    messages, lengths
        As :func:`new_messages` gives them; whatever of a message's last block is behind its end is zero.
    key
        Eight little-endian words.
    out
        Room for the digests, shape (n, 2), for at most as many as there are lanes: bytes 0 to 7 and 8 to 15, each
        read with the highest byte first.
    """
    blocks = messages.shape[1]
    words = messages.ravel()
    state = np.empty(_STATE_WORDS * LANES, np.uint32)
    for first in range(0, len(out), LANES):
        longest = 0
        for lane in range(LANES):
            longest = max(longest, lengths[first + lane])
        for word in range(8):
            for lane in range(LANES):
                state[word * LANES + lane] = key[word]
        for block in range(max(1, -(-longest // BLOCK_BYTES))):
            for lane in range(LANES):
                left = lengths[first + lane] - block * BLOCK_BYTES
                start = _CHUNK_START if block == 0 else 0
                end = _CHUNK_END | _ROOT if left <= BLOCK_BYTES else 0
                state[_IN_USE + lane] = max(min(left, BLOCK_BYTES), 0)
                # A lane whose message has ended is compressed along with the others, and left as it was.
                state[_FLAGS + lane] = _KEYED_HASH | start | end if left > 0 or block == 0 else 0
            at = (first // LANES * blocks + block) * BLOCK_WORDS * LANES
            _compress(state, words[at : at + BLOCK_WORDS * LANES])
        for lane in range(min(LANES, len(out) - first)):
            out[first + lane, 0] = _big_endian(state[lane], state[LANES + lane])
            out[first + lane, 1] = _big_endian(state[2 * LANES + lane], state[3 * LANES + lane])


_IN_USE, _FLAGS, _STATE_WORDS = 8 * LANES, 9 * LANES, 10


@kernel
def _compress(state: Words, block: Words) -> None:
    """Compress one block of each lane's message, as the first chunk of its message.

    Both arrays are flat, and word ``w`` of lane ``l`` is ``w * LANES + l`` words from where a block begins: with
    distances that it knows, LLVM sees that no lane touches another, and makes vectors of them.

    Parameters
    ----------
    state
        Eight chaining values, at first the key's words, and then the new ones; the bytes of the block that are in
        use; and its domain flags: without any, a lane keeps its values.
    words
        The messages.
    start
        Where their block begins.
    """
    s, t = state, block
    for l in range(LANES):  # noqa: E741 - the lane, in every line
        # Everything of a lane is in names, not in arrays: so it stays in the processor's registers for all rounds.
        v: Sixteen = (
            s[l], s[LANES + l], s[2 * LANES + l], s[3 * LANES + l],
            s[4 * LANES + l], s[5 * LANES + l], s[6 * LANES + l], s[7 * LANES + l],
            np.uint32(_IV0), np.uint32(_IV1), np.uint32(_IV2), np.uint32(_IV3),
            np.uint32(0), np.uint32(0), s[_IN_USE + l], s[_FLAGS + l],
        )  # fmt: skip
        m: Sixteen = (
            t[l], t[l + LANES], t[l + 2 * LANES], t[l + 3 * LANES],
            t[l + 4 * LANES], t[l + 5 * LANES], t[l + 6 * LANES], t[l + 7 * LANES],
            t[l + 8 * LANES], t[l + 9 * LANES], t[l + 10 * LANES], t[l + 11 * LANES],
            t[l + 12 * LANES], t[l + 13 * LANES], t[l + 14 * LANES], t[l + 15 * LANES],
        )  # fmt: skip
        v = _round(v, m)
        m = _permuted(m)
        v = _round(v, m)
        m = _permuted(m)
        v = _round(v, m)
        m = _permuted(m)
        v = _round(v, m)
        m = _permuted(m)
        v = _round(v, m)
        m = _permuted(m)
        v = _round(v, m)
        v = _round(v, _permuted(m))
        live = s[_FLAGS + l] != 0
        s[l] = v[0] ^ v[8] if live else s[l]
        s[LANES + l] = v[1] ^ v[9] if live else s[LANES + l]
        s[2 * LANES + l] = v[2] ^ v[10] if live else s[2 * LANES + l]
        s[3 * LANES + l] = v[3] ^ v[11] if live else s[3 * LANES + l]
        s[4 * LANES + l] = v[4] ^ v[12] if live else s[4 * LANES + l]
        s[5 * LANES + l] = v[5] ^ v[13] if live else s[5 * LANES + l]
        s[6 * LANES + l] = v[6] ^ v[14] if live else s[6 * LANES + l]
        s[7 * LANES + l] = v[7] ^ v[15] if live else s[7 * LANES + l]


@inlined
def _round(v: Sixteen, m: Sixteen) -> Sixteen:
    """Mix the state's columns, then its diagonals."""
    v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15 = v
    v0, v4, v8, v12 = _mix(v0, v4, v8, v12, m[0], m[1])
    v1, v5, v9, v13 = _mix(v1, v5, v9, v13, m[2], m[3])
    v2, v6, v10, v14 = _mix(v2, v6, v10, v14, m[4], m[5])
    v3, v7, v11, v15 = _mix(v3, v7, v11, v15, m[6], m[7])
    v0, v5, v10, v15 = _mix(v0, v5, v10, v15, m[8], m[9])
    v1, v6, v11, v12 = _mix(v1, v6, v11, v12, m[10], m[11])
    v2, v7, v8, v13 = _mix(v2, v7, v8, v13, m[12], m[13])
    v3, v4, v9, v14 = _mix(v3, v4, v9, v14, m[14], m[15])
    return v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15


@kernel
def _mix(a: Word, b: Word, c: Word, d: Word, x: Word, y: Word) -> tuple[Word, Word, Word, Word]:
    # numba widens the sum of two uint32 to 64 bits: every result is cut back, or the rotations would be wrong.
    a = np.uint32(a + b + x)
    d = np.uint32(d ^ a)
    d = np.uint32(d >> np.uint32(16)) | np.uint32(d << np.uint32(16))
    c = np.uint32(c + d)
    b = np.uint32(b ^ c)
    b = np.uint32(b >> np.uint32(12)) | np.uint32(b << np.uint32(20))
    a = np.uint32(a + b + y)
    d = np.uint32(d ^ a)
    d = np.uint32(d >> np.uint32(8)) | np.uint32(d << np.uint32(24))
    c = np.uint32(c + d)
    b = np.uint32(b ^ c)
    b = np.uint32(b >> np.uint32(7)) | np.uint32(b << np.uint32(25))
    return a, b, c, d


@kernel
def _permuted(m: Sixteen) -> Sixteen:
    """Give the message's words in the order of the next round (table 2)."""
    return m[2], m[6], m[3], m[10], m[7], m[0], m[4], m[13], m[1], m[11], m[12], m[5], m[9], m[14], m[15], m[8]


@kernel
def _big_endian(low: Word, high: Word) -> np.uint64:
    """Read two words of a digest as one number whose highest byte comes first."""
    return np.uint64(_swapped(low)) << np.uint64(32) | np.uint64(_swapped(high))


@kernel
def _swapped(word: Word) -> np.uint32:
    """Turn the four bytes of a word round."""
    word = np.uint32(word >> np.uint32(16)) | np.uint32(word << np.uint32(16))
    return np.uint32(np.uint32(word >> np.uint32(8)) & np.uint32(0x00FF00FF)) | np.uint32(
        np.uint32(word & np.uint32(0x00FF00FF)) << np.uint32(8)
    )
