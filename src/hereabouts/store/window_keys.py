"""Where an intake has the keys of windows from: the key folder itself, or what was handed to it on another machine.

Which windows a feed has pings for is known when it has been read, and a key has to be there before. So who reads
without a key folder is handed the keys that there are, and a *seed*: of a window that has none yet, the keys are what
HMAC-SHA256 makes of the seed and the window's name. Those that came to be used are put into the key folder, before the
pings count; the seed is written nowhere, and gone with the command.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from hereabouts.store.keys import KEY_BYTES, PINGS, PSEUDONYMS, Keys
from hereabouts.store.store import Store


class OwnKeys:
    """The keys in a store's own folder; those of a window without pings are made.

    Parameters
    ----------
    store
        The store, locked.
    """

    def __init__(self, store: Store) -> None:
        self._keys: Keys = store.keys  # one object for all threads: it is what keeps two from making one key each
        self._known = {known.window.folder for known in store.windows()}

    def get(self, window: str, use: str) -> bytes:
        """A window's key, for one use.

        Raises
        ------
        MachineError
            If it is missing, or cannot be made.
        """
        # A window that has pings has its keys too: a second one would make two devices of one.
        return (self._keys.get if window in self._known else self._keys.get_or_make)(window, use)


@dataclass(frozen=True, repr=False)
class CarriedKeys:
    """The keys that an intake may need on another machine; in memory and in encrypted messages alone.

    Attributes
    ----------
    held
        The keys that there are, of windows that may take pings: by window and use.
    seed
        What the others are made of.
    tokens
        The suppression key; empty where nobody was withdrawn.
    """

    held: Mapping[tuple[str, str], bytes]
    seed: bytes
    tokens: bytes

    @classmethod
    def of(cls, store: Store) -> CarriedKeys:
        """Gather what a locked store has; with a new seed.

        Raises
        ------
        MachineError
            If a key of a window with pings is missing, or cannot be read.
        """
        waiting = {known.window.folder for known in store.windows() if known.status != "sealed"}
        wanted = {(window, use) for window in waiting for use in (PINGS, PSEUDONYMS)}
        wanted |= {(window, use) for window, use in store.keys.of_windows() if not store.is_past(window)}
        held = {(window, use): store.keys.get(window, use) for window, use in wanted}
        tokens = store.withdrawals.key() if store.suppressed() else b""
        return cls(held, secrets.token_bytes(KEY_BYTES), tokens)

    def get(self, window: str, use: str) -> bytes:
        """A window's key, for one use."""
        found = self.held.get((window, use))
        return hmac.digest(self.seed, f"{window}.{use}".encode(), sha256) if found is None else found

    def keep(self, keys: Keys, windows: Iterable[str]) -> None:
        """Put the keys of these windows into the key folder, those that are not there yet.

        Raises
        ------
        MachineError
            If one cannot be written, or another is there: whoever holds the store's lock is the only one to make keys.
        """
        for window in windows:
            for use in (PSEUDONYMS, PINGS):
                if (window, use) not in self.held:
                    keys.keep(window, use, self.get(window, use))
