"""Suppliers: admitted on evidence, for a time, by an operator, before anything of theirs is read."""

from __future__ import annotations

import hashlib
import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from hereabouts.errors import BadInputError, MachineError, RefusedError, UsageError
from hereabouts.log.entries import committed
from hereabouts.rules.suppliers import a_year_after, admit, registered, require_in_force
from hereabouts.state import reading
from tests.rules.conftest import Log

TODAY = date(2026, 3, 2)
LATER = date(2027, 3, 1)


@pytest.fixture
def engine(state: Engine) -> Engine:
    return state


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    path = tmp_path / "consent record.pdf"
    path.write_bytes(b"they all agreed")
    return path


def test_an_admitted_supplier_is_in_force(engine: Engine, evidence: Path) -> None:
    admitted = admit(engine, "acme", evidence, LATER, all_consented=True, today=TODAY)
    assert require_in_force(engine, "acme", TODAY) == admitted
    assert admitted.evidence_digest == hashlib.sha256(b"they all agreed").hexdigest()
    assert admitted.evidence_name == "consent record.pdf"
    assert (admitted.expires, admitted.all_consented) == (LATER, True)


def test_consent_of_all_is_never_assumed(engine: Engine, evidence: Path) -> None:
    assert not admit(engine, "acme", evidence, LATER, today=TODAY).all_consented


def test_an_unknown_supplier_is_refused(engine: Engine) -> None:
    with pytest.raises(RefusedError, match=r"'acme' was never admitted.*hereabouts supplier add acme") as refusal:
        require_in_force(engine, "acme", TODAY)
    assert refusal.value.rule == "supplier"


def test_an_admission_ends_with_its_last_day(engine: Engine, evidence: Path) -> None:
    admit(engine, "acme", evidence, LATER, today=TODAY)
    require_in_force(engine, "acme", LATER)
    with pytest.raises(RefusedError, match=r"expired on 2027-03-01.*renew it") as refusal:
        require_in_force(engine, "acme", LATER + timedelta(days=1))
    assert refusal.value.rule == "supplier"


def test_an_admission_can_be_renewed(engine: Engine, evidence: Path) -> None:
    admit(engine, "acme", evidence, TODAY, all_consented=True, today=TODAY)
    evidence.write_bytes(b"some agreed")
    renewed = admit(engine, "acme", evidence, LATER, today=TODAY + timedelta(days=5))
    assert require_in_force(engine, "acme", LATER) == renewed
    assert renewed.evidence_digest == hashlib.sha256(b"some agreed").hexdigest()
    assert not renewed.all_consented


def test_an_admission_that_is_over_admits_nobody(engine: Engine, evidence: Path) -> None:
    with pytest.raises(UsageError, match="expired on 2026-03-01"):
        admit(engine, "acme", evidence, TODAY - timedelta(days=1), today=TODAY)


@pytest.mark.parametrize("supplier_id", ["", "-x", "a b", "a/b", "é", "x" * 65, "a\n"])
def test_an_id_is_plain(engine: Engine, evidence: Path, supplier_id: str) -> None:
    with pytest.raises(UsageError, match="supplier id"):
        admit(engine, supplier_id, evidence, LATER, today=TODAY)


def test_evidence_is_a_file_with_something_in_it(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "empty.pdf").touch()
    for name, fault in [("none.pdf", "no such file"), ("empty.pdf", "is empty"), ("", "is not a file")]:
        with pytest.raises(BadInputError, match=fault):
            admit(engine, "acme", tmp_path / name, LATER, today=TODAY)
    with pytest.raises(RefusedError):
        require_in_force(engine, "acme", TODAY)


def test_evidence_that_may_not_be_read(engine: Engine, evidence: Path) -> None:
    evidence.chmod(0)
    us = os.geteuid()
    if us == 0:
        os.seteuid(65534)  # root may read everything, so be nobody for a moment
    try:
        with pytest.raises(MachineError, match="cannot read"):
            admit(engine, "acme", evidence, LATER, today=TODAY)
    finally:
        os.seteuid(us)


def test_an_assessment_holds_for_a_year(engine: Engine, evidence: Path) -> None:
    """SUP-ASSESS: initial and yearly; whoever is not assessed again is quarantined."""
    assessed = date(2026, 1, 31)
    supplier = admit(engine, "acme", evidence, date(2030, 1, 1), assessed=assessed, today=TODAY)
    assert (supplier.assessed, supplier.last_day) == (assessed, date(2027, 1, 31))
    require_in_force(engine, "acme", date(2027, 1, 31))
    with pytest.raises(RefusedError, match=r"'acme' was last assessed on 2026-01-31, over a year ago") as refusal:
        require_in_force(engine, "acme", date(2027, 2, 1))
    assert refusal.value.rule == "SUP-ASSESS"


def test_an_admission_counts_from_today_where_nothing_else_is_said(engine: Engine, evidence: Path) -> None:
    supplier = admit(engine, "acme", evidence, LATER, today=TODAY)
    assert (supplier.assessed, supplier.source, supplier.last_day) == (TODAY, "sdk", LATER)


@pytest.mark.parametrize("assessed", [TODAY + timedelta(days=1), TODAY - timedelta(days=366)])
def test_an_assessment_is_of_the_last_year(engine: Engine, evidence: Path, assessed: date) -> None:
    with pytest.raises(UsageError, match="expected one of the year up to today"):
        admit(engine, "acme", evidence, LATER, assessed=assessed, today=TODAY)
    assert registered(engine) == []


def test_an_assessment_of_a_year_ago_is_one(engine: Engine, evidence: Path) -> None:
    assert admit(engine, "acme", evidence, LATER, assessed=date(2025, 3, 2), today=TODAY).last_day == TODAY


def test_an_admission_is_logged_with_the_evidence_committed_to(engine: Engine, evidence: Path, log: Log) -> None:
    admit(engine, "acme", evidence, LATER, all_consented=True, source="other", today=TODAY)
    (entry,) = log()
    assert (entry.act, entry.outcome, entry.role) == ("supplier", "done", "operator")
    assert entry.facts == {
        "supplier": "acme",
        "expires": "2027-03-01",
        "assessed": "2026-03-02",
        "source": "other",
        "all_consented": True,
    }
    with reading(engine) as session:
        salt, document = session.execute(text("SELECT salt, document FROM log_entries")).one()
    assert document.decode() == hashlib.sha256(b"they all agreed").hexdigest()
    assert entry.commitment == committed(salt, document)


def test_feeds_of_ad_auctions_are_never_taken(engine: Engine, evidence: Path) -> None:
    """RTB-BAN: whatever the evidence says."""
    with pytest.raises(RefusedError, match="'acme' is said to take its pings from ad auctions") as refusal:
        admit(engine, "acme", evidence, LATER, source="bidstream", all_consented=True, today=TODAY)
    assert refusal.value.rule == "RTB-BAN"
    assert registered(engine) == []
    with pytest.raises(UsageError, match="expected sdk, bidstream, other"):
        admit(engine, "acme", evidence, LATER, source="sky", today=TODAY)  # type: ignore[arg-type]


def test_all_that_were_ever_admitted_are_listed(engine: Engine, evidence: Path) -> None:
    for name in ("b", "a"):
        admit(engine, name, evidence, LATER, source="other", today=TODAY)
    assert [(known.id, known.source) for known in registered(engine)] == [("a", "other"), ("b", "other")]


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2026, 3, 2), date(2027, 3, 2)),
        (date(2024, 2, 29), date(2025, 2, 28)),
        (date(2023, 2, 28), date(2024, 2, 28)),
    ],
)
def test_a_year_after_a_day(day: date, later: date) -> None:
    assert a_year_after(day) == later
