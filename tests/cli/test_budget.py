"""``hereabouts budget``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


def test_what_it_says(taken_site: Site) -> None:
    done = taken_site.run("budget")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "each window may spend epsilon 2 at delta 1e-06",
        "every other window has all of it left",
        "a device in every window has spent epsilon 0 over its life in this store",
        "(costs add up in rho, not in epsilon; a device is not a person, who may have two)",
    ]


def test_a_window_that_was_charged(sealed_site: Site, copy: Copy) -> None:
    site = copy(sealed_site)
    site.ok("release", site.plan(), "--out", site.folder / "release")
    said = site.run("budget").out.splitlines()
    assert "2024-03-04/2024-03-11: epsilon 1 spent (0.9374 by a tighter bound), 1.679 left" in said
    life = "a device in every window has spent epsilon 1 (0.9374 by a tighter bound) over its life in this store"
    assert life in said
    spent = site.ok("budget")["windows"][0]["spent"]
    assert set(spent) == {"rho", "epsilon", "restated"}


def test_looking_changes_nothing(sealed_site: Site, copy: Copy) -> None:
    site = copy(sealed_site)
    before = site.state()
    document = site.ok("budget")
    assert site.state() == before
    assert set(document) == {"whole", "delta", "windows", "lifetime", "sharing"}
    assert document["windows"] == []
