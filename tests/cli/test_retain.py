"""``hereabouts retain``: the schedule in public, and what was done by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

FIRST, SECOND = "2024-03-04/2024-03-11", "2024-03-11/2024-03-18"


def test_the_schedule(taken_site: Site) -> None:
    said = taken_site.run("retain", "--schedule").out.splitlines()
    assert said[0].startswith("retention schedule ")
    assert [line.partition(":")[0].strip() for line in said[1:3]] == ["60", "365"]
    assert said[3].strip() == "presence, stays and trips (cells, hours and bins) are kept"
    document = taken_site.ok("retain", "--schedule")
    assert set(document) == {"pseudonym_key_days", "open_days", "sealed_days", "digest"}


def test_what_it_says(taken_site: Site, copy: Copy) -> None:
    site = copy(taken_site)
    policy = site.store / "policy.toml"
    policy.write_text(policy.read_text().replace("sealed_days = 0", "sealed_days = 400"))
    done = site.run("retain")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[:6] == [
        f"{FIRST}: sealed, as it was overdue",
        f"{SECOND}: sealed, as it was overdue",
        f"{FIRST}: pseudonym key destroyed",
        f"{SECOND}: pseudonym key destroyed",
        f"{FIRST}: tables deleted",
        f"{SECOND}: tables deleted",
    ]
    assert "nobody in them can be found by an id" in lines[6]
    assert "cannot be measured any more" in lines[7]
    assert "  400: presence, stays and trips are deleted" in site.run("retain", "--schedule").out.splitlines()


def test_its_document(sealed_site: Site, copy: Copy) -> None:
    document = copy(sealed_site).ok("retain")
    assert (document["run"], document["sealed"], document["tables_until"]) == (1, [], None)
    assert document["keys_destroyed"] == [FIRST, SECOND]
