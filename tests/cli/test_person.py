"""``hereabouts person``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rules.conftest import public, write_keys

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


def test_what_it_says(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    _, theirs = write_keys(site.folder, "noor")
    assert "'hereabouts person add' registers somebody" in site.run("person list").out
    assert site.run("person add", "noor", "--key", theirs).out == f"noor is registered, by the key {public('noor')}\n"
    assert site.run("person list").out == f"noor, by the key {public('noor')}\n"
    assert [person["account"] for person in site.ok("person list")] == ["noor"]
    assert site.run("person remove", "noor").out == "noor is registered no more\n"
    _, others = write_keys(site.folder, "omar")
    assert site.ok("person add", "omar", "--key", others)["number"] == 2
    assert site.ok("person remove", "omar")["account"] == "omar"
    site.run("person remove", "omar").refuses(2, "expected one of a registered person")
