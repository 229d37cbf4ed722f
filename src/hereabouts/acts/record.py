"""The record: what every act on a store has in common.

An act writes its entry in the transaction that does it. What is refused leaves an entry too: the rule, what was asked
for, and by whom. Whatever happened, the log's folder is brought up to the state at the end; killed before that, by the
next act.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hereabouts.acts.accounts import ledger_of
from hereabouts.errors import HereaboutsError, MachineError, RefusedError
from hereabouts.log.actor import actor
from hereabouts.log.entries import append, subjects, to_document
from hereabouts.log.folder import CHECKPOINT, LogFolder
from hereabouts.log.note import Signer, Verifier
from hereabouts.log.proof import Proof
from hereabouts.log.vocabulary import Outcome
from hereabouts.rules.gate import pass_gate
from hereabouts.rules.versions import register_policy
from hereabouts.state import reading, writing
from hereabouts.store.files import durable_write, exclusive, sync_folder
from hereabouts.store.store import Store


@dataclass
class Said:
    """What the log says of an act if it is refused; the act fills it in as it learns what is asked.

    Attributes
    ----------
    facts
        See :mod:`hereabouts.log.vocabulary`.
    document
        What is committed to.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    document: bytes | None = None


@contextlib.contextmanager
def acting(path: Path, act: str, said: Said | None = None) -> Iterator[Store]:
    """Open a store for an act.

    Parameters
    ----------
    path
        The store's folder.
    act
        What is done, in the words of the log.
    said
        What the log says of a refusal.

    Raises
    ------
    UsageError
        When it cannot be told who is acting.
    MachineError
        When the log cannot be written: the act is done, and the next one brings the log up to it.
    """
    actor()  # before anything is done: who cannot be named leaves no entry, so they do nothing
    store = Store(path)
    with contextlib.ExitStack() as last:
        last.callback(_publish_if_possible, store)
        try:
            register_policy(store.state, store.policy)
            with reading(store.state) as session:
                pass_gate(session, store.policy, act, int(time.time()))
            yield store
        except RefusedError as refused:
            refusal = said or Said()
            with writing(store.state) as session:
                append(session, act, refusal.facts, outcome="refused", rule=refused.rule, document=refusal.document)
            raise
        last.pop_all()
    publish(store)


def log(store: Store, act: str, facts: Mapping[str, Any], outcome: Outcome = "done", document: object = None) -> None:
    """Log an act that has no transaction of its own; a document is JSON-like, and committed to."""
    content = None if document is None else to_document(document)
    with writing(store.state) as session:
        if outcome == "begun":  # again: it may have waited long for the store's lock
            pass_gate(session, store.policy, act, int(time.time()))
        append(session, act, facts, outcome=outcome, document=content)


def publish(store: Store) -> LogFolder:
    """Bring the folder of a store's log up to its state, and sign for it.

    Raises
    ------
    MachineError
        When it cannot be written, or state and folder are not of one copy.
    """
    signer = log_signer(store)
    folder = log_folder(store)
    try:
        with exclusive(store.path / "log.lock"):
            # A shared ledger that is out of reach stops what is paid for, which asks it first, and not withdrawals.
            with contextlib.suppress(HereaboutsError):
                record_charges(store)
            folder.publish(store.state, signer)
    except OSError as error:
        raise MachineError(f"cannot write the log in {folder.folder}: {error.strerror or error}") from error
    return folder


def prove(store: Store, place: int) -> Proof:
    """Publish the log, and prove that an entry is in it."""
    return publish(store).prove(place, log_verifier(store))


def log_folder(store: Store) -> LogFolder:
    """The folder of a store's log."""

    def write(path: str, content: bytes) -> None:
        file = store.path / "log" / path
        missing = [folder for folder in file.parents if not folder.exists()]
        file.parent.mkdir(parents=True, exist_ok=True)
        durable_write(file, content)
        for folder in missing:
            sync_folder(folder.parent)  # else a power cut could leave the checkpoint, and not the folder of its tiles

    return LogFolder(store.path / "log", write)


def log_signer(store: Store) -> Signer:
    """Who signs for a store's log."""
    return Signer.of(
        f"hereabouts/{store.facts.id}", store.keys.log(make=not (store.path / "log" / CHECKPOINT).exists())
    )


def log_verifier(store: Store) -> Verifier:
    """By which key a store's log is checked."""
    return log_signer(store).verifier


def record_charges(store: Store) -> None:
    """Log every charge, and every one that was given back, once: the ledger may lie apart, so the log catches up."""
    known = subjects(store.state, "charge") | subjects(store.state, "void")
    for charge in ledger_of(store).all():
        if f"{'void' if charge.state == 'void' else 'charge'}:{charge.id}" in known:
            continue
        facts = {
            "charge": charge.id,
            "window": charge.window,
            "rho": str(charge.rho),
            "epsilon": repr(charge.epsilon),
            "delta": repr(charge.delta),
        }
        with writing(store.state) as session:
            append(session, "charge", facts, subject=f"charge:{charge.id}")
            if charge.state == "void":
                append(session, "void", {"charge": charge.id}, subject=f"void:{charge.id}")


def _publish_if_possible(store: Store) -> None:
    """After a fault: what went wrong is told, and not that the log could not be written as well."""
    with contextlib.suppress(HereaboutsError):
        publish(store)
