"""``hereabouts supplier add``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


def test_what_it_says(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    order = ("new", "--consent-evidence", site.evidence, "--expires", "2099-06-30")
    assert site.run("supplier add", *order).out == "supplier new is admitted until 2099-06-30\n"
    document = site.ok("supplier add", *order, "--all-consented")
    assert document["all_consented"] is True
    assert len(document["evidence_digest"]) == 64


def test_a_date_is_a_date(empty_site: Site) -> None:
    done = empty_site.run("supplier add", "new", "--consent-evidence", empty_site.evidence, "--expires", "tomorrow")
    assert done.code == 2
    assert "'tomorrow' does not match the format '%Y-%m-%d'" in done.err
