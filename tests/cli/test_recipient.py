"""``hereabouts recipient`` (RECIP)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


def test_what_it_says(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    assert "'hereabouts recipient add' registers somebody" in site.run("recipient list").out
    order = ("city", "--terms", site.evidence, "--expires", "2099-12-31")
    assert site.run("recipient add", *order).out == "city may be given releases until 2099-12-31, on terms 1\n"
    assert site.ok("recipient add", *order)["version"] == 1
    assert site.run("recipient list").out.startswith("city: terms 1 (")
    assert [known["name"] for known in site.ok("recipient list")] == ["city"]
