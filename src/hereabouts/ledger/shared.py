"""A ledger that stores share: a database of its own, which says which ledger it is.

The address of a ledger stands in a store's policy, and could be edited; a database could be deleted and made anew at
the same address. Either way a budget would be whole again. So a ledger has an id, drawn when it is made, and a store
is bound to the id when it is made: no other ledger will do. One that was moved with all that is in it is the same one;
one that was put back from an old copy lacks charges that the store's log has, or feeds that it has taken, and will not
do either.
"""

from __future__ import annotations

import time
import uuid
from pathlib import Path

from sqlalchemy import URL, Engine, make_url, select
from sqlalchemy.exc import ArgumentError

from hereabouts.errors import MachineError, RefusedError, UsageError
from hereabouts.log.entries import subjects
from hereabouts.state.database import open_state, reading, sqlite_url, writing
from hereabouts.state.faults import where_of
from hereabouts.state.ledgers import LedgerFeed, LedgerIdentity
from hereabouts.state.tables import ChargeRow, Intake, StoreFacts

OWN = "own"
"""What a policy says of a ledger that is not shared."""


def open_ledger(url: str, *, create: bool = False) -> tuple[Engine, str]:
    """Open a ledger that stores share.

    Parameters
    ----------
    url
        ``sqlite:///PATH`` or ``postgresql://…``.
    create
        Make it where there is none.

    Returns
    -------
    tuple
        Its database and its id.

    Raises
    ------
    UsageError
        If the URL is none or has a password (it stands in the policy, whose versions are kept), there is no ledger
        (without `create`), or the database is the state of a store.
    BadInputError, MachineError
        As :func:`hereabouts.state.open_state`.
    """
    parsed = _parsed(url)
    if parsed is not None and parsed.password is not None:
        raise UsageError(
            "a ledger's URL stands in the policy without a password: give that by PGPASSFILE or PGPASSWORD"
        )
    try:
        engine = open_state(url, create=create)
    except UsageError as error:
        raise UsageError(f"the shared ledger cannot be opened: {error}") from None
    with reading(engine) as session:
        known = session.scalar(select(LedgerIdentity.id))
        taken = session.scalar(select(StoreFacts.id))
    if taken is not None:
        raise UsageError("a shared ledger is a database of its own, and this one is the state of a store: name another")
    if known is None and not create:
        raise UsageError("the shared ledger cannot be opened: this database holds none; restore it from a backup")
    return engine, known or _identity(engine)


def ledger_in_force(state: Engine, facts: StoreFacts, url: str) -> Engine:
    """The database that a store's ledger is in.

    Parameters
    ----------
    state, facts
        The store's state, and what it says that the store was made as.
    url
        What its policy says: ``own``, or the address of a shared one.

    Raises
    ------
    RefusedError
        By ``ledger``, if that is not the ledger that the store is bound to.
    MachineError
        If it is an old copy, or the machine refuses.
    UsageError, BadInputError
        If it is none.
    """
    if url == facts.ledger == OWN:
        return state
    if OWN in (url, facts.ledger):
        raise _another("its own" if url == OWN else "one that stores share", facts.ledger)
    engine, found = open_ledger(url)
    if found != facts.ledger:
        raise _another(f"ledger {found}", facts.ledger)
    with reading(engine) as session:
        known = session.scalars(select(ChargeRow.id).where(ChargeRow.store_id == facts.id)).all()
        feeds = set(session.scalars(select(LedgerFeed.digest).where(LedgerFeed.store_id == facts.id)))
    lost = subjects(state, "charge") - {f"charge:{number}" for number in known}
    if lost:
        raise _old_copy(engine, f"{len(lost)} charges that this store's log has", "what they spent")
    with reading(state) as session:
        if not feeds.issuperset(session.scalars(select(Intake.feed_digest))):
            raise _old_copy(engine, "feeds that this store has taken", "what others spent of them")
    return engine


def absolute_url(url: str) -> str:
    """A ledger's URL as it holds wherever a command runs: the path of a SQLite file counts from here."""
    parsed = _parsed(url)
    if parsed is None or parsed.query:
        return url
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return sqlite_url(Path(str(parsed.database)).resolve())
    return url


def _parsed(url: str) -> URL | None:
    """What the parts of a URL are; of one that is none, whoever opens it says what is wrong."""
    try:
        return make_url(url)
    except ArgumentError:
        return None


def _old_copy(engine: Engine, lacking: str, spent: str) -> MachineError:
    return MachineError(
        f"the ledger at {where_of(engine)} lacks {lacking}: somebody put back an old copy of it, and {spent} would be "
        "spent again; restore the newest one"
    )


def _another(got: str, bound: str) -> RefusedError:
    whose = "its own" if bound == OWN else f"ledger {bound}"
    return RefusedError(
        "ledger",
        f"the policy names {got}, and this store was made with {whose}: what it has spent stands there, and by another "
        "it would have a whole budget again; put 'ledger' of its policy.toml back, or make a new store by 'hereabouts "
        "init --ledger'",
    )


def _identity(engine: Engine) -> str:
    with writing(engine) as session:
        known = session.scalar(select(LedgerIdentity.id))  # again, alone: another command may have been faster
        if known is None:
            known = uuid.uuid4().hex
            session.add(LedgerIdentity(id=known, created=int(time.time())))
        return known
