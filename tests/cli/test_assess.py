"""``hereabouts assess``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


def test_what_it_says(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    order = ("research", site.evidence, "--expires", "2099-12-31")
    said = site.run("assess", *order).out
    assert said.startswith("assessment 1 of research (")
    assert said.endswith("is in force until 2099-12-31\n")
    assert site.ok("assess", *order)["number"] == 2
    site.run("assess", "curiosity", *order[1:]).refuses(3, "'purpose'")
