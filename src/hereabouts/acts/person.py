"""Person: who may run and approve plans where the policy asks for two; one person, one account, one key."""

from __future__ import annotations

from pathlib import Path

from hereabouts.acts.record import acting
from hereabouts.rules import people
from hereabouts.rules.people import Person
from hereabouts.rules.signatures import read_private_key, read_public_key
from hereabouts.state import reading
from hereabouts.store.store import Store


def add_person(name: str, store: Path, key: Path, officer_key: Path | None = None) -> Person:
    """Register a person.

    Parameters
    ----------
    name
        The one account that they act by.
    store
        The store's folder.
    key
        Their Ed25519 public key, a PEM file.
    officer_key
        The officer's private key, a PEM file, where there is an officer.

    Raises
    ------
    BadInputError
        When a key is none.
    RefusedError
        When account or key are registered, or the officer did not sign.
    """
    public = read_public_key(key)
    private = None if officer_key is None else read_private_key(officer_key)
    with acting(store, "person") as target:
        return people.add_person(target.state, name, public, private)


def remove_person(name: str, store: Path) -> Person:
    """Take a person off the register: what they signed counts no more. Whoever sees that a key is lost may do it.

    Parameters
    ----------
    name
        Their account.
    store
        The store's folder.

    Raises
    ------
    RefusedError
        When they are the officer.
    UsageError
        When there is no such person.
    """
    with acting(store, "person") as target:
        return people.remove_person(target.state, name)


def list_people(store: Path) -> list[Person]:
    """Who is registered, by account.

    Parameters
    ----------
    store
        The store's folder.
    """
    with reading(Store(store).state) as session:
        return list(people.people_of(session).values())
