"""Suppression: the tokens of withdrawn devices, by which they are kept out from then on (WITHDRAW).

A token is the keyed BLAKE3 of a canonical id, 128 bits, under the suppression key, which makes nothing else: without
that key a token says nothing about an id, and with it an id can be asked for, but none can be listed. Each withdrawal
has a file of its own, ``withdrawn/NNNN.tokens``: its tokens in rising order, 16 bytes each, highest byte first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hereabouts.errors import MachineError
from hereabouts.feeds.ids.identifiers import pseudonyms
from hereabouts.movement.kernel import kernel, read_only

Tokens = NDArray[np.uint64]
"""Shape (n, 2): the high and the low half of 128 bits."""

TOKEN_BYTES = 16
# The table of prefixes has at most so many entries: 32 MiB.
_MOST_PREFIX_BITS = 22


class Suppression:
    """Says which ids are withdrawn.

    Parameters
    ----------
    tokens
        Tokens of the withdrawn devices, in any order, repeated or not.
    key
        The suppression key; may be empty where there are no tokens.
    """

    def __init__(self, tokens: Tokens, key: bytes) -> None:
        self._members = Members(tokens)
        self._key = key

    def __bool__(self) -> bool:
        """Whether any device is withdrawn at all."""
        return len(self._members) > 0

    def __len__(self) -> int:
        """How many devices are withdrawn."""
        return len(self._members)

    def without_key(self) -> Suppression:
        """The same for :meth:`among` alone, to be carried elsewhere."""
        return Suppression(self._members.names, b"")

    def contains(self, ids: pa.Array) -> NDArray[np.bool_]:
        """Which ids are withdrawn; thread-safe.

        Parameters
        ----------
        ids
            A text column of n ids in any spelling, all usable (:func:`hereabouts.feeds.ids.identifiers.id_states`).

        Returns
        -------
        numpy.ndarray
            Shape (n,), bool.

        Raises
        ------
        ValueError
            If there are tokens and an id is unusable; the message names no id.
        """
        if not self:
            return np.zeros(len(ids), np.bool_)
        return self._members.include(pseudonyms(ids, self._key))

    def among(self, tokens: Tokens) -> NDArray[np.bool_]:
        """Which tokens, shape (n, 2), are those of withdrawn devices."""
        return self._members.include(tokens)


class Members:
    """A set of 128-bit names that is asked for many at once; names are as good as random, as keyed hashes are."""

    def __init__(self, names: Tokens) -> None:
        self.names = distinct(names)
        bits = min(_MOST_PREFIX_BITS, max(len(self.names) - 1, 1).bit_length())
        self._shift = np.uint64(64 - bits)
        prefixes = self.names[:, 0] >> self._shift
        # Names of one prefix lie together; there are about as many prefixes as names.
        self._starts = np.searchsorted(prefixes, np.arange((1 << bits) + 1, dtype=np.uint64)).astype(np.int64)

    def __len__(self) -> int:
        """How many names there are."""
        return len(self.names)

    def include(self, wanted: Tokens) -> NDArray[np.bool_]:
        """Which of the wanted names, shape (n, 2), are in the set."""
        if not len(self):
            return np.zeros(len(wanted), np.bool_)
        found: NDArray[np.bool_] = _include(
            read_only(self.names, np.uint64),
            read_only(self._starts, np.int64),
            self._shift,
            read_only(wanted, np.uint64),
        )
        return found


def distinct(names: Tokens) -> Tokens:
    """The distinct names, shape (k, 2), in the order of their 128 bits."""
    ordered = names[np.lexsort((names[:, 1], names[:, 0]))]
    new = np.ones(len(ordered), np.bool_)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    return np.ascontiguousarray(ordered[new])


def to_bytes(tokens: Tokens) -> bytes:
    """Tokens as they lie in a file."""
    return tokens.astype(">u8").tobytes()


def read_tokens(files: Iterable[tuple[Path, str]]) -> Tokens:
    """The tokens of all withdrawals, from their files and the digests that were registered with them.

    Raises
    ------
    MachineError
        When a file is missing, cannot be read, or is not the one that was written: devices would be let in again.
    """
    parts = [np.empty((0, 2), np.uint64)]
    for path, digest in files:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise MachineError(
                f"cannot read {path}: {error.strerror}; without it withdrawn devices would be taken in again: restore "
                "it from a copy"
            ) from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise MachineError(f"{path} was altered or cut short since it was written: restore it from a copy")
        parts.append(np.frombuffer(content, ">u8").astype(np.uint64).reshape(-1, 2))
    return np.concatenate(parts)


@kernel
def _include(names: Tokens, starts: NDArray[np.int64], shift: np.uint64, wanted: Tokens) -> NDArray[np.bool_]:
    found = np.zeros(len(wanted), np.bool_)
    for i in range(len(wanted)):
        prefix = np.int64(wanted[i, 0] >> shift)
        for at in range(starts[prefix], starts[prefix + 1]):
            if names[at, 0] == wanted[i, 0] and names[at, 1] == wanted[i, 1]:
                found[i] = True
                break
    return found
