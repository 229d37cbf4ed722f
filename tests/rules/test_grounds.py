"""What a release rests on: each thing that a policy asks for alone, by name, with what would satisfy it (RECIP)."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pytest

from hereabouts.errors import RefusedError
from hereabouts.rules.approvals import Approval
from hereabouts.rules.assessments import Assessment
from hereabouts.rules.grounds import Grounds, Request, check_grounds
from hereabouts.rules.people import Person
from hereabouts.rules.policy import Policy, make_policy
from hereabouts.rules.recipients import Recipient
from hereabouts.rules.standing import Standing

RESEARCH, REGULATED = (make_policy(name, epsilon=2.0, delta=1e-6, keys="k") for name in ("research", "regulated"))
TODAY, YESTERDAY = date(2026, 3, 1), date(2026, 2, 28)
INES, NOOR, OMAR = (Person(n, name, f"{n:02x}", 0) for n, name in enumerate(("ines", "noor", "omar"), 1))
ASSESSED = Assessment(1, "research", "a55e", "ines", TODAY)
CITY, REGION = Recipient("city", 1, "7e23", TODAY), Recipient("region", 2, "7e24", TODAY)
BY_NOOR, BY_OMAR = Approval("91a7", "noor", "02", "00"), Approval("91a7", "omar", "03", "01")
THERE = Standing(
    officer=INES,
    people={"ines": INES, "noor": NOOR, "omar": OMAR},
    assessments={"research": ASSESSED},
    recipients={"city": CITY, "region": REGION},
    approvals=(BY_OMAR,),
)
REQUEST = Request("91a7", "noor", "research", ("city", "region"))


def check(policy: Policy = REGULATED, request: Request = REQUEST, **changes: Any) -> Grounds:
    return check_grounds(policy, dataclasses.replace(THERE, **changes), request, TODAY)


def refusal(policy: Policy = REGULATED, request: Request = REQUEST, **changes: Any) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        check(policy, request, **changes)
    return caught.value


def asks(**wanted: bool) -> Policy:
    return RESEARCH.model_copy(update={"requires": RESEARCH.requires.model_copy(update=wanted)})


def test_with_everything_that_is_asked_for_a_plan_is_let_out() -> None:
    assert check() == Grounds("91a7", "noor", "ines", ASSESSED, BY_OMAR, (CITY, REGION))


def test_research_asks_for_none_of_it_and_says_what_there_is() -> None:
    nothing = Request("91a7", "noor", "research")
    bare = check_grounds(RESEARCH, Standing(), nothing, TODAY)
    assert bare == Grounds("91a7", "noor", None, None, None, ())
    assert check(RESEARCH) == check()
    assert check(RESEARCH, approvals=(BY_NOOR,)).approval is None, "who runs it approves of nothing"


def test_an_assessment_in_force() -> None:
    refused = refusal(assessments={})
    assert refused.rule == "assessment"
    assert "for purpose 'research', and there is none" in refused.reason
    assert "hereabouts assess research FILE --expires DATE" in refused.reason
    late = refusal(assessments={"research": dataclasses.replace(ASSESSED, expires=YESTERDAY)})
    assert late.rule == "assessment"
    assert "assessment 1 expired on 2026-02-28" in late.reason
    other = refusal(assessments={"public-health": ASSESSED})
    assert other.rule == "assessment", "one of another purpose is none"
    assert refusal(asks(assessment=True), assessments={}).rule == "assessment"
    assert check(asks(), assessments={}).assessment is None
    assert check(asks(), assessments={"research": dataclasses.replace(ASSESSED, expires=YESTERDAY)}).assessment is None


def test_a_second_persons_signature() -> None:
    unsigned = refusal(approvals=())
    assert unsigned.rule == "two-persons"
    assert "it has no valid signature" in unsigned.reason
    assert "hereabouts sign PLAN.toml --key PRIVATE.pem" in unsigned.reason
    alone = refusal(approvals=(BY_NOOR,))
    assert alone.rule == "two-persons"
    assert "it is signed by 'noor' alone, who runs it" in alone.reason
    assert check(approvals=(BY_NOOR, BY_OMAR)).approval == BY_OMAR
    assert refusal(asks(second_signature=True), approvals=()).rule == "two-persons"
    assert check(asks(), approvals=()).approval is None


def test_who_runs_a_plan_is_registered() -> None:
    stranger = dataclasses.replace(REQUEST, requester="stranger")
    refused = refusal(request=stranger)
    assert refused.rule == "two-persons"
    assert "account 'stranger' is nobody's who is registered" in refused.reason
    assert "hereabouts person add NAME" in refused.reason
    assert check(asks(), stranger).requester == "stranger"


def test_the_officer_may_approve() -> None:
    by_ines = Approval("91a7", "ines", "01", "02")
    assert check(approvals=(by_ines,)).approval == by_ines
    assert refusal(request=dataclasses.replace(REQUEST, requester="ines"), approvals=(by_ines,)).rule == "two-persons"


def test_recipients_with_terms_in_force() -> None:
    unnamed = refusal(request=dataclasses.replace(REQUEST, recipients=()))
    assert unnamed.rule == "RECIP"
    assert 'recipients = ["NAME"]' in unnamed.reason
    unknown = refusal(recipients={"city": CITY})
    assert unknown.rule == "RECIP"
    assert "recipient 'region' was never registered" in unknown.reason
    assert "hereabouts recipient add region --terms FILE" in unknown.reason
    late = refusal(recipients={"city": CITY, "region": dataclasses.replace(REGION, expires=YESTERDAY)})
    assert late.rule == "RECIP"
    assert "'region' has agreed to terms until 2026-02-28 alone" in late.reason


def test_who_is_named_is_registered_whatever_the_policy() -> None:
    assert refusal(RESEARCH, recipients={}).rule == "RECIP"
    assert check(RESEARCH, dataclasses.replace(REQUEST, recipients=())).recipients == ()


def test_what_manifest_and_log_say() -> None:
    assert check().facts() == {
        "plan": "91a7",
        "requester": "noor",
        "officer": "ines",
        "assessment": {
            "number": 1,
            "purpose": "research",
            "digest": "a55e",
            "approver": "ines",
            "expires": "2026-03-01",
        },
        "approval": {"plan": "91a7", "approver": "omar", "key": "03", "signature": "01"},
        "recipients": [
            {"name": "city", "version": 1, "terms": "7e23", "expires": "2026-03-01"},
            {"name": "region", "version": 2, "terms": "7e24", "expires": "2026-03-01"},
        ],
    }
    assert check().logged() == {
        "officer": "ines",
        "assessment": 1,
        "approver": "omar",
        "recipients": ["city (terms 1)", "region (terms 2)"],
    }
    bare = check_grounds(RESEARCH, Standing(), Request("91a7", "noor", "research"), TODAY)
    assert bare.facts() == {
        "plan": "91a7",
        "requester": "noor",
        "officer": None,
        "assessment": None,
        "approval": None,
        "recipients": [],
    }
    assert bare.logged() == {"officer": None, "assessment": None, "approver": None, "recipients": []}
