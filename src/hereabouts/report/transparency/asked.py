"""What was asked: releases that were let out or refused, by whom, for which purpose, by which rule; other refusals."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from hereabouts.report.transparency.events import Event, Events

Answer = Literal["released", "again", "refused"]
"""``released``: measured and paid for; ``again``: published from what was paid for before; ``refused``."""

ANSWERS: tuple[Answer, ...] = ("released", "again", "refused")


@dataclass(frozen=True)
class Request:
    """One plan that somebody asked to release.

    Attributes
    ----------
    number
        Of its entry.
    answer
        See :data:`Answer`.
    rule
        By which it was refused.
    rho
        What the measurement cost, exact; again or not.
    charge
        Number of the charge that paid for it.
    manifest
        SHA-256 of the release's manifest, in hex.
    """

    number: int
    at: str
    actor: str
    role: str
    purpose: str
    dpv: str | None
    window: str
    answer: Answer
    rule: str | None
    statistics: list[str]
    finest_resolution: int | None
    rho: Fraction | None
    epsilon: str | None
    delta: str | None
    charge: int | None
    stale: bool
    approver: str | None
    recipients: list[str]
    assessment: int | None
    manifest: str | None


@dataclass(frozen=True)
class Refusal:
    """Anything that a rule refused."""

    number: int
    at: str
    actor: str
    role: str
    act: str
    rule: str
    purpose: str | None
    window: str | None
    supplier: str | None


@dataclass(frozen=True)
class Tally:
    """How requests of one kind were answered."""

    name: str
    released: int
    again: int
    refused: int

    @property
    def asked(self) -> int:
        """How many there were."""
        return self.released + self.again + self.refused


def requests(events: Events) -> list[Request]:
    """The requests of the report's days, in order."""
    return [_request(event) for event in events.of("release")]


def refusals(events: Events) -> list[Refusal]:
    """Everything that was refused in the report's days, in order."""
    return [
        Refusal(
            event.number,
            event.entry.at,
            event.entry.actor,
            event.entry.role,
            event.entry.act,
            event.entry.rule or "",
            event.get("purpose"),
            event.get("window"),
            event.get("supplier"),
        )
        for event in events.within
        if event.refused
    ]


def tallies(named: list[tuple[str, Request]], order: list[str] | None = None) -> list[Tally]:
    """Count requests by a name of each: most asked first, or in an order."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in order or []}
    for name, request in named:
        counts.setdefault(name, Counter())[request.answer] += 1
    found = [Tally(name, *(count[answer] for answer in ANSWERS)) for name, count in counts.items()]
    return found if order else sorted(found, key=lambda tally: (-tally.asked, tally.name))


def months(events: Events, asked: list[Request]) -> list[Tally]:
    """Count requests by month of the report's days, those without any too; by year where there are many."""
    first, last = events.since, events.until
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    if count > 36:
        return tallies([(r.at[:4], r) for r in asked], [str(year) for year in range(first.year, last.year + 1)])
    numbers = range(first.year * 12 + first.month - 1, first.year * 12 + first.month - 1 + count)
    return tallies([(r.at[:7], r) for r in asked], [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in numbers])


def _request(event: Event) -> Request:
    entry = event.entry
    answer: Answer = "refused" if event.refused else "again" if event.get("again") else "released"
    rho = event.get("rho")
    return Request(
        number=event.number,
        at=entry.at,
        actor=entry.actor,
        role=entry.role,
        purpose=event.get("purpose") or "not said",
        dpv=event.get("dpv"),
        window=event.get("window") or "not said",
        answer=answer,
        rule=entry.rule,
        statistics=_list(event.get("statistics")),
        finest_resolution=event.get("finest_resolution"),
        rho=None if rho is None else Fraction(rho),
        epsilon=event.get("epsilon"),
        delta=event.get("delta"),
        charge=event.get("charge"),
        stale=bool(event.get("stale")),
        approver=event.get("approver"),
        recipients=_list(event.get("recipients")),
        assessment=event.get("assessment"),
        manifest=event.get("manifest"),
    )


def _list(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [] if value is None else [str(value)]
