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
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.feeds.ids.blake3 import BLOCK_BYTES, CHUNK_BYTES, keyed_hashes, new_messages
from hereabouts.feeds.ids.id_kernels import ALL_ZERO, UNUSABLE, USABLE, states, write_messages
from hereabouts.feeds.values.text import Bytes, Int64s, view
from hereabouts.movement.kernel import read_only

__all__ = ["ALL_ZERO", "ID_BYTES", "UNUSABLE", "USABLE", "canonical_id", "id_states", "pseudonyms", "pseudonyms_under"]

ID_BYTES = CHUNK_BYTES
"""The longest id, in bytes of its canonical form: BLAKE3's chunk."""

_ASCII_SPACE = " \t\n\v\f\r"
_UUID = re.compile(
    r"(?P<brace>\{)?(?P<digits>[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?(brace)\})",
    re.IGNORECASE | re.ASCII,
)
# Ids worked on at once: their messages stay in the processor's cache from the one kernel to the other.
_AT_ONCE = 8192
_LONG_AT_ONCE = 512


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
        or not UTF-8, and for words such as ``null`` that stand where there is no id; :data:`ALL_ZERO` for the
        UUID without a digit but zero, which phones give for "opted out", and its MD5, SHA-1 and SHA-256;
        :data:`USABLE` for the rest.
    """
    data, starts, stops = _bounds(ids)
    span = data[starts[0] : stops[-1]] if len(starts) else data
    # What is ASCII is UTF-8: one look at all bytes spares most columns a look at each id.
    return states(
        data, read_only(starts, np.int64), read_only(stops, np.int64), bool(not span.size or span.max() < 128)
    )


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
    return pseudonyms_under(ids, [key])[0]


def pseudonyms_under(
    ids: pa.Array, keys: Sequence[bytes], rows: NDArray[np.int64] | None = None
) -> list[NDArray[np.uint64]]:
    """Give the pseudonyms of ids under several keys: their canonical forms are made only once.

    Parameters
    ----------
    ids, keys
        As for :func:`pseudonyms`.
    rows
        Which of the ids, by their places; all without it.

    Returns
    -------
    list of numpy.ndarray
        For each key what :func:`pseudonyms` gives for these ids.

    Raises
    ------
    ValueError
        As :func:`pseudonyms` does.
    """
    if any(len(key) != 32 for key in keys):
        raise ValueError(f"a pseudonym key has 32 bytes, got {', '.join(str(len(key)) for key in keys)}")
    data, starts, stops = _bounds(ids)
    if rows is not None:
        starts, stops = starts[rows], stops[rows]
    words = [read_only(np.frombuffer(key, "<u4"), np.uint32) for key in keys]
    found = [np.empty((len(starts), 2), np.uint64) for _ in keys]
    bad, long = _hash(data, starts, stops, words, found, BLOCK_BYTES, _AT_ONCE)
    if long.size:
        names = [np.empty((long.size, 2), np.uint64) for _ in keys]
        bad += _hash(data, starts[long], stops[long], words, names, CHUNK_BYTES, _LONG_AT_ONCE)[0]
        for all_names, long_names in zip(found, names, strict=True):
            all_names[long] = long_names
    if bad:
        raise ValueError(f"{bad} of {len(starts)} ids are null, empty or longer than {ID_BYTES} bytes")
    return found


def _bounds(ids: pa.Array) -> tuple[Bytes, Int64s, Int64s]:
    """Bytes of a text column, and where each id begins and ends in them; one that is null has none."""
    offsets, data, _, _ = view(ids)
    starts, stops = offsets[:-1], offsets[1:]
    if ids.null_count:
        stops = np.where(ids.is_valid().to_numpy(zero_copy_only=False), stops, starts)
    return data, starts, stops


def _hash(
    data: Bytes,
    starts: Int64s,
    stops: Int64s,
    keys: list[NDArray[np.generic]],
    found: list[NDArray[np.uint64]],
    longest: int,
    at_once: int,
) -> tuple[int, Int64s]:
    """Fill `found` for ids of at most `longest` bytes; give how many are unusable, and the places of longer ones."""
    messages, lengths = new_messages(min(at_once, len(starts)), longest)
    text = np.zeros(CHUNK_BYTES, np.uint8)
    bad, too_long = 0, []
    for first in range(0, len(starts), at_once):
        part = slice(first, first + at_once)
        unusable, long = write_messages(
            data, read_only(starts[part], np.int64), read_only(stops[part], np.int64), text, messages, lengths
        )
        bad += unusable
        too_long.append(first + long)
        for key, names in zip(keys, found, strict=True):
            keyed_hashes(messages, lengths, key, names[part])
    return bad, np.concatenate([np.zeros(0, np.int64), *too_long])
