"""A made-up year of a store's log: 200 requests, 12 of them refused, a stop order, an incident.

    python tools/made_up_year.py OUT

writes OUT/state.sqlite and OUT/log, through the code that every store's log is written with and by a made-up clock;
then ``hereabouts log report --log OUT/log --out DIR`` makes its transparency report. What was made is counted here as
it is made, so that a test can hold the report against it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy.orm import Session

from hereabouts.log import entries
from hereabouts.log.actor import acting_as
from hereabouts.log.folder import LogFolder
from hereabouts.log.note import Signer
from hereabouts.privacy.accounting import rho_of
from hereabouts.rules.purposes import load_purposes
from hereabouts.state import writing
from hereabouts.state.database import open_state, sqlite_url

SIGNER = Signer.of("hereabouts/5d0c6f1e9a8b47c2a1b3c4d5e6f70819", bytes(range(32)))
YEAR = 2025
DELTA = 1e-6
REQUESTS = 200
FREE = 30
"""Requests that were answered with what had been measured before."""
REFUSED = {
    20: "purpose", 41: "budget", 57: "assessment", 63: "embargo", 78: "budget", 82: "stop", 83: "stop",
    121: "two-persons", 132: "review", 140: "RECIP", 171: "embargo", 188: "assessment",
}  # fmt: skip
"""By which rule which request was refused."""
STOPPED = (
    dt.datetime(YEAR, 6, 17, 9, 12, tzinfo=dt.UTC),
    dt.datetime(YEAR, 6, 24, 16, 40, tzinfo=dt.UTC),
)
OVERDUE = STOPPED[0] + dt.timedelta(days=85), STOPPED[0] + dt.timedelta(days=87)
"""When the review of the log was overdue."""
ANALYSTS = ("a.okafor", "m.lindqvist", "j.tanaka", "r.silva")
PURPOSES = ("transport-planning", "transport-planning", "public-health", "official-statistics", "disaster-response")
_EXPIRES = {"public-health": f"{YEAR}-05-06", "official-statistics": f"{YEAR}-12-09"}
RECIPIENTS = ("city-transport", "health-institute", "statistics-office")


@dataclass
class Made:
    """What was made, counted while it was.

    Attributes
    ----------
    answers
        Requests by answer.
    rules
        Refusals of any act by rule.
    rho
        What stands, by window.
    """

    answers: Counter[str] = field(default_factory=Counter)
    purposes: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    rho: dict[str, Fraction] = field(default_factory=dict)
    given_back: list[int] = field(default_factory=list)
    unpublished: list[int] = field(default_factory=list)
    blocked: int = 0
    entries: int = 0


class _Year:
    """Collects what happened, each with its time: it is appended in order at the end."""

    def __init__(self) -> None:
        self.made = Made()
        self._acts: list[tuple[dt.datetime, int, str, str, dict[str, Any], dict[str, Any]]] = []
        self._charge = 0

    def add(self, at: dt.datetime, who: str, act: str, facts: dict[str, Any] | None = None, **more: Any) -> None:
        self._acts.append((at, len(self._acts), who, act, facts or {}, more))
        if "rule" in more:
            self.made.rules[more["rule"]] += 1
            self.made.blocked += more["rule"] == "stop"

    def charge(self, at: dt.datetime, who: str, window: str, epsilon: float) -> tuple[int, Fraction]:
        self._charge += 1
        rho = rho_of(epsilon, DELTA)
        facts = {"charge": self._charge, "window": window, "rho": str(rho)}
        self.add(at, who, "charge", facts | {"epsilon": repr(epsilon), "delta": repr(DELTA)})
        self.made.rho[window] = self.made.rho.get(window, Fraction(0)) + rho
        return self._charge, rho

    def append(self, session: Session) -> None:
        for place, (at, _, who, act, facts, more) in enumerate(sorted(self._acts)):
            if act == "review":
                facts["up_to"] = place - 1
            clock = mock.Mock(time=lambda at=at: at.timestamp())
            with mock.patch.object(entries, "time", clock), acting_as(who):
                entries.append(session, act, facts, **more)
        self.made.entries = len(self._acts)


def write_made_up_year(folder: Path) -> Made:
    """Write a state and a log into a folder, which must exist; gives what is in it.

    Parameters
    ----------
    folder
        Gets ``state.sqlite`` and ``log``.
    """
    year = _Year()
    _begin(year)
    _weeks(year)
    _requests(year)
    _oversight(year)
    state = open_state(sqlite_url(folder / "state.sqlite"), create=True)
    with writing(state) as session:
        year.append(session)
    LogFolder(folder / "log", _writer(folder / "log")).publish(state, SIGNER)
    return year.made


def _begin(year: _Year) -> None:
    at = _at(1, 2, 8, 30)
    store = SIGNER.name.removeprefix("hereabouts/")
    facts = {"store": store, "timezone": "Europe/Lisbon", "window_length": "P7D", "resolution": 8}
    year.add(at, "ops.mendes", "init", facts)
    year.add(at, "ops.mendes", "policy", _policy(1, 7), document=b"policy")
    year.add(at, "ops.mendes", "officer", {"name": "d.ferreira", "key": _hash("d.ferreira", 0), "number": 1})
    for number, name in enumerate(("d.ferreira", *ANALYSTS), 1):
        year.add(at, "d.ferreira", "person", {"name": name, "key": _hash(name, 0), "number": number}, role="officer")
    for supplier, expires in (("acme-apps", "2026-06-30"), ("telco-one", "2025-10-31")):
        year.add(at, "ops.mendes", "supplier", _supplier(supplier, expires), document=b"evidence")
    wrong = {"rule": "RTB-BAN", "outcome": "refused"}
    year.add(at + dt.timedelta(days=40), "ops.mendes", "supplier", {"supplier": "bid-data"}, **wrong)
    filed = [(purpose, at, _EXPIRES.get(purpose, "2026-06-30")) for purpose in dict.fromkeys(PURPOSES)]
    filed += [("public-health", _at(5, 10, 11), "2026-05-10"), ("official-statistics", _at(12, 14, 9), "2026-12-14")]
    for number, (purpose, day, expires) in enumerate(filed, 1):
        facts = {"assessment": number, "purpose": purpose, "digest": _hash(purpose, number), "approver": "d.ferreira"}
        year.add(day, "d.ferreira", "assess", facts | {"expires": expires}, role="officer")
    for number, name in enumerate(RECIPIENTS, 1):
        facts = {"recipient": name, "number": number, "version": 1, "terms": _hash("terms", 1), "expires": "2026-03-31"}
        year.add(at, "d.ferreira", "recipient", facts, role="officer")
    year.add(_at(9, 1, 10), "d.ferreira", "policy", _policy(2, 14), document=b"policy", role="officer")


def _weeks(year: _Year) -> None:
    facts: dict[str, Any]
    for week in range(52):
        monday = _at(1, 6, 3, 15) + dt.timedelta(weeks=week)
        for hour, supplier in enumerate(("acme-apps", "telco-one")):
            at, facts = monday + dt.timedelta(hours=hour), {"supplier": supplier}
            if STOPPED[0] < at < STOPPED[1]:
                year.add(at, "ops.mendes", "intake", facts, outcome="refused", rule="stop")
            elif supplier == "telco-one" and at > _at(11, 1, 0):
                if week % 4 == 0:
                    year.add(at, "ops.mendes", "intake", facts, outcome="refused", rule="supplier")
            else:
                year.add(at, "ops.mendes", "intake", facts, outcome="begun")
                year.add(at + dt.timedelta(minutes=20), "ops.mendes", "intake", facts, document=b"receipt")
        facts = {"until": None, "everything": False}
        year.add(monday + dt.timedelta(hours=3), "ops.mendes", "seal", facts, document=b"windows")
    for month in range(1, 13):
        at = _at(month, 28, 4)
        facts = {
            "schedule": _hash("schedule", 1),
            "keys_until": f"{YEAR - 1}-{month:02d}-28T04:00:00+00:00",
            "tables_until": None,
        }
        year.add(at, "ops.mendes", "retain", facts, document=b"receipt")


def _requests(year: _Year) -> None:
    """One in 1.8 days; each of the window that ended two or three weeks before."""
    descriptions, paid = load_purposes(), list[tuple[int, Fraction, str, float, str]]()
    step = (_at(12, 30, 0) - _at(2, 3, 0)) / (REQUESTS - 1)
    free = {n for n in range(10, REQUESTS) if n % 6 == 5 and n not in REFUSED}
    facts: dict[str, Any]
    for number in range(REQUESTS):
        at = _at(2, 3, 10) + number * step
        for began, ended, halted in ((*STOPPED, "stop"), (*OVERDUE, "review")):
            if REFUSED.get(number) == halted:
                at = began + dt.timedelta(days=1, hours=number % 3)
            elif began < at < ended:
                at = ended + dt.timedelta(hours=number % 9 + 1)
        who, purpose = ANALYSTS[number % 4], PURPOSES[number % 5]
        window = _window(at - dt.timedelta(weeks=1 if REFUSED.get(number) == "embargo" else 3 + number % 2))
        rule = REFUSED.get(number)
        if rule is not None:
            purpose = "not listed" if rule == "purpose" else purpose
            facts = {"window": window, "purpose": purpose}
            year.add(at, who, "release", facts, outcome="refused", rule=rule, document=b"plan")
            year.made.answers["refused"] += 1
        else:
            again = number in free and year.made.answers["again"] < FREE
            if again:
                charge, rho, window, epsilon, purpose = paid[-1 - number % 5]
            else:
                epsilon = (0.5, 0.5, 1.0)[number % 3]
                charge, rho = year.charge(at, who, window, epsilon)
                paid.append((charge, rho, window, epsilon, purpose))
            facts = {
                "window": window,
                "purpose": purpose,
                "dpv": descriptions[purpose].dpv,
                "policy": "regulated",
                "statistics": ["flows", "presence"],
                "finest_resolution": 7,
                "epsilon": repr(epsilon),
                "delta": repr(DELTA),
                "rho": str(rho),
                "charge": charge,
                "again": again,
                "stale": False,
                "manifest": _hash("manifest", number),
                "officer": "d.ferreira",
                "approver": ANALYSTS[(number + 1) % 4],
                "recipients": [RECIPIENTS[number % 3]],
                "assessment": 1 + list(dict.fromkeys(PURPOSES)).index(purpose),
            }
            signed = {"plan": _hash("plan", number), "approver": facts["approver"], "signature": "00" * 64}
            year.add(at - dt.timedelta(hours=2), facts["approver"], "sign", signed, role="approver")
            year.add(at + dt.timedelta(minutes=3), who, "release", facts, document=b"plan")
            year.made.answers["again" if again else "released"] += 1
        year.made.purposes[purpose] += 1
    for day in (_at(4, 9, 15), _at(10, 2, 11)):
        window = _window(day - dt.timedelta(weeks=3))
        charge, rho = year.charge(day, ANALYSTS[1], window, 0.5)
        year.add(day + dt.timedelta(hours=1), ANALYSTS[1], "void", {"charge": charge})
        year.made.rho[window] -= rho
        year.made.given_back.append(charge)
    day = _at(11, 20, 9)
    year.made.unpublished.append(year.charge(day, ANALYSTS[2], _window(day - dt.timedelta(weeks=3)), 0.5)[0])


def _oversight(year: _Year) -> None:
    facts: dict[str, Any]
    year.add(STOPPED[0], ANALYSTS[3], "stop", {"order": 1}, document=b"reason")
    year.add(STOPPED[1], "d.ferreira", "resume", {"order": 1}, role="officer")
    reviewed = [_at(1, 27, 14) + dt.timedelta(days=28 * number) for number in range(13) if number != 8]
    reviewed[7] = OVERDUE[0] - dt.timedelta(days=30)  # and the next one is late
    for number, at in enumerate(sorted([*reviewed, OVERDUE[1]]), 1):
        noted = at.month == STOPPED[1].month + 1
        facts = {"review": number, "incidents": int(noted)}
        year.add(at, "d.ferreira", "review", facts, role="officer", document=b"findings" if noted else None)
    for version, (requested, begun, ended) in enumerate(
        [((2, 3), (2, 5), (2, 5)), ((5, 11), (5, 20), (5, 21)), ((10, 30), (11, 3), (11, 4))], 1
    ):
        facts = {"version": version, "requested": f"{YEAR}-{requested[0]:02d}-{requested[1]:02d}"}
        year.add(_at(*begun, 9), "ops.mendes", "withdraw", facts, outcome="begun")
        year.add(_at(*ended, 9, 30), "ops.mendes", "withdraw", facts, document=b"receipt")
    for version, (month, day) in enumerate([(1, 2), (5, 6)], 1):
        at = _at(month, day, 12)
        facts = {"version": version, "digest": _hash("places", version), "assessed": str(at.date())}
        year.add(at, "ops.mendes", "places", facts)
        year.add(
            at + dt.timedelta(days=version - 1, hours=1), "ops.mendes", "purge", {"by": "places", "version": version}
        )


def _policy(version: int, embargo: int) -> dict[str, Any]:
    return {
        "version": version,
        "policy": "regulated",
        "requires": ["officer", "assessment", "second_signature"],
        "review_days": 30,
        "embargo_days": embargo,
        "finest_resolution": 7,
        "epsilon": "2.0",
        "delta": repr(DELTA),
        "retention": ["pseudonym_key_days=365", "open_days=60", "sealed_days=0"],
    }


def _supplier(name: str, expires: str) -> dict[str, Any]:
    return {
        "supplier": name,
        "expires": expires,
        "assessed": f"{YEAR}-01-02",
        "source": "sdk",
        "all_consented": name == "telco-one",
    }


def _at(month: int, day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(YEAR, month, day, hour, minute, tzinfo=dt.UTC)


def _hash(what: str, number: int) -> str:
    return hashlib.sha256(f"{what} {number}".encode()).hexdigest()


def _window(at: dt.datetime) -> str:
    monday = at.date() - dt.timedelta(days=at.weekday())
    return f"{monday}/{monday + dt.timedelta(days=7)}"


def _writer(folder: Path) -> Any:
    def write(path: str, content: bytes) -> None:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    return write


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write a made-up year's log: see 'hereabouts log report --log'.")
    parser.add_argument("out", type=Path, help="folder of the log")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    print(write_made_up_year(out))
