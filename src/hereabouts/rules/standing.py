"""What is in force in a store now, read from its state: the facts that the rules of a regulated policy decide on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from hereabouts.rules.approvals import Approval, approvals_of
from hereabouts.rules.assessments import Assessment, assessments_of
from hereabouts.rules.oversight import StopOrder, stop_of, unreviewed_since
from hereabouts.rules.people import Person, officer_of, people_of
from hereabouts.rules.recipients import Recipient, recipients_of


@dataclass(frozen=True)
class Standing:
    """What is in force.

    Attributes
    ----------
    officer
        Who answers for the store.
    stop
        The stop order in force.
    unreviewed_since
        When the first entry of the log was made that nobody has reviewed: UTC seconds since the epoch.
    people
        Who is registered, by account.
    assessments
        The last of each purpose, in force or not.
    recipients
        On their last terms, in force or not, by name.
    approvals
        Valid signatures on the plan that is asked about.
    """

    officer: Person | None = None
    stop: StopOrder | None = None
    unreviewed_since: int | None = None
    people: Mapping[str, Person] = field(default_factory=dict)
    assessments: Mapping[str, Assessment] = field(default_factory=dict)
    recipients: Mapping[str, Recipient] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()


def standing(session: Session, plan: str | None = None) -> Standing:
    """Read what is in force.

    Parameters
    ----------
    session
        Of the store's state.
    plan
        Digest of the plan whose approvals are asked for.
    """
    return Standing(
        officer_of(session),
        stop_of(session),
        unreviewed_since(session),
        people_of(session),
        assessments_of(session),
        recipients_of(session),
        () if plan is None else tuple(approvals_of(session, plan)),
    )
