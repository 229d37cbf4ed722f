"""``hereabouts intake``: a line a file, with what was dropped and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


def test_what_it_says(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    good = "a,2024-03-05T12:00:00Z,52.3,-1.1,true"
    one = site.csv([good] * 1200 + ["a,2024-03-05T12:00:00Z,0,0,true", "a,,1,1,true", "a,,1,1,true"], "one.csv")
    two = site.csv([good], "two.csv")
    done = site.run("intake", one, two, "--supplier", "acme")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "one.csv: 1,200 of 1,203 rows taken; dropped: 1 position, 2 unreadable",
        "two.csv: 1 of 1 rows taken; dropped: none",
    ]
    assert site.run("intake", two, "--supplier", "acme").out == "two.csv: was taken in before; nothing was done\n"


def test_its_document_is_the_receipts(empty_site: Site, copy: Copy) -> None:
    site = copy(empty_site)
    (receipt,) = site.ok("intake", site.csv(["a,2024-03-05T12:00:00Z,52.3,-1.1,true"]), "--supplier", "acme")
    assert set(receipt) == {
        "feed", "digest", "supplier", "profile", "again", "rows", "taken", "dropped", "windows",
    }  # fmt: skip
