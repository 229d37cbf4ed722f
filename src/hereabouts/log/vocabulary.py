"""What the public log may say: every act, and the facts that an entry of it may hold. All else is refused.

No fact is a function of rows: no count, no digest of a receipt, no identifier, and no text that an operator could put
one into but for short names of purposes, suppliers and accounts. What is confidential is committed to, and not said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

Outcome = Literal["done", "begun", "refused"]

_RULE = frozenset({"window", "purpose"})

ACTS: Mapping[str, frozenset[str]] = {
    # the store and its rules
    "init": frozenset({"store", "timezone", "window_length", "resolution"}),
    "policy": frozenset(
        {
            "version",
            "policy",
            "requires",
            "review_days",
            "embargo_days",
            "finest_resolution",
            "epsilon",
            "delta",
            "retention",
        }
    ),
    "supplier": frozenset({"supplier", "expires", "assessed", "source", "all_consented"}),
    "places": frozenset({"version", "digest", "assessed"}),
    "places-test": frozenset({"version", "passed"}),
    # what a regulated policy asks for; `signature` is the officer's (of `sign`: the approver's) on the other facts, so
    # that it can be checked against the log alone; reasons and findings are committed to
    "officer": frozenset({"name", "key", "number", "signature"}),
    "person": frozenset({"name", "key", "number", "removed", "signature"}),
    "assess": frozenset({"assessment", "purpose", "digest", "approver", "expires", "signature"}),
    "sign": frozenset({"plan", "approver", "signature"}),
    "recipient": frozenset({"recipient", "number", "version", "terms", "expires", "signature"}),
    "stop": frozenset({"order"}),
    "resume": frozenset({"order", "signature"}),
    "review": frozenset({"review", "up_to", "incidents", "signature"}),
    # data
    "intake": frozenset({"supplier"}),
    "seal": frozenset({"until", "everything"}),
    "withdraw": frozenset({"version", "requested"}),
    "purge": frozenset({"by", "version"}),
    "retain": frozenset({"schedule", "keys_until", "tables_until"}),
    # looks at exact data, which stay with their owner
    "audit": frozenset({"window"}),
    "attack": frozenset({"window"}),
    "claims": frozenset({"window"}),
    # what is let out
    "charge": frozenset({"charge", "window", "rho", "epsilon", "delta"}),
    "void": frozenset({"charge"}),
    "release": _RULE
    | {"dpv", "statistics", "finest_resolution", "epsilon", "delta", "rho", "charge", "again", "stale", "manifest"}
    | {"policy", "officer", "approver", "recipients", "assessment"},
}
"""Facts that an entry may hold, by act. A refusal may hold the facts of its act, and those of `REFUSED`."""

REFUSED = _RULE | {"supplier"}
"""What a refusal may say beside the rule: what was asked for, not why."""

_TEXT = re.compile(r"[^\x00-\x1f\x7f]{0,256}")


def check_facts(act: str, facts: Mapping[str, Any], outcome: Outcome) -> None:
    """Refuse what the log does not say.

    Raises
    ------
    ValueError
        When the act or a fact of it is not known, or a value is no short text, whole number, boolean or list of texts.
    """
    if act not in ACTS and outcome != "refused":
        raise ValueError(f"the log knows no act '{act}': add it to ACTS, with a reason")
    allowed = ACTS.get(act, frozenset()) | (REFUSED if outcome == "refused" else frozenset())
    for name, value in facts.items():
        if name not in allowed:
            raise ValueError(f"an entry of '{act}' does not say '{name}': add it to ACTS, if it is no function of rows")
        each = value if isinstance(value, list | tuple) else [value]
        for item in each:
            is_text = isinstance(item, str) and _TEXT.fullmatch(item) is not None
            if not (is_text or item is None or type(item) in (bool, int)):
                raise ValueError(f"'{name}' of '{act}' is a {type(item).__name__} or a long text, which no entry holds")
