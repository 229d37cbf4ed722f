"""``hereabouts preview``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Site


def test_what_it_says(sealed_site: Site) -> None:
    done = sealed_site.run("preview", sealed_site.plan())
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "plan 'weekday movement' on window 2024-03-04/2024-03-11: would be released"
    assert "costs epsilon 1 at delta 1e-06" in lines[1]
    assert lines[1].endswith("1.68 would be left then")
    for words in ("What is measured", "presence, resolution 5, hours", "presence 5/PT1H", "flows 5/P7D", "sharpened"):
        assert words in done.out


def test_the_document(sealed_site: Site) -> None:
    found = sealed_site.ok("preview", sealed_site.plan())
    assert found["refused"] is None
    hourly = next(level for level in found["levels"] if level["period"] == "PT1H")
    assert hourly["published_from"][0] == max(20, 1.96 * hourly["noise_sd"][0] / 0.5)


def test_a_plan_that_would_be_refused_is_told_in_full_and_ends_as_a_release_would(sealed_site: Site) -> None:
    done = sealed_site.run("preview", sealed_site.plan(epsilon=3.0))
    assert done.code == 3
    assert done.err.startswith("hereabouts: refused by rule 'budget': ")
    assert "would be refused by rule 'budget'" in done.out
    assert "that is too little" in done.out
    assert "presence 5/PT1H" in done.out
    document = sealed_site.run("preview", sealed_site.plan(epsilon=3.0), "--json")
    assert (document.code, document.json["refused"]["rule"]) == (3, "budget")


def test_a_plan_that_is_none_says_nothing_else(sealed_site: Site) -> None:
    sealed_site.run("preview", sealed_site.plan(statistics=["homes"])).refuses(2, "statistics")


def test_nothing_is_asked_of_rows_that_are_all_published(sealed_site: Site) -> None:
    done = sealed_site.run("preview", sealed_site.plan(minimum=0, max_relative_halfwidth=float("inf")))
    assert "Published are rows of at least 0:" in done.out
