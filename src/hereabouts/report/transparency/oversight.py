"""Who watches: officers, assessments, stop orders and what they blocked, reviews of the log, versions of the policy."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from hereabouts.report.transparency.events import Event, Events


@dataclass(frozen=True)
class Assessment:
    """An impact assessment; `in_force` on the report's last day: neither expired nor replaced by a later one."""

    number: int
    assessment: int | None
    purpose: str
    digest: str
    approver: str
    filed: str
    expires: str
    in_force: bool


@dataclass(frozen=True)
class Blocked:
    """Something that was tried while a stop order was in force."""

    number: int
    at: str
    actor: str
    act: str


@dataclass(frozen=True)
class Stop:
    """A stop order that was in force at some time of the report's days; `lifted` is ``None`` while it stands."""

    number: int
    order: int | None
    since: str
    by: str
    lifted: str | None
    lifted_by: str | None
    days: int
    blocked: list[Blocked]


@dataclass(frozen=True)
class Review:
    """A review of the log.

    Attributes
    ----------
    up_to
        The last entry that was looked at.
    incidents
        How many were noted; what they were is not public.
    waited
        Days that the oldest entry which it looked at had waited.
    due
        Within how many days the policy then in force asked for it; ``None`` where it asked for none.
    """

    number: int
    at: str
    reviewer: str
    up_to: int
    incidents: int
    waited: int
    due: int | None
    on_time: bool | None


@dataclass(frozen=True)
class Reviews:
    """The reviews of the report's days, and what nobody had looked at on its last one.

    Attributes
    ----------
    unreviewed
        How many entries no review has looked at.
    waiting
        Days for which the oldest of these has waited.
    due
        Within how many days the policy asks for the next one.
    overdue
        Whether it was: then nothing is released.
    """

    made: list[Review]
    unreviewed: int
    waiting: int | None
    due: int | None
    overdue: bool


@dataclass(frozen=True)
class PolicyInForce:
    """A version of the store's policy, and the first day on which something was done under it."""

    number: int
    at: str
    by: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class Officer:
    """Somebody who was appointed to answer for the store."""

    number: int
    at: str
    name: str


def assessments(events: Events) -> list[Assessment]:
    """All that were ever filed, in order."""
    filed = [event for event in events.of("assess", ever=True) if event.done]
    last = {event.get("purpose"): event.number for event in filed}
    return [
        Assessment(
            event.number,
            event.get("assessment"),
            event.get("purpose"),
            event.get("digest"),
            event.get("approver"),
            event.entry.at,
            event.get("expires"),
            last[event.get("purpose")] == event.number and event.get("expires") >= str(events.until),
        )
        for event in filed
    ]


def stops(events: Events) -> list[Stop]:
    """The stop orders that were in force at some time of the report's days, with all that they blocked."""
    found, current = list[tuple[Event, Event | None, list[Blocked]]](), None
    for event in events.all:
        if event.entry.act == "stop" and event.done:
            current = (event, list[Blocked]())
        elif event.entry.act == "resume" and event.done and current is not None:
            found.append((current[0], event, current[1]))
            current = None
        elif event.refused and event.entry.rule == "stop" and current is not None:
            current[1].append(Blocked(event.number, event.entry.at, event.entry.actor, event.entry.act))
    if current is not None:
        found.append((current[0], None, current[1]))
    return [_stop(*each, events) for each in found if each[1] is None or each[1].day >= events.since]


def reviews(events: Events) -> Reviews:
    """The reviews, and whether each was in time: within the policy's days from the oldest entry not yet looked at."""
    due, first, made = None, 0, []
    for event in events.all:
        if event.entry.act == "policy" and event.done:
            due = event.get("review_days") or None
        elif event.entry.act == "review" and event.done:
            seen = _at(events, first)
            waited = dt.timedelta() if seen is None else event.at - seen
            made.append(
                Review(
                    event.number,
                    event.entry.at,
                    event.entry.actor,
                    event.get("up_to"),
                    event.get("incidents") or 0,
                    _days(waited),
                    due,
                    None if due is None else waited <= dt.timedelta(days=due),
                )
            )
            first = event.get("up_to") + 1
    oldest = _at(events, first)
    end = dt.datetime.combine(events.until, dt.time.max, dt.UTC)
    waiting = None if oldest is None else _days(end - oldest)
    return Reviews(
        [review for review in made if review.at[:10] >= str(events.since)],
        sum(event.number >= first for event in events.all),
        waiting,
        due,
        due is not None and waiting is not None and waiting > due,
    )


def policies(events: Events) -> list[PolicyInForce]:
    """The versions of the policy that were in force in the report's days, in order."""
    every = [event for event in events.of("policy", ever=True) if event.done]
    before = [event for event in every if event.day < events.since][-1:]
    after = [event for event in every if event.day >= events.since]
    return [PolicyInForce(e.number, e.entry.at, e.entry.actor, dict(e.entry.facts)) for e in (*before, *after)]


def officers(events: Events) -> list[Officer]:
    """Everybody who was ever appointed, in order: the last one is in office."""
    return [Officer(e.number, e.entry.at, e.get("name")) for e in events.of("officer", ever=True) if e.done]


def _stop(began: Event, ended: Event | None, blocked: list[Blocked], events: Events) -> Stop:
    until = events.until if ended is None else ended.day
    return Stop(
        began.number,
        began.get("order"),
        began.entry.at,
        began.entry.actor,
        None if ended is None else ended.entry.at,
        None if ended is None else ended.entry.actor,
        (until - began.day).days,
        blocked,
    )


def _days(span: dt.timedelta) -> int:
    """Days that have begun: so that what is a little over is not said to be just in time."""
    return -(-span // dt.timedelta(days=1))


def _at(events: Events, number: int) -> dt.datetime | None:
    return events.all[number].at if number < len(events.all) else None
