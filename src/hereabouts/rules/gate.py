"""The gate: what every act on a store passes before it begins.

Three things can shut it: a stop order, a policy that asks for an officer where there is none, and a review of the log
that is overdue. They halt what brings data in or lets figures out, and what prepares for that. What protects people
goes on whatever happens: withdrawals, purges, retention, sealing (which deletes precise positions), sensitive places;
and so does what opens the gate again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Literal

from sqlalchemy.orm import Session

from hereabouts.errors import RefusedError
from hereabouts.rules.policy import Policy
from hereabouts.rules.standing import Standing, standing

Bar = Literal["stop", "officer", "review"]

_NOTHING: Final[frozenset[Bar]] = frozenset()
_OFFICER: Final[frozenset[Bar]] = frozenset({"officer"})

SHUT_BY: Mapping[str, frozenset[Bar]] = {
    "init": _NOTHING,
    "officer": _NOTHING,
    "person": _OFFICER,
    "assess": _OFFICER,
    "sign": _OFFICER,
    "recipient": _OFFICER,
    "review": _OFFICER,
    "stop": _NOTHING,
    "resume": _OFFICER,
    "supplier": _OFFICER,
    "intake": frozenset({"stop", "officer"}),
    "release": frozenset({"stop", "officer", "review"}),
    # looks at exact data, whose figures stay with their owner
    "audit": _OFFICER,
    "attack": _OFFICER,
    "claims": _OFFICER,
    # what protects people
    "places": _NOTHING,
    "places-test": _NOTHING,
    "seal": _NOTHING,
    "withdraw": _NOTHING,
    "purge": _NOTHING,
    "retain": _NOTHING,
}
"""What can shut the gate on each act. An act that is not here passes no gate: it is a bug of ours."""

_DAY = 86_400


def pass_gate(session: Session, policy: Policy, act: str, now: int) -> None:
    """Refuse an act that may not begin, by what is in force now.

    Parameters
    ----------
    session
        Of the store's state: the decision holds as long as its transaction.
    policy
        The store's.
    act
        What is to be done, in the words of the log.
    now
        UTC seconds since the epoch.

    Raises
    ------
    RefusedError
        By rule ``stop``, ``officer`` or ``review``: the first that is not satisfied.
    """
    check_act(policy, standing(session), act, now)


def check_act(policy: Policy, there: Standing, act: str, now: int) -> None:
    """Refuse an act that may not begin: :func:`pass_gate`, of what was read before.

    Raises
    ------
    RefusedError
        By rule ``stop``, ``officer`` or ``review``: the first that is not satisfied.
    """
    bars = SHUT_BY[act]
    if "stop" in bars and there.stop is not None:
        raise RefusedError(
            "stop",
            f"stop order {there.stop.number} of '{there.stop.account}' is in force since {_instant(there.stop.since)}: "
            f"{act} is halted until the officer lifts it ('hereabouts stop --lift --officer-key PRIVATE.pem')",
        )
    if "officer" in bars and policy.requires.officer and there.officer is None:
        raise RefusedError(
            "officer",
            f"policy '{policy.name}' asks for an officer who answers for the store, and nobody is appointed: nothing "
            "begins before that ('hereabouts officer appoint NAME --key PUBLIC.pem')",
        )
    days = policy.requires.review_days
    if "review" in bars and days and there.unreviewed_since is not None:
        due = there.unreviewed_since + days * _DAY
        if now > due:
            raise RefusedError(
                "review",
                f"policy '{policy.name}' asks that every entry of the log is reviewed within {days} days, and that was "
                f"due at {_instant(due)}: nothing is released before the officer has looked at the log and said so "
                "('hereabouts log show', 'hereabouts review --up-to N')",
            )


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
