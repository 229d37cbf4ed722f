"""``hereabouts review``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


def test_what_it_says(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    said = site.run("review", "--up-to", 0).out
    assert said.startswith("review 1 by ")
    assert said.endswith("up to entry 0: no incident\n")
    assert "2 incidents" in site.run("review", "--up-to", 1, "--incident", "a", "--incident", "b").out
    assert site.ok("review", "--up-to", 1, "--incident", "c")["incidents"] == ["c"]
