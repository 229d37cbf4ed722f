"""Sign: a registered person approves a plan, exactly as it is."""

from __future__ import annotations

from pathlib import Path

from hereabouts.acts.asked import asked
from hereabouts.acts.record import acting
from hereabouts.errors import UsageError
from hereabouts.release.signed import plan_digest
from hereabouts.rules.approvals import Approval, approve, plan_statement
from hereabouts.rules.signatures import read_private_key, read_signature
from hereabouts.state import reading
from hereabouts.store.store import Store


def sign(plan: Path, store: Path, key: Path | None = None, signature: Path | None = None) -> Approval:
    """Sign a plan, or file a signature on it that was made elsewhere. Who signed is told by the key alone.

    Parameters
    ----------
    plan
        The plan, a TOML file.
    store
        The store's folder.
    key
        The approver's Ed25519 private key, a PEM file.
    signature
        In place of the key: a file with the signature of what :func:`plan_to_sign` gives, 64 bytes or base64.

    Raises
    ------
    BadInputError
        When plan, key or signature cannot be read.
    RefusedError
        When the key is not registered, or the signature is not of this plan.
    UsageError
        When it is no plan of this store, or not one of key and signature is given.
    """
    with acting(store, "sign") as target:
        digest = _digest(plan, target)
        return approve(target.state, digest, _signature(target, digest, key, signature))


def plan_to_sign(plan: Path, store: Path) -> str:
    """What is signed for a plan: one line, without a newline at its end.

    Parameters
    ----------
    plan
        The plan, a TOML file.
    store
        The store's folder.
    """
    target = Store(store)
    with reading(target.state) as session:
        return plan_statement(session, _digest(plan, target)).decode()


def _signature(store: Store, plan: str, key: Path | None, signature: Path | None) -> bytes:
    if key is None and signature is not None:
        return read_signature(signature)
    if key is None or signature is not None:
        raise UsageError("expected one of a private key to sign with and a signature that was made elsewhere")
    with reading(store.state) as session:
        return read_private_key(key).sign(plan_statement(session, plan))


def _digest(plan: Path, store: Store) -> str:
    wanted, _ = asked(plan, store)
    return plan_digest(wanted)
