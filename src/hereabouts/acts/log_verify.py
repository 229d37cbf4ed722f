"""Verify a log: from its folder alone, and with the store at hand also what only its owner can compare."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from hereabouts.acts.accounts import ledger_of
from hereabouts.acts.log_source import log_source
from hereabouts.acts.record import publish
from hereabouts.errors import VerificationError
from hereabouts.log.checking import commitment_faults, entry_faults, state_faults, tree_faults
from hereabouts.log.entries import Entry, contents, count
from hereabouts.log.note import Verifier
from hereabouts.log.reading import read_checkpoint
from hereabouts.release.verify import Check
from hereabouts.store.store import Store

_TOLD = 10
"""So many faults of one check are told; where there are more, how many."""


def verify_log(
    store: Path | None = None,
    log: Path | None = None,
    log_key: str | None = None,
    witnesses: Sequence[str] = (),
) -> list[Check]:
    """Make a log anew from its entries, and hold it against its tiles and its signed checkpoint.

    Parameters
    ----------
    store
        The store that it is of: then its state, its confidential documents and its ledger are compared too.
    log
        The log's folder, where there is no store.
    log_key
        The log's verifier key (C2SP vkey); of a store, by default the one in its key folder.
    witnesses
        Verifier keys of witnesses that have to have signed the last checkpoint.

    Returns
    -------
    list of Check
        Everything that was checked; the log is sound when all have passed.

    Raises
    ------
    UsageError
        When not one of store and log was given, or a key is none.
    """
    source = log_source(store, log, log_key)
    keys = [Verifier.parse(witness) for witness in witnesses]
    try:
        checkpoint, note = read_checkpoint(source.folder, source.key)
    except VerificationError as error:
        return [Check("checkpoint", False, str(error))]
    by = "nobody's signature was checked" if source.key is None else f"signed by {source.key}"
    checks = [Check("checkpoint", True, f"{checkpoint.size} entries of {checkpoint.origin}, {by}")]
    for witness in keys:
        try:
            seen = bool(note.signed_by([witness]))
            checks.append(Check(f"witness {witness.name}", seen, "has signed it" if seen else "has not signed it"))
        except VerificationError as error:
            checks.append(Check(f"witness {witness.name}", False, str(error)))
    size = checkpoint.size
    checks.append(_check("tree", tree_faults(source.folder, checkpoint), "entries, tiles and root agree"))
    checks.append(
        _check("entries", entry_faults(source.folder, size), "every entry says what entries say, and no more")
    )
    if source.store is not None:
        checks += _with_store(source.store, source.folder, size)
    return checks


def _with_store(store: Store, folder: Path, size: int) -> list[Check]:
    waiting = count(store.state) - size
    agree = f"the store's state has the same ones{f', and {waiting} to be published' if waiting > 0 else ''}"
    checks = [
        _check("state", state_faults(folder, size, store.state), agree),
        _check("commitments", commitment_faults(store.state), "each opens to a document that the store has"),
    ]
    if all(check.passed for check in checks):
        publish(store)  # a command that was killed left it to the next one
        checks.append(_check("charges", _charge_faults(store), "every charge of the ledger is in the log, as it is"))
    return checks


def _charge_faults(store: Store) -> list[str]:
    logged, void = dict[int, tuple[str, Fraction]](), set[int]()
    for content in contents(store.state):
        entry = Entry.from_bytes(content)
        if entry.act == "charge" and entry.outcome == "done":
            logged[entry.facts["charge"]] = entry.facts["window"], Fraction(entry.facts["rho"])
        elif entry.act == "void" and entry.outcome == "done":
            void.add(entry.facts["charge"])
    faults, known = [], set()
    for charge in ledger_of(store).all():
        known.add(charge.id)
        if logged.get(charge.id) != (charge.window, charge.rho):
            faults.append(f"charge {charge.id} of the ledger is not in the log as it is")
        if (charge.state == "void") != (charge.id in void):
            faults.append(f"charge {charge.id} is {charge.state}, and the log says otherwise")
    return faults + [f"charge {number} is in the log and not in the ledger" for number in sorted(logged.keys() - known)]


def _check(name: str, faults: list[str], sound: str) -> Check:
    if not faults:
        return Check(name, True, sound)
    more = f"; and {len(faults) - _TOLD} more" if len(faults) > _TOLD else ""
    return Check(name, False, "; ".join(faults[:_TOLD]) + more)
