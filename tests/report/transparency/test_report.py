"""The report of a made-up year says what was made; what it says to machines is what it says to people."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from hereabouts.log.entries import Entry
from hereabouts.log.reading import numbered_entries
from hereabouts.report.transparency.report import Log, Report, make_report

if TYPE_CHECKING:
    from tests.report.transparency.conftest import Year


def test_200_requests_12_refusals_a_stop_order_and_an_incident(year: Year) -> None:
    report, made = year.report, year.made
    assert len(report.requests) == 200
    assert {kind: report.answered(kind) for kind in ("released", "again", "refused")} == dict(made.answers)
    assert report.answered("refused") == 12
    assert (len(report.stops), report.incidents) == (1, 1)
    assert report.entries == made.entries


def test_its_figures_are_what_was_made(year: Year) -> None:
    report, made = year.report, year.made
    assert {tally.name: tally.asked for tally in report.by_purpose} == dict(made.purposes)
    assert Counter(refusal.rule for refusal in report.refusals) == made.rules
    assert sum(tally.asked for tally in report.by_month) == 200
    assert [tally.name for tally in report.by_month] == [f"2025-{month:02d}" for month in range(1, 13)]
    assert {window.window: window.whole.rho for window in report.spent.windows} == made.rho
    assert report.spent.whole.rho == sum(made.rho.values(), Fraction(0))
    assert report.spent.given_back == made.given_back
    assert report.spent.unpublished == made.unpublished
    (stop,) = report.stops
    assert len(stop.blocked) == made.blocked == made.rules["stop"]
    assert (stop.days, stop.lifted_by) == (7, "d.ferreira")
    assert [review.on_time for review in report.reviews.made].count(False) == 1
    assert not report.reviews.overdue
    assert [each.days for each in report.withdrawals] == [2, 10, 5]
    assert [(each.version, each.days) for each in report.places] == [(1, 0), (2, 1)]
    assert {each.supplier: each.in_force for each in report.suppliers} == {"acme-apps": True, "telco-one": False}
    assert sum(each.releases for each in report.recipients) == 188
    assert [each.facts["embargo_days"] for each in report.policies] == [7, 14]


def test_part_of_a_year_is_of_its_days_and_knows_what_was_in_force(year: Year) -> None:
    since, until = dt.date(2025, 6, 1), dt.date(2025, 6, 30)
    part = make_report(year.report.log, numbered_entries(year.log, year.report.log.size), since, until)
    june = [request for request in year.report.requests if request.at.startswith("2025-06")]
    assert part.requests == june
    assert [tally.name for tally in part.by_month] == ["2025-06"]
    assert len(part.stops) == 1
    assert [each.facts["version"] for each in part.policies] == [1]
    assert 0 < part.spent.now.rho < part.spent.whole.rho < year.report.spent.whole.rho
    assert part.spent.given_back == []
    assert len(part.suppliers) == 2


def test_the_document_says_what_the_report_says(year: Year) -> None:
    document = json.loads(year.report.to_json())
    assert document["totals"] == {"requests": 200, "released": 158, "again": 30, "refused": 12, "incidents": 1}
    assert Fraction(document["spent"]["whole"]["rho"]) == year.report.spent.whole.rho
    assert len(document["requests"]) == 200
    assert document["log"]["key"] == year.key
    assert document["reviews"]["overdue"] is False


LOG = Log("log", 0, "00" * 32, None, [])


def of(*entries: Entry, until: dt.date | None = None) -> Report:
    return make_report(LOG, enumerate(entries), until=until)


def entry(day: str, act: str, facts: dict[str, object], outcome: str = "done", rule: str | None = None) -> Entry:
    return Entry(f"{day}T12:00:00+00:00", "ana", "operator", act, outcome, rule, facts, None)  # type: ignore[arg-type]


POLICY = {"epsilon": "2.0", "delta": "1e-06", "review_days": 30}


def test_an_empty_log_has_a_report() -> None:
    report = of()
    assert (report.requests, report.spent.windows, report.reviews.made) == ([], [], [])
    assert json.loads(report.to_json())["totals"]["requests"] == 0


def test_a_stop_order_that_stands_is_said_to_stand() -> None:
    report = of(
        entry("2026-01-01", "stop", {"order": 1}),
        entry("2026-01-03", "intake", {"supplier": "acme"}, "refused", "stop"),
        until=dt.date(2026, 1, 9),
    )
    (stop,) = report.stops
    assert (stop.lifted, stop.days, len(stop.blocked)) == (None, 8, 1)


def test_a_review_that_is_overdue_is_said_to_be() -> None:
    begun = entry("2026-01-01", "policy", POLICY)
    review = entry("2026-01-31", "review", {"review": 1, "up_to": 0, "incidents": 0})
    (made,) = of(begun, review).reviews.made
    assert (made.waited, made.on_time) == (30, True)
    late = Entry("2026-01-31T12:00:01+00:00", *list(review.__dict__.values())[1:])
    (made,) = of(begun, late).reviews.made
    assert (made.waited, made.on_time) == (31, False), "a second is enough, as it is for the rule"
    assert of(begun, until=dt.date(2026, 1, 31)).reviews.overdue
    assert not of(begun, until=dt.date(2026, 1, 30)).reviews.overdue


def test_a_withdrawal_that_is_not_finished_is_said_to_run() -> None:
    begun = entry("2026-01-05", "withdraw", {"version": 1, "requested": "2026-01-01"}, "begun")
    (withdrawal,) = of(begun, until=dt.date(2026, 2, 20)).withdrawals
    assert (withdrawal.finished, withdrawal.days) == (None, 50)


def test_a_charge_that_is_void_is_not_spent_and_one_without_a_release_is() -> None:
    charges = [entry("2026-01-05", "charge", {"charge": number, "window": "w", "rho": "1/64"}) for number in (1, 2, 3)]
    report = of(
        entry("2026-01-01", "policy", POLICY),
        *charges,
        entry("2026-01-06", "void", {"charge": 2}),
        entry("2026-01-06", "release", {"charge": 1, "rho": "1/64", "window": "w", "purpose": "research"}),
    )
    (window,) = report.spent.windows
    assert (window.whole.rho, window.charges) == (Fraction(1, 32), 2)
    assert (report.spent.given_back, report.spent.unpublished) == ([2], [3])
    assert report.spent.budget is not None
    assert window.share == float(Fraction(1, 32) / report.spent.budget.rho)
