"""Supplier add: the store's today decides, and the evidence is digested, not copied."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING

import pytest

from hereabouts.acts import add_supplier
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
