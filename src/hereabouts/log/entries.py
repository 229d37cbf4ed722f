"""Entries: what was done, by whom, when, by which rule; written in the transaction that does it.

The entries lie in the store's state. The log's static files are made from them afterwards
(:mod:`hereabouts.log.folder`), so that an act and its entry happen both or not at all, whatever stops a command.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from hereabouts.errors import VerificationError
from hereabouts.log.actor import actor
from hereabouts.log.vocabulary import Outcome, check_facts
from hereabouts.state.database import reading
from hereabouts.state.tables import LogEntryRow

VERSION = 1
SALT_BYTES = 32
_KEYS = {"v", "at", "actor", "role", "act", "outcome", "rule", "facts", "commitment"}


@dataclass(frozen=True)
class Entry:
    """One entry, as anyone may read it.

    Attributes
    ----------
    at
        When, UTC, ISO 8601.
    actor, role
        The account, and as what it acted: ``operator``, ``officer``, ``approver``.
    act, outcome
        What was done, and whether it was: ``done``, ``begun``, ``refused``.
    rule
        By which rule it was refused.
    facts
        See :mod:`hereabouts.log.vocabulary`.
    commitment
        SHA-256(32 random bytes ‖ document) in hex; the document is confidential.
    """

    at: str
    actor: str
    role: str
    act: str
    outcome: Outcome
    rule: str | None
    facts: Mapping[str, Any]
    commitment: str | None

    def to_bytes(self) -> bytes:
        """Its canonical form: JSON with sorted keys, no blanks, UTF-8."""
        content = {**self.__dict__, "facts": dict(self.facts), "v": VERSION}
        return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Entry:
        """Read an entry.

        Raises
        ------
        VerificationError
            When it is none, or says what no entry says.
        """
        try:
            found = json.loads(content)
            if found.keys() != _KEYS or found.pop("v") != VERSION:
                raise ValueError("is of another version")
            entry = cls(**found)
            check_facts(entry.act, entry.facts, entry.outcome)
            if entry.to_bytes() != content:
                raise ValueError("is not in canonical form")
        except (ValueError, AttributeError, TypeError, KeyError) as error:
            raise VerificationError(f"an entry of the log is none of ours: {error}") from None
        return entry


def append(
    session: Session,
    act: str,
    facts: Mapping[str, Any] | None = None,
    *,
    outcome: Outcome = "done",
    rule: str | None = None,
    role: str = "operator",
    document: bytes | None = None,
    subject: str | None = None,
) -> int:
    """Log an act in the transaction that does it.

    Parameters
    ----------
    session
        Of :func:`hereabouts.state.writing`, which there is one of at a time.
    act, facts, outcome, rule, role
        See :class:`Entry`.
    document
        What is committed to, and not said. It is kept beside the entry, in the state.
    subject
        What is logged once: where there is an entry about it, nothing happens.

    Returns
    -------
    int
        The entry's place.

    Raises
    ------
    ValueError
        When the log's vocabulary does not have it.
    """
    if subject is not None:
        known = session.scalar(select(LogEntryRow.place).where(LogEntryRow.subject == subject))
        if known is not None:
            return known
    facts = facts or {}
    check_facts(act, facts, outcome)
    salt = None if document is None else secrets.token_bytes(SALT_BYTES)
    commitment = None if document is None or salt is None else committed(salt, document)
    at = datetime.fromtimestamp(int(time.time()), UTC).isoformat()
    entry = Entry(at, actor(), role, act, outcome, rule, facts, commitment)
    place = session.scalar(select(func.count()).select_from(LogEntryRow)) or 0
    session.add(
        LogEntryRow(place=place, entry=entry.to_bytes(), subject=subject, salt=salt, document=document),
    )
    session.flush()
    return place


def to_document(content: object) -> bytes:
    """A confidential document of JSON-like values, as it is committed to: the same bytes for the same content."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False).encode()


def committed(salt: bytes, document: bytes) -> str:
    """The commitment to a document, in hex."""
    return hashlib.sha256(salt + document).hexdigest()


def is_logged(engine: Engine, subject: str) -> bool:
    """Whether there is an entry about a subject."""
    with reading(engine) as session:
        return session.scalar(select(LogEntryRow.place).where(LogEntryRow.subject == subject)) is not None


def count(engine: Engine) -> int:
    """How many entries there are."""
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(LogEntryRow)) or 0


def contents(engine: Engine, start: int = 0) -> Iterator[bytes]:
    """The entries from a place on, in order, as they are in the log's files."""
    with reading(engine) as session:
        query = select(LogEntryRow.entry).where(LogEntryRow.place >= start).order_by(LogEntryRow.place)
        yield from session.scalars(query.execution_options(yield_per=1000))
