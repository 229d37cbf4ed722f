"""``hereabouts stop``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


def test_what_it_says(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    said = site.run("stop", "--reason", "A doubt.").out
    assert said == "stop order 1 is in force: nothing is taken in, and nothing is released\n"
    assert site.run("stop", "--lift").out == "stop order 1 is lifted\n"
    assert site.ok("stop", "--reason", "A doubt.")["number"] == 2
    assert site.ok("stop", "--lift")["reason"] == "A doubt."
    for order in ((), ("--lift", "--reason", "A doubt.")):
        done = site.run("stop", *order)
        assert done.code == 2
        assert "expected one of --reason TEXT" in done.err
