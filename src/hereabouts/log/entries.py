"""Entries: what was done, by whom, when, by which rule; written in the transaction that does it.

The entries lie in the store's state. The log's static files are made from them afterwards
(:mod:`hereabouts.log.folder`), so that an act and its entry happen both or not at all, whatever stops a command.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, func, insert, select
from sqlalchemy.orm import Session

from hereabouts.errors import VerificationError
from hereabouts.log.actor import ACCOUNT, actor
from hereabouts.log.vocabulary import Outcome, check_facts
from hereabouts.state.database import reading
from hereabouts.state.tables import LogEntryRow

VERSION = 1
SALT_BYTES = 32
_KEYS = {"v", "at", "actor", "role", "act", "outcome", "rule", "facts", "commitment"}
_WORD = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_FORMS = {
    "at": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00"),
    "actor": ACCOUNT,
    "role": _WORD,
    "act": _WORD,
    "outcome": re.compile("done|begun|refused"),
    "rule": re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}"),
    "commitment": re.compile("[0-9a-f]{64}"),
}


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
            if not isinstance(found, dict) or found.keys() != _KEYS or found.pop("v") != VERSION:
                raise ValueError("it is of another version")
            entry = cls(**found)
            entry.check()
            if entry.to_bytes() != content:
                raise ValueError("it is not in canonical form")
        except RecursionError:
            raise VerificationError("an entry of the log is none of ours: it is nested") from None
        except (ValueError, AttributeError, TypeError) as error:
            raise VerificationError(f"an entry of the log is none of ours: {error}") from None
        return entry

    def check(self) -> None:
        """See that it says what entries say.

        Raises
        ------
        ValueError
            By what is wrong first.
        """
        for name, form in _FORMS.items():
            value = getattr(self, name)
            if value is None and name in ("rule", "commitment"):
                continue
            if not isinstance(value, str) or not form.fullmatch(value):
                raise ValueError(f"'{name}' is not of the form {form.pattern}")
        if (self.outcome == "refused") != (self.rule is not None):
            raise ValueError("what is refused, and nothing else, names the rule")
        check_facts(self.act, self.facts, self.outcome)


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
    salt = None if document is None else secrets.token_bytes(SALT_BYTES)
    commitment = None if document is None or salt is None else committed(salt, document)
    at = datetime.fromtimestamp(int(time.time()), UTC).isoformat()
    entry = Entry(at, actor(), role, act, outcome, rule, facts or {}, commitment)
    entry.check()
    place = _next(session)
    row = {"place": place, "entry": entry.to_bytes(), "subject": subject, "salt": salt, "document": document}
    session.execute(insert(LogEntryRow).values(row))
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


def subjects(engine: Engine, kind: str) -> set[str]:
    """What of a kind (``charge``: all of ``charge:7``) there are entries about."""
    with reading(engine) as session:
        return set(session.scalars(select(LogEntryRow.subject).where(LogEntryRow.subject.startswith(f"{kind}:"))))


def count(engine: Engine) -> int:
    """How many entries there are."""
    with reading(engine) as session:
        return _next(session)


def contents(engine: Engine, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """The entries from a place on, in order, as they are in the log's files; to another one, which is left out.

    Raises
    ------
    VerificationError
        When one is missing.
    """
    with reading(engine) as session:
        query = select(LogEntryRow.place, LogEntryRow.entry).where(LogEntryRow.place >= start)
        if stop is not None:
            query = query.where(LogEntryRow.place < stop)
        rows = session.execute(query.order_by(LogEntryRow.place).execution_options(yield_per=1000))
        for expected, (place, entry) in enumerate(rows, start):
            if place != expected:
                raise VerificationError(f"the store's state lacks entry {expected} of the log: somebody removed it")
            yield entry


def _next(session: Session) -> int:
    """The place after the last one: entries are never removed, and counting them would take longer each time."""
    last = session.scalar(select(func.max(LogEntryRow.place)))
    return 0 if last is None else last + 1
