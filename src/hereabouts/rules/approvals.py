"""Approvals: signatures of registered people on a plan, each on exactly what the plan asks for.

A signature is kept as it was made, and verified against the register each time that the plan is run: nothing that a
database says of it is believed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hereabouts.errors import RefusedError
from hereabouts.log.entries import append
from hereabouts.rules.people import Person, next_number, people_of
from hereabouts.rules.signatures import statement, verifies
from hereabouts.state import writing
from hereabouts.state.approvals import ApprovalRow


@dataclass(frozen=True)
class Approval:
    """A signature on a plan that is one, by a person who is registered now.

    Attributes
    ----------
    plan
        Digest of what the plan asks for, in hex.
    approver
        Account of the person who signed.
    key, signature
        By which it can be checked, in hex.
    """

    plan: str
    approver: str
    key: str
    signature: str


def plan_statement(session: Session, plan: str) -> bytes:
    """What an approver signs: the digest of a plan, for the store of this state."""
    return statement(session, "sign", {"plan": plan})


def approve(engine: Engine, plan: str, signature: bytes) -> Approval:
    """File a signature on a plan. Whose it is, its key tells, and not the account that files it.

    Parameters
    ----------
    engine
        The store's state.
    plan
        Digest of what the plan asks for.
    signature
        Its 64 bytes, of :func:`plan_statement`.

    Raises
    ------
    RefusedError
        If it is nobody's who is registered, or not of this plan (rule ``two-persons``).
    """
    with writing(engine) as session:
        signer = _signer(session, plan, signature)
        if signer is None:
            raise RefusedError(
                "two-persons",
                "the signature is not of this plan by a registered key: sign the plan as it is now, for this store, "
                "with a key that is registered ('hereabouts person add NAME --key PUBLIC.pem')",
            )
        approval = _approval(plan, signer, signature)
        if approval in approvals_of(session, plan):
            return approval
        row = ApprovalRow(
            number=next_number(session, ApprovalRow.number),
            plan=plan,
            person=signer.number,
            signature=signature,
            made=int(time.time()),
        )
        session.add(row)
        facts = {"plan": plan, "approver": signer.account, "signature": signature.hex()}
        append(session, "sign", facts, role="approver")
        return approval


def approvals_of(session: Session, plan: str) -> list[Approval]:
    """The signatures on a plan that are valid now, the first one first: each is verified."""
    found = session.scalars(select(ApprovalRow).where(ApprovalRow.plan == plan).order_by(ApprovalRow.number))
    signed = [(_signer(session, plan, row.signature), row.signature) for row in found]
    return [_approval(plan, signer, signature) for signer, signature in signed if signer is not None]


def _signer(session: Session, plan: str, signature: bytes) -> Person | None:
    said = plan_statement(session, plan)
    return next((p for p in people_of(session).values() if verifies(p.key, signature, said)), None)


def _approval(plan: str, signer: Person, signature: bytes) -> Approval:
    return Approval(plan, signer.account, signer.key, signature.hex())
