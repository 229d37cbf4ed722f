"""What keeps a plan in: each rule alone, by name, with what would satisfy it."""

from __future__ import annotations

from typing import Any

import pytest

from hereabouts.errors import RefusedError
from hereabouts.rules.policy import Policy, make_policy
from hereabouts.rules.purposes import Purpose
from hereabouts.rules.release import check_release

END = 1_202_486_400  # 2008-02-08 16:00 UTC
OPENS = END + 7 * 86_400
RESEARCH = make_policy("research", epsilon=2.0, delta=1e-6, keys="k")


def check(policy: Policy = RESEARCH, **changes: Any) -> Purpose:
    facts: dict[str, Any] = {
        "purpose": "transport-planning",
        "finest_resolution": 7,
        "justification": None,
        "window": "2008-02-02/2008-02-09",
        "window_end": END,
        "now": OPENS,
    }
    return check_release(policy, **(facts | changes))


def refusal(policy: Policy = RESEARCH, **changes: Any) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        check(policy, **changes)
    return caught.value


def test_a_plan_that_keeps_the_rules_is_let_out() -> None:
    assert check().dpv == "dpv:ImproveTransportMobility"


def test_embargo() -> None:
    refused = refusal(now=OPENS - 1)
    assert refused.rule == "embargo"
    assert "from 2008-02-15 16:00 UTC" in refused.reason
    assert refusal(now=END - 100).rule == "embargo", "and a window that is not over least of all"


def test_a_longer_embargo_is_kept() -> None:
    longer = RESEARCH.model_copy(update={"embargo_days": 30})
    assert "2008-03-09" in refusal(longer).reason
    check(longer, now=END + 30 * 86_400)


@pytest.mark.parametrize("justification", [None, "", "  \n"])
def test_finer_than_the_policy_needs_a_reason(justification: str | None) -> None:
    refused = refusal(finest_resolution=8, justification=justification)
    assert refused.rule == "resolution"
    assert "justification" in refused.reason
    assert "7 or coarser" in refused.reason


def test_a_reason_is_enough() -> None:
    check(finest_resolution=8, justification="Cycle lanes are planned street by street.")


def test_a_coarser_policy_is_kept() -> None:
    coarse = RESEARCH.model_copy(update={"finest_resolution": 5})
    assert refusal(coarse, finest_resolution=6).rule == "resolution"
    check(coarse, finest_resolution=5)


def test_purposes() -> None:
    assert refusal(purpose="curiosity").rule == "purpose"
    assert refusal(purpose="immigration-enforcement").rule == "purpose"
    mine = {"bus-stops": Purpose("bus-stops", "dpv:ImproveTransportMobility", "Place bus stops.")}
    assert check(purpose="bus-stops", purposes=mine) == mine["bus-stops"]
    assert refusal(purpose="research", purposes=mine).rule == "purpose"


def test_regulated_is_refused_until_its_acts_exist() -> None:
    refused = refusal(make_policy("regulated", epsilon=2.0, delta=1e-6, keys="k"))
    assert refused.rule == "approvals"
    assert refused.exit_code == 3
    for part in ("a privacy officer, an impact assessment in force and a second signature", "no command"):
        assert part in refused.reason


def test_research_that_asks_for_an_act_is_refused_too() -> None:
    strict = RESEARCH.model_copy(update={"requires": RESEARCH.requires.model_copy(update={"assessment": True})})
    refused = refusal(strict)
    assert refused.rule == "approvals"
    assert "asks for an impact assessment in force before" in refused.reason
