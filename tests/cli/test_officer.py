"""``hereabouts officer``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rules.conftest import public, write_keys

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


def test_what_it_says(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    mine, theirs = write_keys(site.folder, "ines")
    _, noors = write_keys(site.folder, "noor")
    assert site.ok("officer show") is None
    assert "'hereabouts officer appoint' appoints somebody" in site.run("officer show").out
    appointed = site.run("officer appoint", "ines", "--key", theirs)
    assert appointed.out == f"ines answers for this store, by the key {public('ines')}\n"
    assert site.run("officer show").out == f"ines, by the key {public('ines')}\n"
    assert site.ok("officer show")["account"] == "ines"
    assert site.ok("officer appoint", "noor", "--key", noors, "--officer-key", mine)["account"] == "noor"
    site.run("officer appoint", "omar", "--key", site.evidence).refuses(4, "evidence.txt", "Ed25519 public key")
