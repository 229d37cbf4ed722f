"""On which grounds a plan is released: an assessment in force, a second person's signature, recipients with terms.

What the policy asks for is required; what is there is named in manifest and log, asked for or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from hereabouts.errors import RefusedError
from hereabouts.rules.approvals import Approval
from hereabouts.rules.assessments import Assessment
from hereabouts.rules.policy import Policy
from hereabouts.rules.recipients import Recipient
from hereabouts.rules.standing import Standing


@dataclass(frozen=True)
class Request:
    """Who asks for what.

    Attributes
    ----------
    plan
        Digest of what the plan asks for: what is signed.
    requester
        The account that wants it run.
    purpose
        Name of its purpose.
    recipients
        Names of those who are to be given the release.
    """

    plan: str
    requester: str
    purpose: str
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grounds:
    """What a release rests on; ``None`` where there is no such thing, and the policy does not ask for it."""

    plan: str
    requester: str
    officer: str | None
    assessment: Assessment | None
    approval: Approval | None
    recipients: tuple[Recipient, ...]

    def facts(self) -> dict[str, Any]:
        """What a manifest says of it, as JSON-like values."""
        found, signed = self.assessment, self.approval
        return {
            "plan": self.plan,
            "requester": self.requester,
            "officer": self.officer,
            "assessment": None if found is None else vars(found) | {"expires": str(found.expires)},
            "approval": None if signed is None else vars(signed),
            "recipients": [vars(recipient) | {"expires": str(recipient.expires)} for recipient in self.recipients],
        }

    def logged(self) -> dict[str, Any]:
        """What the log says of it, beside the requester, who is its entry's actor."""
        return {
            "officer": self.officer,
            "assessment": None if self.assessment is None else self.assessment.number,
            "approver": None if self.approval is None else self.approval.approver,
            "recipients": [f"{recipient.name} (terms {recipient.version})" for recipient in self.recipients],
        }


def check_grounds(policy: Policy, there: Standing, request: Request, today: date) -> Grounds:
    """Refuse a plan that lacks what the policy asks for; say what it rests on where it does not.

    Parameters
    ----------
    policy
        The store's.
    there
        What is in force, with the approvals of this plan.
    request
        Who asks for what.
    today
        The store's date.

    Raises
    ------
    RefusedError
        By rule ``assessment``, ``two-persons`` or ``RECIP``: the first that is not satisfied.
    """
    return Grounds(
        request.plan,
        request.requester,
        None if there.officer is None else there.officer.account,
        _assessment(policy, there, request.purpose, today),
        _approval(policy, there, request),
        _recipients(policy, there, request, today),
    )


def _assessment(policy: Policy, there: Standing, purpose: str, today: date) -> Assessment | None:
    found = there.assessments.get(purpose)
    if found is not None and today <= found.expires:
        return found
    if policy.requires.assessment:
        wanting = "there is none" if found is None else f"assessment {found.number} expired on {found.expires}"
        raise RefusedError(
            "assessment",
            f"policy '{policy.name}' asks for an impact assessment in force for purpose '{purpose}', and {wanting}: "
            f"have one approved ('hereabouts assess {purpose} FILE --expires DATE --officer-key PRIVATE.pem')",
        )
    return None


def _approval(policy: Policy, there: Standing, request: Request) -> Approval | None:
    by_others = [approval for approval in there.approvals if approval.approver != request.requester]
    if not policy.requires.second_signature:
        return by_others[0] if by_others else None
    if request.requester not in there.people:
        raise RefusedError(
            "two-persons",
            f"policy '{policy.name}' asks that a plan is run by a registered person and signed by another one, and "
            f"account '{request.requester}' is nobody's who is registered: have it registered ('hereabouts person add "
            "NAME --key PUBLIC.pem'), or act by your own account (HEREABOUTS_ACTOR)",
        )
    if not by_others:
        alone = f"it is signed by '{request.requester}' alone, who runs it"
        signed = alone if there.approvals else "it has no valid signature"
        raise RefusedError(
            "two-persons",
            f"policy '{policy.name}' asks for a second person's signature on exactly this plan, and {signed}: have "
            "another registered person sign it as it is now ('hereabouts sign PLAN.toml --key PRIVATE.pem')",
        )
    return by_others[0]


def _recipients(policy: Policy, there: Standing, request: Request, today: date) -> tuple[Recipient, ...]:
    """Those that a plan names are registered, whatever the policy: it is published that they are given it."""
    if policy.requires.recipients and not request.recipients:
        raise RefusedError(
            "RECIP",
            f"policy '{policy.name}' asks that a plan says who is given the release, and this one does not: name them "
            'in the plan (recipients = ["NAME"])',
        )
    found = []
    for name in request.recipients:
        known = there.recipients.get(name)
        if known is None or known.expires < today:
            wanting = "was never registered" if known is None else f"has agreed to terms until {known.expires} alone"
            raise RefusedError(
                "RECIP",
                f"recipient '{name}' {wanting}: register it with the terms that it agreed to ('hereabouts recipient "
                f"add {name} --terms FILE --expires DATE')",
            )
        found.append(known)
    return tuple(found)
