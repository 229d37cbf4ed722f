"""Entries: canonical, checked when they are made and when they are read, appended with the act or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select

from hereabouts.errors import VerificationError
from hereabouts.log.actor import acting_as
from hereabouts.log.entries import Entry, append, committed, contents, count, is_logged, to_document
from hereabouts.state import reading, writing
from hereabouts.state.database import open_state, sqlite_url
from hereabouts.state.tables import LogEntryRow


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Engine]:
    with acting_as("ana"):
        yield open_state(sqlite_url(tmp_path / "state.sqlite"), create=True)


def read(state: Engine) -> list[Entry]:
    return [Entry.from_bytes(content) for content in contents(state)]


def test_an_entry_says_who_did_what_when(state: Engine) -> None:
    with writing(state) as session:
        assert append(session, "stop", {"order": 1}) == 0
    (entry,) = read(state)
    assert (entry.actor, entry.role, entry.act, entry.outcome, entry.rule) == ("ana", "operator", "stop", "done", None)
    assert dict(entry.facts) == {"order": 1}
    assert entry.at.endswith("+00:00")
    assert entry.commitment is None


def test_a_document_is_committed_to_and_not_said(state: Engine) -> None:
    document = to_document({"dropped": 17})
    with writing(state) as session:
        append(session, "intake", {"supplier": "acme"}, document=document)
        append(session, "intake", {"supplier": "acme"}, document=document)
    first, second = read(state)
    assert first.commitment != second.commitment, "a salt of its own each: equal receipts do not show"
    assert hashlib.sha256(document).hexdigest() not in (first.commitment, second.commitment)
    with reading(state) as session:
        for row, entry in zip(session.scalars(select(LogEntryRow)), (first, second), strict=True):
            assert row.salt is not None
            assert len(row.salt) == 32
            assert committed(row.salt, row.document or b"") == entry.commitment
            assert b"dropped" not in row.entry


def test_an_act_and_its_entry_happen_both_or_not_at_all(state: Engine) -> None:
    def killed() -> None:
        with writing(state) as session:
            append(session, "stop", {"order": 1})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        killed()
    assert count(state) == 0
    with writing(state) as session:
        append(session, "stop", {"order": 1})
    assert [entry.facts["order"] for entry in read(state)] == [1]


def test_what_is_about_one_subject_is_logged_once(state: Engine) -> None:
    for _ in range(2):
        with writing(state) as session:
            append(session, "review", {"review": 1})
            place = append(session, "void", {"charge": 7}, subject="void:7")
            assert place == 1
    assert [entry.act for entry in read(state)] == ["review", "void", "review"]
    assert is_logged(state, "void:7")
    assert not is_logged(state, "void:8")


@pytest.mark.parametrize(
    ("act", "facts", "more"),
    [
        ("stop", {"devices": 1}, {}),
        ("stop", {}, {"outcome": "refused"}),
        ("stop", {}, {"rule": "stop"}),
        ("stop", {}, {"outcome": "refused", "rule": "a rule with blanks"}),
        ("stop", {}, {"role": "Root of all"}),
        ("no such act", {}, {}),
        ("No Such Act", {}, {"outcome": "refused", "rule": "stop"}),
    ],
)
def test_what_no_entry_says_is_not_appended(
    act: str, facts: dict[str, Any], more: dict[str, Any], state: Engine
) -> None:
    with pytest.raises(ValueError, match=r"of the form|does not say|names the rule"), writing(state) as session:
        append(session, act, facts, **more)
    assert count(state) == 0


FACTS = st.fixed_dictionaries(
    {},
    optional={"window": st.text('aé—"\\ ', max_size=9), "charge": st.integers(), "recipients": st.lists(st.text("ab"))},
)


@given(FACTS, st.sampled_from(["done", "refused"]), st.none() | st.just("ab" * 32))
def test_entries_read_back_as_they_were_and_in_one_form_only(
    facts: dict[str, Any], outcome: Any, commitment: str | None
) -> None:
    rule = "embargo" if outcome == "refused" else None
    entry = Entry("2026-01-02T03:04:05+00:00", "ana", "operator", "release", outcome, rule, facts, commitment)
    content = entry.to_bytes()
    assert Entry.from_bytes(content) == entry
    with pytest.raises(VerificationError, match="canonical"):
        Entry.from_bytes(content.replace(b'"act":', b'"act": '))


@given(st.binary(max_size=300))
def test_what_is_no_entry_is_refused_and_never_more_than_that(content: bytes) -> None:
    with pytest.raises(VerificationError, match="none of ours"):
        Entry.from_bytes(content)


@pytest.mark.parametrize(
    "changes",
    [{"v": 2}, {"extra": 1}, {"act": "dance"}, {"facts": {"devices": 9}}, {"facts": []}, {"at": 5}, {"at": "yesterday"},
     {"actor": "two words"}, {"role": None}, {"outcome": "maybe"}, {"rule": "stop"}, {"commitment": "00"}],
)  # fmt: skip
def test_an_entry_that_says_something_else_is_refused(changes: dict[str, Any]) -> None:
    entry = Entry("2026-01-02T03:04:05+00:00", "ana", "operator", "stop", "done", None, {"order": 1}, None)
    content = json.loads(entry.to_bytes()) | changes
    with pytest.raises(VerificationError, match="none of ours"):
        Entry.from_bytes(json.dumps(content, sort_keys=True, separators=(",", ":")).encode())


@pytest.mark.parametrize("content", [b"[" * 60_000, b"[1]", b"3", b'{"v":1}', b"\xff", b'{"a":1,"a":1}'])
def test_hostile_content_is_refused(content: bytes) -> None:
    with pytest.raises(VerificationError, match="none of ours"):
        Entry.from_bytes(content)


def test_a_gap_in_the_state_is_found(state: Engine) -> None:
    with writing(state) as session:
        for order in range(5):
            append(session, "stop", {"order": order})
    assert [Entry.from_bytes(content).facts["order"] for content in contents(state, 1, 3)] == [1, 2]
    with writing(state) as session:
        session.execute(delete(LogEntryRow).where(LogEntryRow.place == 2))
    assert count(state) == 5, "the next entry does not take a place that was given"
    with pytest.raises(VerificationError, match="lacks entry 2"):
        list(contents(state))
