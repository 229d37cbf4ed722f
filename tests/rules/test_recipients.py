"""Recipients agree to terms, and all who agreed to the same text have the same version (RECIP)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from hereabouts.errors import RefusedError, UsageError
from hereabouts.rules.people import appoint
from hereabouts.rules.recipients import Recipient, add_recipient, recipients_of
from hereabouts.rules.signatures import statement, verifies
from hereabouts.state import reading
from tests.rules.conftest import Log, private, public

TODAY, LAST = date(2026, 3, 1), date(2027, 3, 1)


@pytest.fixture
def terms(tmp_path: Path) -> Path:
    path = tmp_path / "terms.txt"
    path.write_text("Nobody is re-identified.")
    return path


def known(state: Engine) -> dict[str, Recipient]:
    with reading(state) as session:
        return recipients_of(session)


def test_the_officer_vouches(state: Engine, terms: Path, log: Log, clock: Callable[[int], None]) -> None:
    clock(1_772_000_000)
    appoint(state, "ines", public("ines"))
    with pytest.raises(RefusedError, match="'recipient' is for the officer") as caught:
        add_recipient(state, "city", terms, LAST, today=TODAY)
    assert caught.value.rule == "officer-key"
    assert known(state) == {}
    added = add_recipient(state, "city", terms, LAST, today=TODAY, officer_key=private("ines"))
    digest = hashlib.sha256(terms.read_bytes()).hexdigest()
    assert added == Recipient("city", 1, digest, LAST)
    assert known(state) == {"city": added}
    entry = log()[-1]
    assert (entry.act, entry.role) == ("recipient", "officer")
    facts = dict(entry.facts)
    signature = bytes.fromhex(facts.pop("signature"))
    assert facts == {"recipient": "city", "number": 1, "version": 1, "terms": digest, "expires": "2027-03-01"}
    with reading(state) as session:
        assert verifies(public("ines"), signature, statement(session, "recipient", facts))
        assert session.scalar(text("SELECT added FROM recipients")) == 1_772_000_000


def test_without_an_officer_it_is_on_the_operators_word(state: Engine, terms: Path, log: Log) -> None:
    add_recipient(state, "city", terms, LAST, today=TODAY)
    assert log()[-1].role == "operator"


def test_terms_have_versions(state: Engine, terms: Path) -> None:
    for name in ("city", "region"):
        assert add_recipient(state, name, terms, LAST, today=TODAY).version == 1
    terms.write_text("Nobody is re-identified, and nothing is sold.")
    for name in ("city", "university"):
        assert add_recipient(state, name, terms, TODAY, today=TODAY).version == 2
    terms.write_text("Nobody is re-identified.")
    assert add_recipient(state, "station", terms, LAST, today=TODAY).version == 1
    terms.write_text("Nothing new.")
    assert add_recipient(state, "station", terms, LAST, today=TODAY).version == 3
    assert {name: r.version for name, r in known(state).items()} == {
        "city": 2,
        "region": 1,
        "university": 2,
        "station": 3,
    }
    assert known(state)["city"].expires == TODAY


def test_a_recipient_has_a_name_and_time_left(state: Engine, terms: Path) -> None:
    with pytest.raises(UsageError, match="got account 'the city'"):
        add_recipient(state, "the city", terms, LAST, today=TODAY)
    with pytest.raises(UsageError, match="got expires 2026-02-28"):
        add_recipient(state, "city", terms, date(2026, 2, 28), today=TODAY)
    assert known(state) == {}
