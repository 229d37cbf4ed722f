"""Whether a plan may be released at all: purpose, requirements of the policy, resolution, embargo.

What it costs is not asked here: that is the ledger's to say, and it says it last.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from hereabouts.errors import RefusedError
from hereabouts.rules.policy import Policy
from hereabouts.rules.purposes import Purpose, require_purpose

_DAY = 86_400

_ACTS = {
    "officer": "a privacy officer",
    "assessment": "an impact assessment in force",
    "second_signature": "a second signature",
}


def check_release(
    policy: Policy,
    *,
    purpose: str,
    finest_resolution: int,
    justification: str | None,
    window: str,
    window_end: int,
    now: int,
    purposes: Mapping[str, Purpose] | None = None,
) -> Purpose:
    """Refuse a plan that the rules do not let out; return its purpose where they do.

    Parameters
    ----------
    policy
        The store's policy.
    purpose, justification
        As the plan says; the justification is ``None`` or blank where there is none.
    finest_resolution
        Finest H3 resolution of all statistics of the plan.
    window, window_end
        The window's name, and the end of it: UTC seconds since the epoch.
    now
        UTC seconds since the epoch.
    purposes
        What may be named; the shipped purposes by default.

    Raises
    ------
    RefusedError
        By rule ``purpose``, ``approvals``, ``resolution`` or ``embargo``: the first that is not satisfied.
    """
    named = require_purpose(purpose, purposes)
    _check_approvals(policy)
    _check_resolution(policy, finest_resolution, justification)
    _check_embargo(policy, window, window_end, now)
    return named


def _check_approvals(policy: Policy) -> None:
    asked = [_ACTS[name] for name in policy.requires.asked()]
    if asked:
        # The acts themselves come with the officer, assess and sign commands. Until then nothing can satisfy
        # the policy, and a release that only says that it was approved would be worse than none.
        raise RefusedError(
            "approvals",
            f"policy '{policy.name}' asks for {_listed(asked)} before a release, and this version has no "
            "command to record one: release under a policy that does not ask for it (research), or wait "
            "for the version that has it",
        )


def _check_resolution(policy: Policy, finest: int, justification: str | None) -> None:
    if finest > policy.finest_resolution and not (justification or "").strip():
        raise RefusedError(
            "resolution",
            f"the plan asks for H3 resolution {finest}, and the policy allows {policy.finest_resolution} "
            f"without a justification: ask for {policy.finest_resolution} or coarser, or say in the plan "
            "why finer is needed "
            '(justification = "..."); it is published with the release',
        )


def _check_embargo(policy: Policy, window: str, window_end: int, now: int) -> None:
    opens = window_end + policy.embargo_days * _DAY
    if now < opens:
        raise RefusedError(
            "embargo",
            f"window {window} ends at {_instant(window_end)} and is released {policy.embargo_days} days "
            f"after that at the earliest: try again from {_instant(opens)}, or release an older window",
        )


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
