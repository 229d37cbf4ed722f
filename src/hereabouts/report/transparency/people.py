"""Whose data come in and who is given figures; what was done for those who withdrew, and by the retention schedule."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from hereabouts.report.transparency.events import Event, Events
from hereabouts.rules.suppliers import a_year_after


@dataclass(frozen=True)
class Supplier:
    """Whose feeds may be taken in; `in_force` on the report's last day.

    Attributes
    ----------
    intakes
        How many times something was taken in from it in the report's days: acts, not rows.
    refused
        How many times that was refused.
    """

    number: int
    supplier: str
    source: str
    expires: str
    assessed: str
    all_consented: bool
    in_force: bool
    intakes: int
    refused: int


@dataclass(frozen=True)
class Recipient:
    """Who may be given releases; `in_force` on the report's last day; `releases` of the report's days name it."""

    number: int
    recipient: str
    version: int | None
    terms: str
    expires: str
    in_force: bool
    releases: int


@dataclass(frozen=True)
class Withdrawal:
    """A list of devices whose consent was withdrawn; `days` from the request to the end of their removal."""

    number: int
    version: int
    requested: str
    begun: str
    finished: str | None
    days: int


@dataclass(frozen=True)
class Places:
    """A version of the list of sensitive places, and how long it took until nothing was kept of what it added."""

    number: int
    version: int
    at: str
    assessed: str
    digest: str
    purged: str | None
    days: int


@dataclass(frozen=True)
class Retained:
    """A run of the retention schedule."""

    number: int
    at: str
    by: str
    keys_until: str | None
    tables_until: str | None


@dataclass(frozen=True)
class Account:
    """An account that acted in the report's days, and as what."""

    account: str
    roles: list[str]
    acts: int
    releases: int
    refused: int


def suppliers(events: Events) -> list[Supplier]:
    """Every supplier that was ever admitted, by name, on its last terms."""
    last = {event.get("supplier"): event for event in events.of("supplier", ever=True) if event.done}
    taken = Counter(event.get("supplier") for event in events.of("intake") if event.done)
    refused = Counter(event.get("supplier") for event in events.of("intake", "supplier") if event.refused)
    return [
        Supplier(
            event.number,
            name,
            event.get("source"),
            event.get("expires"),
            event.get("assessed"),
            bool(event.get("all_consented")),
            _admitted(event) >= events.until,
            taken[name],
            refused[name],
        )
        for name, event in sorted(last.items())
    ]


def recipients(events: Events) -> list[Recipient]:
    """Every recipient that was ever registered, by name, on its last terms."""
    last = {event.get("recipient"): event for event in events.of("recipient", ever=True) if event.done}
    given = Counter(name for event in events.of("release") if event.done for name in set(event.get("recipients") or []))
    return [
        Recipient(
            event.number,
            name,
            event.get("version"),
            event.get("terms"),
            event.get("expires"),
            event.get("expires") >= str(events.until),
            given[name],
        )
        for name, event in sorted(last.items())
    ]


def withdrawals(events: Events) -> list[Withdrawal]:
    """Those that were begun or finished in the report's days, or still ran on its last."""
    begun, done = dict[int, Event](), dict[int, Event]()
    for event in events.of("withdraw", ever=True):
        if not event.refused:
            (done if event.done else begun)[event.get("version")] = event
    found = []
    for version, first in sorted(begun.items()):
        last = done.get(version)
        if last is not None and last.day < events.since:
            continue
        end = events.until if last is None else last.day
        requested = first.get("requested")
        days = (end - dt.date.fromisoformat(requested)).days
        finished = None if last is None else last.entry.at
        found.append(Withdrawal(first.number, version, requested, first.entry.at, finished, days))
    return found


def places(events: Events) -> list[Places]:
    """The versions of the list that were registered in the report's days, or purged by in them."""
    purged = {e.get("version"): e for e in events.of("purge", ever=True) if e.done and e.get("by") == "places"}
    found, known = [], set[int]()
    for event in events.of("places", ever=True):
        version = event.get("version")
        if not event.done or version in known:
            continue  # an assessment that found the list complete: nothing was added
        known.add(version)
        last = purged.get(version) or next((purged[v] for v in sorted(purged) if v > version), None)
        if event.day < events.since and last is not None and last.day < events.since:
            continue
        days = ((events.until if last is None else last.day) - event.day).days
        found.append(
            Places(
                event.number,
                version,
                event.entry.at,
                event.get("assessed"),
                event.get("digest"),
                None if last is None else last.entry.at,
                days,
            )
        )
    return found


def retention(events: Events) -> list[Retained]:
    """The runs of the report's days."""
    return [
        Retained(e.number, e.entry.at, e.entry.actor, e.get("keys_until"), e.get("tables_until"))
        for e in events.of("retain")
        if e.done
    ]


def accounts(events: Events) -> list[Account]:
    """Who acted in the report's days; what the store logs by itself (charges) is not counted."""
    ours = [e for e in events.within if e.entry.act not in ("charge", "void")]
    found = []
    for name in sorted({event.entry.actor for event in ours}):
        acts = [event for event in ours if event.entry.actor == name and event.entry.outcome != "begun"]
        roles = sorted({event.entry.role for event in ours if event.entry.actor == name})
        releases = sum(event.entry.act == "release" and event.done for event in acts)
        found.append(Account(name, roles, len(acts), releases, sum(event.refused for event in acts)))
    return sorted(found, key=lambda account: (-account.acts, account.account))


def _admitted(event: Event) -> dt.date:
    """The last day of an admission, as :attr:`hereabouts.rules.suppliers.Supplier.last_day`."""
    expires, assessed = (dt.date.fromisoformat(event.get(name)) for name in ("expires", "assessed"))
    return min(expires, a_year_after(assessed))
