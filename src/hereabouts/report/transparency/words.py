"""Words for what the log names: rules, acts, days; a reader knows none of ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from hereabouts.errors import HereaboutsError
from hereabouts.rules.purposes import load_purposes

RULES: Mapping[str, str] = {
    "budget": "The window's privacy budget would have been overspent.",
    "embargo": "The window had not been closed for long enough: figures describe, and must not intercept.",
    "purpose": "The purpose is not one that figures may be made for.",
    "assessment": "No impact assessment was in force for the purpose.",
    "two-persons": "A second person had not signed the plan.",
    "one-person": "An account or key already belongs to somebody else.",
    "officer": "Nobody answered for the store as its officer.",
    "officer-key": "The officer had not signed it.",
    "stop": "A stop order was in force.",
    "review": "The review of this log was overdue.",
    "RECIP": "A recipient was not registered, or its terms had run out.",
    "SL-BLOCK": "The area was drawn around a sensitive place.",
    "RTB-BAN": "The feed came from advertising auctions.",
    "SUP-ASSESS": "The supplier had not been assessed within a year.",
    "supplier": "The supplier was not admitted, or its admission had run out.",
    "resolution": "Finer areas were asked for than are given without a recorded justification.",
    "protected-area": "It touched a protected area.",
    "sealed": "The window was not closed yet.",
    "one-look": "Exact figures were made before, of an earlier version of the data: both together tell of people.",
    "retention": "What was asked for had been deleted by the retention schedule.",
    "charge": "An earlier charge stood open.",
    "ledger": "The ledger was not the one that the store draws on.",
    "versions": "The state and the policy did not go together.",
}
"""Why each rule refuses. One that is missing here is shown by its name alone."""

ACTS: Mapping[str, str] = {
    "release": "releasing figures",
    "intake": "taking data in",
    "supplier": "admitting a supplier",
    "places": "changing the list of sensitive places",
    "assess": "filing an assessment",
    "sign": "signing a plan",
    "recipient": "registering a recipient",
    "review": "reviewing the log",
    "resume": "lifting a stop order",
    "officer": "appointing an officer",
    "person": "registering a person",
}
"""What was tried, where the name of the act does not say it."""


def why(rule: str) -> str:
    """What a rule refuses, as a sentence; nothing where it is not known."""
    return RULES.get(rule, "")


def act(name: str) -> str:
    """What an act does."""
    return ACTS.get(name, name)


def day(value: str | dt.date) -> str:
    """Give a day, or the day of an instant, as people write it."""
    date = dt.date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return f"{date.day} {date:%B %Y}"


def short_day(value: str | dt.date) -> str:
    """Give a day in few letters."""
    date = dt.date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return f"{date.day}\u00a0{date:%b}\u00a0{date:%Y}"


def minute(at: str) -> str:
    """Give an instant to the minute, UTC."""
    return f"{short_day(at)}, {at[11:16]}"


def month(name: str) -> str:
    """Give ``2026-03`` as ``March 2026``; a year as it is."""
    return f"{dt.date.fromisoformat(f'{name}-01'):%B %Y}" if "-" in name else name


def window(name: str) -> str:
    """Give a window's first and last day: its name has the day after the last."""
    first, slash, after = name.partition("/")
    try:
        start, last = dt.date.fromisoformat(first), dt.date.fromisoformat(after) - dt.timedelta(days=1)
    except ValueError:
        return name
    if not slash or start == last:
        return short_day(start)
    same = (start.year, start.month) == (last.year, last.month)
    return f"{start.day if same else short_day(start)} to {short_day(last)}"


def days(count: int) -> str:
    """Give a number of days."""
    return count_of(count, "day")


def count_of(count: int, what: str) -> str:
    """Give a number of things, with an s unless it is one."""
    return f"{count:,}\u00a0{what}{'' if count == 1 else 's'}"


def purpose(name: str) -> str:
    """What a purpose that ships with us is; nothing of another."""
    try:
        known = load_purposes()
    except HereaboutsError:
        return ""
    return known[name].description if name in known else ""
