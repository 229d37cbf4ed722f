"""``hereabouts supplier add`` and ``list`` (SUP-ASSESS, RTB-BAN)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hereabouts.rules.suppliers import a_year_after

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

TODAY = dt.datetime.now(dt.UTC).date()


def test_what_it_says(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    order = ("new", "--consent-evidence", site.evidence, "--expires", "2099-06-30")
    year = a_year_after(TODAY)
    assert site.run("supplier add", *order).out == f"supplier new is admitted until {year}\n", "an assessment's year"
    soon = site.run("supplier add", *order[:-1], TODAY)
    assert soon.out == f"supplier new is admitted until {TODAY}\n"
    document = site.ok("supplier add", *order, "--all-consented", "--assessed", TODAY, "--source", "other")
    assert (document["all_consented"], document["assessed"], document["source"]) == (True, str(TODAY), "other")
    assert len(document["evidence_digest"]) == 64


def test_what_comes_from_ad_auctions_is_refused(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    before = site.state()
    order = ("new", "--consent-evidence", site.evidence, "--expires", "2099-06-30", "--source", "bidstream")
    site.run("supplier add", *order).refuses(3, "RTB-BAN", "new", "ad auctions")
    assert site.state() == before


def test_who_may_hand_in(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    site.sql("UPDATE suppliers SET assessed = '2020-05-01' WHERE id = 'trusted'")
    year = a_year_after(TODAY)
    assert site.run("supplier list").out.splitlines() == [
        f"acme: in force until {year}, assessed {TODAY}, sdk, consent by row",
        "trusted: not in force since 2021-05-01, assessed 2020-05-01, sdk, all consented",
    ]
    assert [known["in_force"] for known in site.ok("supplier list")] == [True, False]
    site.sql("DELETE FROM suppliers")
    assert "'hereabouts supplier add' admits one" in site.run("supplier list").out


def test_a_date_is_a_date(empty_site: Site) -> None:
    done = empty_site.run("supplier add", "new", "--consent-evidence", empty_site.evidence, "--expires", "tomorrow")
    assert done.code == 2
    assert "'tomorrow' does not match the format '%Y-%m-%d'" in done.err
