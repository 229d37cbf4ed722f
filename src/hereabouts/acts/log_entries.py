"""What a log says: its key, its entries, proofs of them; and what witnesses sign of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hereabouts.acts.log_source import log_source, verifier_of
from hereabouts.acts.record import log_folder
from hereabouts.errors import BadInputError, MachineError
from hereabouts.log.note import Note, Verifier
from hereabouts.log.reading import numbered_entries, prove_entry, read_checkpoint
from hereabouts.store.files import exclusive
from hereabouts.store.store import Store

Fact = str | int | bool | None


@dataclass(frozen=True)
class Shown:
    """An entry of a log, as anyone may read it: see :class:`hereabouts.log.entries.Entry`.

    Attributes
    ----------
    number
        Its place in the log, from 0.
    """

    number: int
    at: str
    actor: str
    role: str
    act: str
    outcome: str
    rule: str | None
    facts: dict[str, Fact | list[Fact]]
    commitment: str | None


def log_key(store: Path) -> str:
    """The verifier key (C2SP vkey) of a store's log: to be published where others can pin it.

    Raises
    ------
    MachineError
        When the store has none yet.
    """
    return str(verifier_of(Store(store)))


def show_log(
    store: Path | None = None, log: Path | None = None, first: int = 0, wanted: str | None = None
) -> list[Shown]:
    """The entries of a log, in order. They are read, and not verified.

    Parameters
    ----------
    store
        The store whose log it is.
    log
        The log's folder, where there is no store.
    first
        Number of the first entry to show, from 0.
    wanted
        Show the entries of this act alone.

    Raises
    ------
    VerificationError
        When an entry is missing or cannot be read.
    """
    folder = log_source(store, log, None).folder
    size = read_checkpoint(folder)[0].size
    return [
        Shown(place, e.at, e.actor, e.role, e.act, e.outcome, e.rule, dict(e.facts), e.commitment)
        for place, e in numbered_entries(folder, size, max(first, 0))
        if wanted in (None, e.act)
    ]


def prove_logged(number: int, store: Path | None = None, log: Path | None = None, key: str | None = None) -> str:
    """Proof (C2SP tlog-proof) that an entry is in a log, which holds the entry itself.

    Parameters
    ----------
    number
        Of the entry, from 0.
    store, log, key
        See :func:`hereabouts.acts.log_source.log_source`.

    Raises
    ------
    VerificationError
        When the log does not have it, or was altered there.
    """
    source = log_source(store, log, key)
    return str(prove_entry(source.folder, number, source.key))


def cosign_log(note: Path, store: Path, witnesses: Sequence[str]) -> list[str]:
    """Add what witnesses signed to the last checkpoint of a store's log; gives their names.

    Parameters
    ----------
    note
        The checkpoint with the witnesses' lines, a file.
    store
        The store's folder.
    witnesses
        Their verifier keys.

    Raises
    ------
    BadInputError
        When the note cannot be read.
    UsageError
        When a key is none.
    VerificationError
        When the note is not the log's last checkpoint, or none of them signed it.
    """
    keys = [Verifier.parse(witness) for witness in witnesses]
    try:
        signed = Note.parse(note.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(note, f"cannot be read ({error}); expected a checkpoint that a witness signed") from None
    target = Store(store)
    try:
        with exclusive(target.path / "log.lock"):
            found = log_folder(target).cosign(signed, verifier_of(target), keys)
    except OSError as error:
        raise MachineError(f"cannot write the checkpoint: {error.strerror or error}") from error
    return [witness.name for witness in found]
