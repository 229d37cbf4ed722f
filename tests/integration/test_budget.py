"""Paying: once for each measurement, never beyond the budget, never for what is refused."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from tests.conftest import Command, Copy, Site

FIRST, SECOND = "2024-03-04/2024-03-11", "2024-03-11/2024-03-18"
ALL_ROWS = {"minimum": 0, "max_relative_halfwidth": float("inf")}


def figures(folder: Path) -> dict[str, Any]:
    return {table: pq.read_table(folder / f"{table}.parquet") for table in ("presence", "flows")}


@pytest.fixture(scope="module")
def paid(town: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A store whose first window has paid for one release, in ``release``: half of its epsilon."""
    site = town.copy(tmp_path_factory.mktemp("paid") / "site")
    site.ok("release", site.plan(), "--out", site.folder / "release")
    return site


def test_the_same_plan_again_gives_the_same_figures_for_nothing(paid: Site, copy: Copy) -> None:
    site = copy(paid)
    before = site.state()
    document = site.ok("release", site.plan(), "--out", site.folder / "again")
    assert (document["again"], document["spent"]) == (True, 0.0)
    assert figures(site.folder / "again") == figures(site.folder / "release")
    assert site.state() == before
    assert "measured before, nothing was spent" in site.run("release", site.plan(), "--out", site.folder / "third").out


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "another name"},
        {"purpose": "urban-planning"},
        ALL_ROWS,
        {"epsilon": 1},
        {"statistics": ["flows", "presence"]},
    ],
    ids=["name", "purpose", "publish", "written otherwise", "order"],
)
def test_the_same_measurement_published_otherwise_is_free(paid: Site, copy: Copy, changes: dict[str, Any]) -> None:
    site = copy(paid)
    before = site.state()
    assert site.ok("release", site.plan(**changes), "--out", site.folder / "again")["again"] is True
    assert site.state() == before
    rows = {table: found.num_rows for table, found in figures(site.folder / "again").items()}
    if changes == ALL_ROWS:
        assert rows["presence"] > figures(site.folder / "release")["presence"].num_rows
    else:
        assert figures(site.folder / "again") == figures(site.folder / "release")


def test_beyond_the_budget_is_refused_and_says_what_is_left(paid: Site, copy: Copy) -> None:
    """Epsilons do not add up, rhos do: of 2 at delta 1e-6, 1.68 are left when 1 is gone."""
    site = copy(paid)
    before = site.state()
    plan = site.plan(name="second", epsilon=1.7)
    refused = site.run("release", plan, "--out", site.folder / "deep" / "second")
    refused.refuses(3, "'budget'", "'second' costs epsilon 1.7", f"window {FIRST}", "epsilon 1.68 left of 2 ")
    assert site.state() == before
    assert not (site.folder / "deep").exists()
    assert not list(site.folder.rglob("*.part"))


def test_what_is_left_can_be_spent_and_then_nothing(paid: Site, copy: Copy) -> None:
    site = copy(paid)
    document = site.ok("release", site.plan(epsilon=1.67), "--out", site.folder / "second")
    assert document["again"] is False
    assert Fraction(site.spent()) < Fraction(site.ok("budget")["whole"]["rho"])
    site.run("release", site.plan(epsilon=0.2), "--out", site.folder / "third").refuses(3, "'budget'")


def test_a_device_pays_over_its_life_for_every_window(sealed_site: Site, copy: Copy) -> None:
    site = copy(sealed_site)
    for window, out in ((FIRST, "one"), (SECOND, "two")):
        site.ok("release", site.plan(window=window), "--out", site.folder / out)
    document = site.ok("budget")
    spent = [Fraction(window["spent"]["rho"]) for window in document["windows"]]
    assert spent[0] == spent[1] > 0
    assert Fraction(document["lifetime"]["rho"]) == sum(spent)
    assert "lifetime" in (site.folder / "two" / "release.json").read_text(encoding="utf-8")


def refused_for_nothing(site: Site, rule: str, *words: str, **changes: Any) -> None:
    """See that a plan is refused by a rule, and that nothing was written or spent."""
    plan = site.plan(**changes)
    before = site.state()
    site.run("release", plan, "--out", site.folder / "out").refuses(3, f"'{rule}'", *words)
    assert site.state() == before
    assert not list(site.folder.glob("out*"))


@pytest.mark.parametrize("purpose", ["curiosity", "immigration-enforcement", "border control", "Police"])
def test_purposes_that_are_unknown_or_against_people(town: Site, copy: Copy, purpose: str) -> None:
    refused_for_nothing(copy(town), "purpose", f"'{purpose}'", purpose=purpose)


def test_a_window_that_is_not_sealed(taken_site: Site, copy: Copy) -> None:
    refused_for_nothing(copy(taken_site), "sealed", "hereabouts seal")


def test_a_window_that_nobody_was_in_is_released_like_any_other(sealed_site: Site, copy: Copy) -> None:
    """A refusal would say that nobody was; noise says nothing. After the last sealed window none is sealed."""
    site = copy(sealed_site)
    before = "2024-02-26/2024-03-04"
    site.ok("release", site.plan(window=before), "--out", site.folder / "before")
    assert site.ok("verify", site.folder / "before")["sound"]
    refused_for_nothing(site, "sealed", "hereabouts seal", window="2024-03-18/2024-03-25")


def test_whether_a_row_is_late_does_not_depend_on_others(sealed_site: Site, copy: Copy) -> None:
    """A window before the sealed ones takes no rows, whether somebody was in it or not."""
    site = copy(sealed_site)
    (receipt,) = site.ok("intake", site.csv(["a,2024-02-27T00:00:00Z,52.3,-1.1,true"]), "--supplier", "acme")
    assert (receipt["taken"], receipt["dropped"]) == (0, {"late": 1})


def test_sealing_up_to_a_day_is_the_operators_word(taken_site: Site, copy: Copy) -> None:
    site = copy(taken_site)
    (sealed,) = site.ok("seal", "--until", "2024-03-12")
    assert sealed["window"] == FIRST
    assert [w["window"] for w in site.ok("seal", "--until", "2024-03-30")] == [SECOND]
    site.ok("release", site.plan(window="2024-03-18/2024-03-25"), "--out", site.folder / "empty")
    site.run("seal", "--until", "2999-01-01").refuses(2, "a day that has begun")


def test_embargo(empty_site: Site, copy: Copy) -> None:
    """A window that has just been closed, by force or by the clock, describes what is going on."""
    site = copy(empty_site)
    now = dt.datetime.now(dt.UTC)
    site.ok("intake", site.csv([f"a,{now:%Y-%m-%dT%H:%M:%SZ},52.3,-1.1,true"]), "--supplier", "acme")
    assert site.ok("seal") == [], "it is not over"
    (sealed,) = site.ok("seal", "--all")
    refused_for_nothing(site, "embargo", "7 days", "try again from", window=sealed["window"])


def test_a_regulated_policy(tmp_path: Path, taken_site: Site, feed: Path, command: Command) -> None:
    """Nothing begins without an officer; what else it asks for is in test_rules_and_paths.py."""
    site = type(taken_site)(tmp_path)
    assert command("init", site.store, "--policy", "regulated").code == 0
    refused_for_nothing(site, "officer", "regulated", "nobody is appointed")
