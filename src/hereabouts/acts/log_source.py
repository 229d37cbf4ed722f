"""Which log is meant: a store's own, or a folder that is anybody's copy of one; and by whose key it is checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hereabouts.errors import UsageError
from hereabouts.log.note import Signer, Verifier
from hereabouts.store.store import Store


@dataclass(frozen=True)
class LogSource:
    """A log, to be read.

    Attributes
    ----------
    folder
        Where its files are.
    key
        Whose it has to be; ``None`` where nobody said.
    store
        The store that it is of, where that is at hand.
    """

    folder: Path
    key: Verifier | None
    store: Store | None


def log_source(store: Path | None, log: Path | None, log_key: str | None) -> LogSource:
    """Find a log.

    Parameters
    ----------
    store
        The folder of a store: its own log, checked by the key in its key folder.
    log
        The folder of a log, wherever it is from.
    log_key
        Verifier key (C2SP vkey) of the log, in place of the store's.

    Raises
    ------
    UsageError
        When not one of store and log was given, or the key is none.
    """
    if (store is None) == (log is None):
        raise UsageError("got both a store and a log, or neither: expected --store STORE or --log DIR")
    key = None if log_key is None else Verifier.parse(log_key)
    if store is None:
        return LogSource(log or Path(), key, None)
    target = Store(store)
    return LogSource(store / "log", key or verifier_of(target), target)


def verifier_of(store: Store) -> Verifier:
    """By which key a store's log is checked; no key is made.

    Raises
    ------
    MachineError
        When the store has none.
    """
    return Signer.of(f"hereabouts/{store.facts.id}", store.keys.log(make=False)).verifier
