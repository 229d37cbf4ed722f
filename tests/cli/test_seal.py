"""``hereabouts seal``: exact counts, which it calls confidential."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


def test_what_it_says(taken_site: Site, copy: Copy) -> None:
    site = copy(taken_site)
    done = site.run("seal")
    assert (done.code, done.err) == (0, "")
    first, second = done.out.splitlines()
    assert first.startswith("2024-03-04/2024-03-11: ")
    assert second.startswith("2024-03-11/2024-03-18: ")
    assert first.endswith(" trips (confidential)")
    assert site.run("seal").out == "no window is over and open: nothing to seal\n"


def test_until_a_day(taken_site: Site, copy: Copy) -> None:
    site = copy(taken_site)
    assert [window["window"] for window in site.ok("seal", "--until", "2024-03-17")] == ["2024-03-04/2024-03-11"]
    assert [window["window"] for window in site.ok("seal", "--until", "2024-03-18")] == ["2024-03-11/2024-03-18"]
    site.run("seal", "--until", "2024-03-18", "--all").refuses(2, "no --all beside it")
