"""Versions of a store's policy: what its operator set, from when on; each is in the public log."""

from __future__ import annotations

import hashlib
import json
import time

from sqlalchemy import Engine, select

from hereabouts.log.entries import append
from hereabouts.rules.policy import Policy
from hereabouts.state import reading, writing
from hereabouts.state.tables import PolicyVersion


def register_policy(engine: Engine, policy: Policy) -> int:
    """Register a policy that is another than before, and log it; gives the version of the one in force.

    Parameters
    ----------
    engine
        The store's state.
    policy
        What its file says now.
    """
    content = json.dumps(policy.model_dump(mode="json"), sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()
    newest = select(PolicyVersion).order_by(PolicyVersion.version.desc()).limit(1)
    with reading(engine) as session:
        known = session.scalars(newest).one_or_none()
    if known is not None and known.digest == digest:
        return known.version
    with writing(engine) as session:
        known = session.scalars(newest).one_or_none()  # again, alone
        if known is not None and known.digest == digest:
            return known.version
        version = 1 if known is None else known.version + 1
        session.add(PolicyVersion(version=version, digest=digest, content=content, since=int(time.time())))
        append(session, "policy", _facts(version, policy), document=content.encode())
        return version


def _facts(version: int, policy: Policy) -> dict[str, object]:
    """What is public of it: not where keys and ledger are, nor which areas are protected."""
    kept = policy.retention
    return {
        "version": version,
        "policy": policy.name,
        "requires": list(policy.requires.asked()),
        "review_days": policy.requires.review_days,
        "embargo_days": policy.embargo_days,
        "finest_resolution": policy.finest_resolution,
        "epsilon": repr(policy.budget.epsilon),
        "delta": repr(policy.budget.delta),
        "retention": [f"{name}={days}" for name, days in kept.model_dump().items()],
    }
