"""The gate: which acts halt, and which go on whatever happens."""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy import Engine

from hereabouts.errors import RefusedError
from hereabouts.log.vocabulary import ACTS
from hereabouts.rules.gate import SHUT_BY, check_act, pass_gate
from hereabouts.rules.oversight import StopOrder, order_stop
from hereabouts.rules.people import Person
from hereabouts.rules.policy import make_policy
from hereabouts.rules.standing import Standing
from hereabouts.state import reading

RESEARCH, REGULATED = (make_policy(name, epsilon=2.0, delta=1e-6, keys="k") for name in ("research", "regulated"))
INES = Person(1, "ines", "00", 0)
STOP = StopOrder(3, "olga", "secret", 1_202_486_400)
DAY = 86_400
NOW = 1_772_000_000

#: What each of the three shuts, once more: a change of the module is a decision, and needs one here too.
HALTED = {"intake", "release"}
NOT_BEGUN = {"person", "assess", "sign", "recipient", "review", "resume", "supplier", "intake", "release",
             "audit", "attack", "claims"}  # fmt: skip
LOCKED = {"release"}
#: Steps of other acts, which log them: what they are steps of has passed the gate.
STEPS = {"policy", "charge", "void"}


def rule(act: str, there: Standing, policy: object = REGULATED, now: int = NOW) -> str | None:
    try:
        check_act(policy, there, act, now)  # type: ignore[arg-type]
    except RefusedError as refused:
        return refused.rule
    return None


def test_every_act_of_the_log_has_a_place_at_the_gate() -> None:
    assert SHUT_BY.keys() == ACTS.keys() - STEPS


@pytest.mark.parametrize("act", sorted(SHUT_BY))
def test_a_stop_order_halts_intake_and_releases(act: str) -> None:
    there = Standing(officer=INES, stop=STOP)
    for policy in (RESEARCH, REGULATED):
        assert rule(act, there, policy) == ("stop" if act in HALTED else None)


@pytest.mark.parametrize("act", sorted(SHUT_BY))
def test_nothing_begins_without_an_officer(act: str) -> None:
    assert rule(act, Standing()) == ("officer" if act in NOT_BEGUN else None)
    assert rule(act, Standing(), RESEARCH) is None


@pytest.mark.parametrize("act", sorted(SHUT_BY))
def test_an_overdue_review_locks_releases(act: str) -> None:
    there = Standing(officer=INES, unreviewed_since=NOW - 30 * DAY)
    assert rule(act, there) is None, "to the second"
    assert rule(act, there, now=NOW + 1) == ("review" if act in LOCKED else None)
    assert rule(act, there, RESEARCH, NOW + 1) is None
    assert rule(act, dataclasses.replace(there, unreviewed_since=None), now=NOW + 1) is None


def test_how_long_a_review_may_take_is_the_policys_to_say() -> None:
    strict = RESEARCH.model_copy(update={"requires": RESEARCH.requires.model_copy(update={"review_days": 1})})
    assert rule("release", Standing(unreviewed_since=NOW - DAY), strict) is None
    assert rule("release", Standing(unreviewed_since=NOW - DAY - 1), strict) == "review"


def test_a_stop_comes_first() -> None:
    assert rule("release", Standing(stop=STOP, unreviewed_since=0)) == "stop"
    assert rule("release", Standing(unreviewed_since=0)) == "officer"


def test_an_act_without_a_place_is_a_bug() -> None:
    with pytest.raises(KeyError):
        check_act(RESEARCH, Standing(), "look-up", NOW)


def test_each_refusal_says_what_would_satisfy_it() -> None:
    def reason(there: Standing) -> str:
        with pytest.raises(RefusedError) as caught:
            check_act(REGULATED, there, "release", NOW)
        return caught.value.reason

    stopped = reason(Standing(officer=INES, stop=STOP))
    assert "stop order 3 of 'olga' is in force since 2008-02-08 16:00 UTC: release is halted" in stopped
    assert "hereabouts stop --lift --officer-key" in stopped
    assert "secret" not in stopped
    assert "hereabouts officer appoint NAME" in reason(Standing())
    late = reason(Standing(officer=INES, unreviewed_since=1_202_486_400))
    assert "within 30 days" in late
    assert "was due at 2008-03-09 16:00 UTC" in late
    assert "hereabouts review --up-to N" in late


def test_the_gate_reads_what_is_in_force(state: Engine) -> None:
    with reading(state) as session:
        pass_gate(session, RESEARCH, "intake", NOW)
        with pytest.raises(RefusedError, match="rule 'officer'"):
            pass_gate(session, REGULATED, "intake", NOW)
    order_stop(state, "a")
    with reading(state) as session, pytest.raises(RefusedError, match="rule 'stop'"):
        pass_gate(session, RESEARCH, "intake", NOW)
