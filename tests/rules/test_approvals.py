"""A signature is of one plan, for one store, by somebody who is registered now; it is verified each time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

from hereabouts.errors import RefusedError
from hereabouts.rules.approvals import Approval, approvals_of, approve, plan_statement
from hereabouts.rules.people import add_person, remove_person
from hereabouts.state import reading, writing
from tests.rules.conftest import STORE, Log, private, public

PLAN, OTHER = "91a7" * 16, "07e5" * 16


@pytest.fixture
def staffed(state: Engine) -> Engine:
    for name in ("noor", "omar"):
        add_person(state, name, public(name))
    return state


def signature(state: Engine, name: str, plan: str = PLAN) -> bytes:
    with reading(state) as session:
        return private(name).sign(plan_statement(session, plan))


def valid(state: Engine, plan: str = PLAN) -> list[str]:
    with reading(state) as session:
        return [approval.approver for approval in approvals_of(session, plan)]


def test_the_statement_is_the_plans_digest_for_this_store(state: Engine) -> None:
    with reading(state) as session:
        assert plan_statement(session, "ab") == f'{{"act":"sign","facts":{{"plan":"ab"}},"store":"{STORE}"}}'.encode()


def test_whose_it_is_the_key_tells(staffed: Engine, log: Log, clock: Callable[[int], None]) -> None:
    clock(1_772_000_000)
    made = signature(staffed, "omar")
    assert approve(staffed, PLAN, made) == Approval(PLAN, "omar", public("omar"), made.hex())
    assert valid(staffed) == ["omar"]
    assert valid(staffed, OTHER) == []
    entry = log()[-1]
    assert (entry.act, entry.role, entry.actor) == ("sign", "approver", "olga")
    assert entry.facts == {"plan": PLAN, "approver": "omar", "signature": made.hex()}
    with reading(staffed) as session:
        assert session.scalar(text("SELECT made FROM approvals")) == 1_772_000_000


def test_who_signs_first_is_first(staffed: Engine) -> None:
    for name in ("omar", "noor"):
        approve(staffed, PLAN, signature(staffed, name))
    approve(staffed, OTHER, signature(staffed, "noor", OTHER))
    assert valid(staffed) == ["omar", "noor"]
    assert valid(staffed, OTHER) == ["noor"]


def test_the_same_signature_is_filed_once(staffed: Engine, log: Log) -> None:
    for _ in range(2):
        assert approve(staffed, PLAN, signature(staffed, "omar")).approver == "omar"
    assert valid(staffed) == ["omar"]
    assert [entry.act for entry in log()] == ["person", "person", "sign"]


@pytest.mark.parametrize("whose", ["stranger", "another plan", "garbled"])
def test_what_is_no_signature_on_this_plan_is_refused(staffed: Engine, whose: str, log: Log) -> None:
    made = {
        "stranger": signature(staffed, "stranger"),
        "another plan": signature(staffed, "omar", OTHER),
        "garbled": b"\x00" * 64,
    }[whose]
    with pytest.raises(RefusedError, match="sign the plan as it is now") as caught:
        approve(staffed, PLAN, made)
    assert caught.value.rule == "two-persons"
    assert valid(staffed) == []
    assert "sign" not in [entry.act for entry in log()]


def test_who_is_registered_no_more_has_signed_nothing(staffed: Engine) -> None:
    approve(staffed, PLAN, signature(staffed, "omar"))
    remove_person(staffed, "omar")
    assert valid(staffed) == []


@pytest.mark.parametrize(
    "change", ["plan = '07e50000'", "signature = x'00'", "signature = zeroblob(64)"], ids=["plan", "cut", "zero"]
)
def test_what_a_database_says_of_it_is_not_believed(staffed: Engine, change: str) -> None:
    approve(staffed, PLAN, signature(staffed, "omar"))
    with writing(staffed) as session:
        session.execute(text(f"UPDATE approvals SET {change}"))  # noqa: S608 - the test's own
    assert valid(staffed) == []
    assert valid(staffed, "07e50000") == [], "moved to another plan it is worth nothing"


def test_nor_is_a_key_that_was_put_in_anothers_place(staffed: Engine) -> None:
    approve(staffed, PLAN, signature(staffed, "omar"))
    with writing(staffed) as session:
        session.execute(text("UPDATE people SET key = :key WHERE account = 'omar'"), {"key": public("evil")})
    assert valid(staffed) == []
