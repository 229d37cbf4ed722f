"""Answers of the strings that were met lately, so that the next batch need not decode them again.

Kept in this process alone, and bounded. What is forgotten is decoded again, to the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock

import numpy as np
import pyarrow as pa

from hereabouts.feeds.values.text import Bytes

MOST_STRINGS = 1 << 16
MOST_BYTES = 1 << 10
"""A longer string is not kept: all together they would take more than 64 MiB."""


class Memory:
    """Answers by string and by what was asked; may be used from several threads."""

    def __init__(self, most_strings: int = MOST_STRINGS) -> None:
        self._most = most_strings
        self._known: dict[tuple[Hashable, bytes], int] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._known)

    def answers(self, strings: pa.Array, asked: Hashable, decode: Callable[[pa.Array], Bytes]) -> Bytes:
        """Give each string's answer.

        Parameters
        ----------
        strings
            A binary column of n distinct strings, none of them null.
        asked
            What is asked of them: the framework and the rule.
        decode
            Answers for a binary column.

        Returns
        -------
        numpy.ndarray
            Shape (n,), uint8.
        """
        # More than can be kept would push each other out: then looking them up costs more than it saves.
        if len(strings) > self._most:
            return decode(strings)
        keys = [(asked, string) for string in strings.to_pylist()]
        with self._lock:
            found = [self._known.get(key, -1) for key in keys]
        said = np.array(found, np.int64)
        new = np.flatnonzero(said < 0)
        if len(new):
            said[new] = decode(strings.take(pa.array(new)))
            self._keep({keys[i]: int(said[i]) for i in new if len(keys[i][1]) <= MOST_BYTES})
        return said.astype(np.uint8)

    def _keep(self, answers: dict[tuple[Hashable, bytes], int]) -> None:
        with self._lock:
            if len(self._known) + len(answers) > self._most:
                self._known.clear()
            self._known.update(answers)
