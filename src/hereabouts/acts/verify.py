"""Verify: checks a release, and with the store at hand its entry in the ledger."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from hereabouts.acts.accounts import ledger_of
from hereabouts.acts.record import log_verifier
from hereabouts.log.note import Verifier
from hereabouts.release.verify import Check, check_release_folder, read_manifest
from hereabouts.store.store import Store


def verify(folder: Path, store: Path | None = None, log_key: str | None = None) -> list[Check]:
    """Check a release.

    Parameters
    ----------
    folder
        The release's folder.
    store
        The store that made it, to compare with its ledger and its log; without it they are not looked at.
    log_key
        The verifier key (C2SP vkey) of the log that it must be in.

    Returns
    -------
    list of Check
        Everything that was checked; the release is sound when all have passed.

    Raises
    ------
    BadInputError
        When the folder holds no release.
    UsageError
        When the key is none.
    VerificationError
        When the manifest cannot be checked at all.
    """
    known = None if store is None else Store(store)
    pinned = Verifier.parse(log_key) if log_key else None if known is None else log_verifier(known)
    checks = check_release_folder(folder, pinned)
    if known is not None:
        checks.append(_ledger(folder, known))
    return checks


def _ledger(folder: Path, store: Store) -> Check:
    manifest = read_manifest(folder)
    key, window = manifest["measurement"]["key"], manifest["window"]["name"]
    charge = ledger_of(store).find(window, key)
    if charge is None:
        return Check("ledger", False, f"window {window} has no charge for this measurement")
    same = charge.rho == Fraction(manifest["privacy"]["rho"]) and charge.state == "measured"
    version = next((known.data_version for known in store.windows() if known.window.name == window), None)
    # Not a failure: the release was sound when it was made, and the same plan still gives it.
    stale = "; stale: the data have changed since" if version not in (None, charge.data_version) else ""
    return Check("ledger", same, f"charge {charge.id}: rho {charge.rho}, {charge.state}{stale}")
