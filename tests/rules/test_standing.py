"""What is in force is read in one go."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from hereabouts.rules.approvals import approve, plan_statement
from hereabouts.rules.assessments import assess
from hereabouts.rules.oversight import order_stop
from hereabouts.rules.people import appoint
from hereabouts.rules.purposes import require_purpose
from hereabouts.rules.recipients import add_recipient
from hereabouts.rules.standing import Standing, standing
from hereabouts.state import reading
from tests.rules.conftest import private, public

DAY = date(2026, 3, 1)


def test_a_new_store_has_nothing(state: Engine) -> None:
    with reading(state) as session:
        assert standing(session) == Standing()


def test_all_that_is_in_force(state: Engine, tmp_path: Path) -> None:
    document = tmp_path / "document"
    document.write_text("Nobody is re-identified.")
    officer = appoint(state, "ines", public("ines"))
    key = private("ines")
    assessed = assess(state, require_purpose("research"), document, DAY, today=DAY, officer_key=key)
    recipient = add_recipient(state, "city", document, DAY, today=DAY, officer_key=key)
    order = order_stop(state, "a")
    with reading(state) as session:
        said = plan_statement(session, "91a7")
    approval = approve(state, "91a7", key.sign(said))
    with reading(state) as session:
        found, signed = standing(session), standing(session, "91a7")
    assert found.officer == officer
    assert found.people == {"ines": officer}
    assert found.stop == order
    assert found.unreviewed_since is not None
    assert found.assessments == {"research": assessed}
    assert found.recipients == {"city": recipient}
    assert (found.approvals, signed.approvals) == ((), (approval,))
