"""Officer: who answers for a store, and by which key that is shown."""

from __future__ import annotations

from pathlib import Path

from hereabouts.acts.record import acting
from hereabouts.rules import people
from hereabouts.rules.people import Person
from hereabouts.rules.signatures import read_private_key, read_public_key
from hereabouts.state import reading
from hereabouts.store.store import Store


def appoint_officer(name: str, store: Path, key: Path, officer_key: Path | None = None) -> Person:
    """Appoint the officer of a store: the first one on the operator's word, a successor by the officer's signature.

    Parameters
    ----------
    name
        The one account that they act by.
    store
        The store's folder.
    key
        Their Ed25519 public key, a PEM file.
    officer_key
        The private key of the officer until now, a PEM file.

    Raises
    ------
    BadInputError
        When a key is none.
    RefusedError
        When account and key are not one person's, or the officer until now did not sign.
    UsageError
        When they are the officer already.
    """
    public = read_public_key(key)
    private = None if officer_key is None else read_private_key(officer_key)
    with acting(store, "officer") as target:
        return people.appoint(target.state, name, public, private)


def show_officer(store: Path) -> Person | None:
    """The officer of a store, if there is one.

    Parameters
    ----------
    store
        The store's folder.
    """
    with reading(Store(store).state) as session:
        return people.officer_of(session)
