"""One person, one account, one key; what loosens a rule is signed with the officer's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

from hereabouts.errors import RefusedError, UsageError
from hereabouts.rules.people import Person, add_person, appoint, officer_of, people_of, remove_person, vouch
from hereabouts.rules.signatures import statement, verifies
from hereabouts.state import reading
from tests.rules.conftest import Log, private, public


def people(state: Engine) -> dict[str, Person]:
    with reading(state) as session:
        return people_of(session)


def officer(state: Engine) -> str | None:
    with reading(state) as session:
        found = officer_of(session)
    return None if found is None else found.account


def refused(rule: str, *words: str) -> pytest.RaisesExc[RefusedError]:
    return pytest.RaisesExc(RefusedError, check=lambda e: e.rule == rule and all(word in e.reason for word in words))


def test_nobody_is_there_at_first(state: Engine) -> None:
    assert people(state) == {}
    assert officer(state) is None


def test_the_first_officer_is_on_the_operators_word(state: Engine, log: Log, clock: Callable[[int], None]) -> None:
    clock(1_700_000_000)
    appointed = appoint(state, "ines", public("ines"))
    assert appointed == Person(1, "ines", public("ines"), 1_700_000_000)
    assert officer(state) == "ines"
    assert people(state) == {"ines": appointed}
    (entry,) = log()
    assert (entry.act, entry.outcome, entry.role, entry.actor) == ("officer", "done", "operator", "olga")
    assert entry.facts == {"name": "ines", "key": public("ines"), "number": 1}
    with reading(state) as session:
        assert session.execute(text("SELECT number, person, since FROM officers")).all() == [(1, 1, 1_700_000_000)]


def test_a_successor_is_signed_for(state: Engine, log: Log) -> None:
    appoint(state, "ines", public("ines"))
    for key in (None, private("noor")):
        with refused("officer-key", "'officer' is for the officer to decide", "'ines' signs it"):
            appoint(state, "noor", public("noor"), key)
    assert officer(state) == "ines"
    assert list(people(state)) == ["ines"], "what was refused left nothing"
    appoint(state, "noor", public("noor"), private("ines"))
    assert officer(state) == "noor"
    assert list(people(state)) == ["ines", "noor"]
    entry = log()[-1]
    assert entry.role == "officer"
    facts = dict(entry.facts)
    signature = bytes.fromhex(facts.pop("signature"))
    assert facts == {"name": "noor", "key": public("noor"), "number": 2}
    with reading(state) as session:
        assert verifies(public("ines"), signature, statement(session, "officer", facts)), "by the log alone"


def test_who_is_registered_becomes_officer_by_the_same_key(state: Engine) -> None:
    add_person(state, "ines", public("ines"))
    with refused("one-person", "'ines' is registered"):
        appoint(state, "ines", public("other"))
    assert appoint(state, "ines", public("ines")).number == 1
    assert len(people(state)) == 1
    with pytest.raises(UsageError, match="'ines' is the officer already"):
        appoint(state, "ines", public("ines"), private("ines"))


def test_an_officer_may_come_back(state: Engine) -> None:
    appoint(state, "ines", public("ines"))
    appoint(state, "noor", public("noor"), private("ines"))
    appoint(state, "ines", public("ines"), private("noor"))
    assert officer(state) == "ines"


def test_the_officer_vouches_for_people(state: Engine, log: Log, clock: Callable[[int], None]) -> None:
    clock(1_700_000_000)
    appoint(state, "ines", public("ines"))
    with refused("officer-key", "got no key"):
        add_person(state, "noor", public("noor"))
    with refused("officer-key", "got another key", "--officer-key PRIVATE.pem"):
        add_person(state, "noor", public("noor"), private("noor"))
    added = add_person(state, "noor", public("noor"), private("ines"))
    assert added == Person(2, "noor", public("noor"), 1_700_000_000)
    assert people(state)["noor"] == added
    entry = log()[-1]
    assert (entry.act, entry.role) == ("person", "officer")
    facts = dict(entry.facts)
    signature = bytes.fromhex(facts.pop("signature"))
    assert facts == {"name": "noor", "key": public("noor"), "number": 2}
    with reading(state) as session:
        assert verifies(public("ines"), signature, statement(session, "person", facts))


def test_one_person_has_one_account_and_one_key(state: Engine) -> None:
    add_person(state, "noor", public("noor"))
    with refused("one-person", "one account has one key", "hereabouts person remove noor"):
        add_person(state, "noor", public("another"))
    with refused("one-person", "one person has one key", "registered before", "openssl genpkey"):
        add_person(state, "noor2", public("noor"))
    assert list(people(state)) == ["noor"]


def test_a_lost_key_never_comes_back(state: Engine, log: Log, clock: Callable[[int], None]) -> None:
    add_person(state, "noor", public("noor"))
    clock(1_800_000_000)
    assert remove_person(state, "noor").account == "noor"
    assert people(state) == {}
    assert log()[-1].facts == {"name": "noor", "number": 1, "removed": True}
    with reading(state) as session:
        assert session.scalar(text("SELECT until FROM people")) == 1_800_000_000
    with refused("one-person", "registered before"):
        add_person(state, "noor", public("noor"))
    assert add_person(state, "noor", public("new")).number == 2
    with pytest.raises(UsageError, match="got account 'nobody', expected one of a registered person"):
        remove_person(state, "nobody")


def test_the_officer_is_followed_and_not_removed(state: Engine) -> None:
    appoint(state, "ines", public("ines"))
    with refused("officer", "'ines' is the officer", "appoint a successor first"):
        remove_person(state, "ines")
    appoint(state, "noor", public("noor"), private("ines"))
    remove_person(state, "ines")
    assert list(people(state)) == ["noor"]


@pytest.mark.parametrize("name", ["", "no or", "-x", "x" * 65])
def test_an_account_is_a_name(state: Engine, name: str) -> None:
    for register in (add_person, appoint):
        with pytest.raises(UsageError, match="got account"):
            register(state, name, public("noor"))


def test_a_signature_is_of_one_act_and_its_facts(state: Engine) -> None:
    """So that the signature on one entry of the log, which is public, opens nothing else."""
    appoint(state, "ines", public("ines"))
    with reading(state) as session:
        first = vouch(session, "review", {"review": 1}, private("ines")).facts["signature"]
        for act, facts in [("review", {"review": 2}), ("resume", {"review": 1})]:
            assert vouch(session, act, facts, private("ines")).facts["signature"] != first
