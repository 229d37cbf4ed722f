"""An assessment is a purpose's, approved by the officer, until it expires."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from hereabouts.errors import RefusedError, UsageError
from hereabouts.rules.assessments import Assessment, assess, assessments_of
from hereabouts.rules.people import appoint
from hereabouts.rules.purposes import require_purpose
from hereabouts.rules.signatures import statement, verifies
from hereabouts.state import reading
from tests.rules.conftest import Log, private, public

TODAY, LAST = date(2026, 3, 1), date(2027, 3, 1)
HEALTH, RESEARCH = require_purpose("public-health"), require_purpose("research")


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "assessment.pdf"
    path.write_text("No harm was found.")
    return path


def known(state: Engine) -> dict[str, Assessment]:
    with reading(state) as session:
        return assessments_of(session)


def test_the_officer_approves(state: Engine, document: Path, log: Log, clock: Callable[[int], None]) -> None:
    clock(1_772_000_000)
    appoint(state, "ines", public("ines"))
    with pytest.raises(RefusedError, match="'assess' is for the officer") as caught:
        assess(state, HEALTH, document, LAST, today=TODAY)
    assert caught.value.rule == "officer-key"
    assert known(state) == {}
    digest = hashlib.sha256(document.read_bytes()).hexdigest()
    filed = assess(state, HEALTH, document, LAST, today=TODAY, officer_key=private("ines"))
    assert filed == Assessment(1, "public-health", digest, "ines", LAST)
    assert known(state) == {"public-health": filed}
    entry = log()[-1]
    assert (entry.act, entry.role, entry.actor) == ("assess", "officer", "olga")
    facts = dict(entry.facts)
    signature = bytes.fromhex(facts.pop("signature"))
    assert facts == {
        "assessment": 1,
        "purpose": "public-health",
        "digest": digest,
        "approver": "ines",
        "expires": "2027-03-01",
    }
    with reading(state) as session:
        assert verifies(public("ines"), signature, statement(session, "assess", facts))
        assert session.scalar(text("SELECT filed FROM assessments")) == 1_772_000_000


def test_without_an_officer_it_is_on_the_operators_word(state: Engine, document: Path, log: Log) -> None:
    assert assess(state, HEALTH, document, LAST, today=TODAY).approver == "olga"
    (entry,) = log()
    assert entry.role == "operator"
    assert "signature" not in entry.facts


def test_the_last_one_of_a_purpose_counts(state: Engine, document: Path) -> None:
    first = assess(state, RESEARCH, document, LAST, today=TODAY)
    assess(state, HEALTH, document, LAST, today=TODAY)
    second = assess(state, HEALTH, document, TODAY, today=TODAY)
    assert known(state) == {"research": first, "public-health": second}
    assert [first.number, second.number] == [1, 3]


def test_one_that_has_expired_is_not_filed(state: Engine, document: Path) -> None:
    with pytest.raises(UsageError, match="got expires 2026-02-28"):
        assess(state, HEALTH, document, date(2026, 2, 28), today=TODAY)
    assert known(state) == {}
