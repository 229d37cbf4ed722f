"""Supplier add: the store's today decides, and the evidence is digested, not copied."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING

import pytest

from hereabouts.acts.suppliers import add_supplier, list_suppliers
from hereabouts.errors import UsageError

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

TODAY = dt.datetime.now(dt.UTC).date()


def test_an_admission_is_recorded_with_its_evidence(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    before = set(site.state())
    supplier = add_supplier("new", site.store, site.evidence, TODAY + dt.timedelta(days=1), all_consented=True)
    assert supplier.evidence_digest == hashlib.sha256(site.evidence.read_bytes()).hexdigest()
    assert (supplier.id, supplier.evidence_name, supplier.all_consented) == ("new", "evidence.txt", True)
    assert set(site.state()) == before


def test_it_is_in_force_to_the_end_of_its_last_day(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    add_supplier("new", site.store, site.evidence, TODAY)
    with pytest.raises(UsageError, match="admits nobody"):
        add_supplier("new", site.store, site.evidence, TODAY - dt.timedelta(days=2))


def test_it_can_be_renewed(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    add_supplier("acme", site.store, site.evidence, dt.date(2098, 1, 1))
    assert site.sql("SELECT expires FROM suppliers WHERE id = 'acme'") == [("2098-01-01",)]


def test_who_is_in_force_today(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    site.sql("UPDATE suppliers SET expires = '2020-01-01' WHERE id = 'acme'")
    assert {known.supplier.id: known.in_force for known in list_suppliers(site.store)} == {
        "acme": False,
        "trusted": True,
    }


def test_intake_asks_for_an_assessment_in_force(empty_site: Site, copy: Copy) -> None:
    """SUP-ASSESS: quarantined, exit 3, and nothing of the feed is read."""
    site = copy(empty_site)
    site.sql("UPDATE suppliers SET assessed = '2020-01-01' WHERE id = 'acme'")
    feed = site.csv(["a,2024-03-05T00:00:00Z,52.3,-1.1,true"])
    site.run("intake", feed, "--supplier", "acme").refuses(3, "SUP-ASSESS", "'acme'", "supplier add acme")
