"""People and their keys (one person, one account), and the officer who answers for a store.

What loosens a rule (a person who may approve, an assessment, a recipient, a review that unlocks releases, a stop order
that is lifted, a successor) is for the officer to decide, and is signed with the officer's key: the name of an account
is only what somebody said. What tightens one (a stop order, a key that is taken off the register) anybody may do at
once. A store without an officer has the operator's word alone, and its log says so.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from hereabouts.errors import RefusedError, UsageError
from hereabouts.log.actor import named
from hereabouts.log.entries import append
from hereabouts.rules.signatures import statement, verifies
from hereabouts.state import writing
from hereabouts.state.approvals import OfficerRow, PersonRow


@dataclass(frozen=True)
class Person:
    """A registered person.

    Attributes
    ----------
    number
        Of the register.
    account
        The one account that they act by.
    key
        Their Ed25519 public key: 32 bytes in hex.
    since
        When they were registered: UTC seconds since the epoch.
    """

    number: int
    account: str
    key: str
    since: int


@dataclass(frozen=True)
class Vouched:
    """What the log says of an act that is the officer's: the facts with the signature on them, and the role."""

    facts: dict[str, Any]
    role: str


def people_of(session: Session) -> dict[str, Person]:
    """The registered people, by account."""
    rows = session.scalars(select(PersonRow).where(PersonRow.until.is_(None)).order_by(PersonRow.account))
    return {row.account: _person(row) for row in rows}


def officer_of(session: Session) -> Person | None:
    """The officer; ``None`` where nobody was ever appointed."""
    newest = select(PersonRow).join(OfficerRow).order_by(OfficerRow.number.desc()).limit(1)
    row = session.scalars(newest).one_or_none()
    return None if row is None else _person(row)


def next_number(session: Session, numbers: InstrumentedAttribute[int]) -> int:
    """The number that the next row of a table gets."""
    return (session.scalar(select(func.max(numbers))) or 0) + 1


def vouch(session: Session, act: str, facts: Mapping[str, Any], key: Ed25519PrivateKey | None) -> Vouched:
    """Have the officer sign for an act; where there is no officer, it is on the operator's word.

    Parameters
    ----------
    session
        Of the transaction that does the act.
    act, facts
        What the log will say.
    key
        The officer's private key, where it is at hand.

    Raises
    ------
    RefusedError
        If there is an officer, and this is not their key (rule ``officer-key``).
    """
    head = officer_of(session)
    if head is None:
        return Vouched(dict(facts), "operator")
    said = statement(session, act, facts)
    signature = b"" if key is None else key.sign(said)
    if not verifies(head.key, signature, said):
        got = "no key" if key is None else "another key"
        raise RefusedError(
            "officer-key",
            f"'{act}' is for the officer to decide, and got {got}: '{head.account}' signs it with the key that they "
            "were registered with (--officer-key PRIVATE.pem)",
        )
    return Vouched({**facts, "signature": signature.hex()}, "officer")


def add_person(engine: Engine, account: str, key: str, officer_key: Ed25519PrivateKey | None = None) -> Person:
    """Register a person, who may approve plans from then on.

    Parameters
    ----------
    engine
        The store's state.
    account
        The one account that they act by.
    key
        Their public key, in hex.
    officer_key
        The officer's, who vouches for it.

    Raises
    ------
    RefusedError
        If the account or the key is registered (rule ``one-person``), or the officer did not sign.
    UsageError
        If the account is no name.
    """
    with writing(engine) as session:
        row = _register(session, named(account), key)
        vouched = vouch(session, "person", {"name": account, "key": key, "number": row.number}, officer_key)
        append(session, "person", vouched.facts, role=vouched.role)
        return _person(row)


def remove_person(engine: Engine, account: str) -> Person:
    """Take a person off the register, whoever asks for it: their signatures count no more, and their key never again.

    Raises
    ------
    RefusedError
        If it is the officer, who is followed by another first (rule ``officer``).
    UsageError
        If there is no such person.
    """
    with writing(engine) as session:
        person = people_of(session).get(account)
        if person is None:
            raise UsageError(f"got account '{account}', expected one of a registered person")
        if person == officer_of(session):
            raise RefusedError(
                "officer",
                f"'{account}' is the officer, who answers for the store: appoint a successor first "
                "('hereabouts officer appoint NAME --key PUBLIC.pem --officer-key PRIVATE.pem')",
            )
        session.get_one(PersonRow, person.number).until = int(time.time())
        append(session, "person", {"name": account, "number": person.number, "removed": True})
        return person


def appoint(engine: Engine, account: str, key: str, officer_key: Ed25519PrivateKey | None = None) -> Person:
    """Appoint the officer, and register them if they are not; the first one is on the operator's word.

    Parameters
    ----------
    engine
        The store's state.
    account, key
        As for :func:`add_person`; of somebody who is registered the key that they are registered with.
    officer_key
        The predecessor's, who vouches for it.

    Raises
    ------
    RefusedError
        If account and key are not one person's (rule ``one-person``), or the predecessor did not sign.
    UsageError
        If they are the officer already, or the account is no name.
    """
    with writing(engine) as session:
        person, number = people_of(session).get(named(account)), next_number(session, OfficerRow.number)
        if person is not None and person == officer_of(session):
            raise UsageError(f"'{account}' is the officer already: there is nothing to do")
        if person is None or person.key != key:
            person = _person(_register(session, account, key))
        vouched = vouch(session, "officer", {"name": account, "key": key, "number": number}, officer_key)
        session.add(OfficerRow(number=number, person=person.number, since=int(time.time())))
        append(session, "officer", vouched.facts, role=vouched.role)
        return person


def _register(session: Session, account: str, key: str) -> PersonRow:
    if account in people_of(session):
        raise RefusedError(
            "one-person",
            f"one account has one key, and '{account}' is registered: take it off the register first ('hereabouts "
            f"person remove {account}'), which ends what it signed",
        )
    if session.scalar(select(PersonRow.number).where(PersonRow.key == key)) is not None:
        raise RefusedError(
            "one-person",
            "one person has one key, and this one was registered before: have a new one made ('openssl genpkey "
            "-algorithm ed25519 -out private.pem')",
        )
    row = PersonRow(
        number=next_number(session, PersonRow.number), account=account, key=key, since=int(time.time()), until=None
    )
    session.add(row)
    return row


def _person(row: PersonRow) -> Person:
    return Person(row.number, row.account, row.key, row.since)
